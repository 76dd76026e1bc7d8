/** session list, show, export; decode. */
import { isUtf8 } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { OutputOf } from '../../shared/contract/define.ts';
import { contract } from '../../shared/contract/index.ts';
import { type SessionFilter, sessionPhases, type TreeRow } from '../../shared/contract/sessions.ts';
import { mask } from '../../shared/identifiers/index.ts';
import { refuse, table } from './output.ts';
import { addCommand, collect, group, oneOf, type Options, pageSize } from './program.ts';
import { existing, readFileOrRefuse, withAnyEngine, withSession } from './session.ts';

type Session = OutputOf<typeof contract.sessions.show>;
type Decoded = OutputOf<typeof contract.sessions.decode>;

interface ListOptions { limit?: number; phase?: SessionFilter['phases']; code?: string[]; identity?: string[]; text?: string; failing?: boolean }

const moment = (at: number) => new Date(at).toISOString();

const statusCode = (text: string): string => {
  if (!/^\d[\d.]*\/\d[\d.]*$/.test(text)) throw new InvalidArgumentError('a code like 8.2.6/3.8 is needed.');
  return text;
};

function sessionText(session: Session): string {
  const first = session.stepList[0]?.at ?? session.startedAt;
  return [
    `${session.transactionId}  ${session.phase}${session.code === undefined ? '' : ` [${session.code}]`}`,
    `Started    ${moment(session.startedAt)}`,
    `EID        ${session.eid !== undefined ? mask(session.eid) : session.claimedEid !== undefined ? `${mask(session.claimedEid)} (claimed, not proven)` : 'not told'}`,
    `ICCID      ${session.iccid ?? 'not chosen'}`,
    `Order      ${session.orderId ?? 'none'}`,
    `Device     TAC ${session.tac ?? 'unknown'}, SGP.22 ${session.svn ?? 'unknown'}, ${session.binding ?? 'json'}`,
    table(['after', 'function', 'ms', 'in', 'out', 'result'], session.stepList.map((step) => [
      `${step.at - first} ms`, step.function, String(step.milliseconds), String(step.requestBytes), String(step.responseBytes), step.code === undefined ? 'done' : `${step.code} ${step.cause ?? ''}`,
    ])),
    ...session.stepList.flatMap((step) => [
      ...(step.detail === undefined ? [] : [`${step.code ?? ''}: ${step.detail}`]), ...(step.action === undefined ? [] : [`${step.code ?? ''}: ${step.action}`]),
    ]),
  ].join('\n');
}

const treeText = (rows: readonly TreeRow[]): string[] =>
  rows.map((row) => `    ${'  '.repeat(row.depth)}${row.name}${row.tag === undefined ? '' : ` [${row.tag}]`}${row.value === undefined ? '' : ` ${row.value}`}${row.note === undefined ? '' : ` (${row.note})`}`);

function decodedText({ findings, tried, links }: Decoded): string {
  if (findings.length === 0) return ['Nothing was found. Looked for:', ...tried.map((one) => `  ${one}`)].join('\n');
  return [
    ...findings.flatMap((found) => [
      `${found.code === undefined || found.title.includes(found.code) ? '' : `${found.code}  `}${found.title}`,
      ...(found.cause === undefined ? [] : [`  ${found.cause}`]), ...(found.action === undefined ? [] : [`  What to do: ${found.action}`]),
      ...(found.facts ?? []).map((fact) => `  ${fact.name}: ${fact.value}`), ...treeText(found.tree ?? []), ...(found.cut ? ['    … more was left out'] : []),
    ]),
    ...(links.length === 0 ? [] : ['In this workspace:', ...links.map((link) => `  ${link.kind} ${link.id}: ${link.text}`)]),
  ].join('\n');
}

/** What is no text is shown to the decoder as hexadecimal digits: DER as it lies in a file. */
function asText(bytes: Buffer): string {
  return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString('utf8') : bytes.toString('hex');
}

