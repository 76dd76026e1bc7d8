import { devices } from '../../../shared/contract/devices.ts';
import type { EuiccRow } from '../../../shared/contract/devices.ts';
import { parseEuiccInfo2 } from '../../rsp/index.ts';
import { DeskProblem } from '../context.ts';
import { query } from '../router/implement.ts';
import type { Implemented } from '../router/implement.ts';
import type { EuiccRecord } from './records.ts';

/** euiccCategory (SGP.22 v2.2, 5.7.8). */
const categories: Readonly<Record<string, string>> = { 0: 'other', 1: 'basicEuicc', 2: 'mediumEuicc', 3: 'contactlessEuicc' };

function view(row: EuiccRecord): EuiccRow {
  const info = parseEuiccInfo2(row.info2);
  const forbidden = info.forbiddenProfilePolicyRules;
  return {
    eid: row.eid, firstSeen: row.first_seen, lastSeen: row.last_seen, sessions: row.sessions, svn: row.svn, profileVersion: row.profile_version,
    firmwareVersion: row.firmware_version, capabilities: [...info.uiccCapability],
    forbiddenPolicyRules: (['ppr1', 'ppr2'] as const).filter((rule) => forbidden?.[rule]).map((rule) => rule.toUpperCase()),
    ciKeyIds: JSON.parse(row.ci_ids) as EuiccRow['ciKeyIds'],
    ...(row.free_nvm === null ? {} : { freeNonVolatileMemory: row.free_nvm }), ...(row.free_ram === null ? {} : { freeVolatileMemory: row.free_ram }),
    ...(row.category === null ? {} : { category: categories[row.category] ?? row.category }), ...(row.sas ? { sasAccreditation: row.sas } : {}),
    ...(row.tac === null ? {} : { tac: row.tac }),
  };
}

function readCursor(cursor: string): readonly [number, string] {
  const match = /^(\d{1,15})-(\d{32})$/.exec(cursor);
  if (!match) throw new DeskProblem('INPUT_INVALID', 'This is not a position in the list of eUICCs.', { field: 'cursor' });
  return [Number(match[1]), match[2]!];
}

const LAST = '\u{10ffff}';

export function procedures(): Implemented[] {
  return [
    query(devices.list, async (ctx, input) => {
      let q = ctx.reader.selectFrom('euiccs').selectAll();
      const digits = input.filter.text?.replace(/\s+/g, '');
      if (digits) q = q.where((e) => e.or([e.and([e('eid', '>=', digits), e('eid', '<', digits + LAST)]), e('tac', '=', digits)]));
      if (input.cursor !== undefined) {
        const [at, eid] = readCursor(input.cursor);
        q = q.where((e) => e.or([e('last_seen', '<', at), e.and([e('last_seen', '=', at), e('eid', '<', eid)])]));
      }
      const rows = await q.orderBy('last_seen', 'desc').orderBy('eid', 'desc').limit(input.limit + 1).execute();
      const page = rows.slice(0, input.limit);
      const last = page.at(-1);
      return { rows: page.map(view), ...(rows.length > input.limit && last ? { next: `${last.last_seen}-${last.eid}` } : {}) };
    }),
    query(devices.show, async (ctx, input) => {
      const row = await ctx.reader.selectFrom('euiccs').selectAll().where('eid', '=', input.eid).executeTakeFirst();
      if (!row) throw new DeskProblem('NOT_FOUND', 'No eUICC with this EID authenticated here.', { field: 'eid' });
      return view(row);
    }),
  ];
}