export function addSessionCommands(program: Command): void {
  const session = group(program, 'session', 'download sessions of devices');
  addCommand(session, 'list', 'list sessions, newest first')
    .option('--limit <number>', 'how many, at most 500 (100)', pageSize)
    .option('--phase <phase>', 'only in this phase; may be given again', collect(oneOf(...sessionPhases)))
    .option('--code <code>', 'only with this code (8.2.6/3.8); may be given again', collect(statusCode))
    .option('--identity <name>', 'only served by this identity; may be given again', collect((text) => text))
    .option('--text <text>', 'ICCID, EID, TransactionID or MatchingID, or its beginning')
    .option('--failing', 'only with a code')
    .action((options: Options<ListOptions>) => withSession(options, existing, async ({ call, output }) => {
      const page = await call(contract.sessions.list, {
        limit: options.limit ?? 100,
        filter: {
          ...(options.phase ? { phases: options.phase } : {}), ...(options.code ? { codes: options.code } : {}), ...(options.identity ? { identities: options.identity } : {}),
          ...(options.text === undefined ? {} : { text: options.text }), ...(options.failing ? { failedOnly: true } : {}),
        },
      });
      if (page.rows.length === 0 && options.identity !== undefined) {
        const names = (await call(contract.pki.identities, {})).rows.map((row) => row.name);
        const unknown = options.identity.find((name) => !names.includes(name));
        if (unknown !== undefined) refuse('IDENTITY_UNKNOWN', `There is no identity "${unknown}", and no session it served`, names.length === 0 ? 'There is no identity at all' : `There are ${names.join(', ')}`);
      }
      output.result(page, () => `${table(['TransactionID', 'started', 'phase', 'code', 'ICCID', 'EID'], page.rows.map((row) => [row.transactionId, moment(row.startedAt), row.phase, row.code ?? '', row.iccid ?? '', row.eid !== undefined ? mask(row.eid) : row.claimedEid === undefined ? '' : `${mask(row.claimedEid)}?`]))}${page.next === undefined ? '' : '\nthere are more (--limit)'}`);
    }));
  addCommand(session, 'show <transactionId>', 'show a session step by step')
    .action((transactionId: string, options: Options) => withSession(options, existing, async ({ call, output }) => {
      const found = await call(contract.sessions.show, { transactionId });
      output.result(found, () => sessionText(found));
    }));
  addCommand(session, 'export <transactionId>', 'write a session as a test fixture, without anything that leads to a person')
    .requiredOption('--out <file>', 'where to write it')
    .action((transactionId: string, options: Options<{ out: string }>) => withSession(options, existing, async ({ call, output }) => {
      const { fixture } = await call(contract.sessions.export, { transactionId });
      try {
        writeFileSync(options.out, `${JSON.stringify(fixture, undefined, 2)}\n`, { flag: 'wx' });
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        refuse('FILE_NOT_WRITTEN', code === 'EEXIST' ? `${options.out} is there already` : `${options.out} cannot be written (${code ?? 'unknown reason'})`);
      }
      output.result({ file: options.out, steps: fixture.steps.length, replaced: fixture.replaced, removed: fixture.removed }, () =>
        `${options.out}: ${fixture.steps.length} steps; replaced ${fixture.replaced.map((one) => `${one.values} ${one.kind}`).join(', ') || 'nothing'}`);
    }));
  addCommand(program, 'decode [text]', 'say what a code, message or log of a phone means ("-" or nothing reads standard input)')
    .action((text: string | undefined, options: Options) => withAnyEngine(options, async ({ call, output }) => {
      const given = text === undefined || text === '-' ? asText(readFileOrRefuse('-')) : text;
      if (given.length > 65_536) refuse('TEXT_TOO_LONG', 'The text is longer than 65,536 characters; cut it to the part around the failure');
      const decoded = await call(contract.sessions.decode, { text: given });
      if (decoded.findings.length === 0) output.refused(decoded, { code: 'NOTHING_FOUND', message: 'Nothing in the text is known' }, () => decodedText(decoded));
      else output.result(decoded, () => decodedText(decoded));
    }));
}
