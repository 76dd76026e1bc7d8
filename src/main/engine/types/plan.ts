/** What a template is personalised with when nobody says otherwise: every value it has a place for. */
import type { LateName, PersonalisationPlan, PlmnEntry, SlotName } from '../../saip/index.ts';
import { compileTemplate, emptyList, readPackage, SaipError, writeList } from '../../saip/index.ts';
import { findFiles, viewFile } from '../../saip/files.ts';
import { plmnText } from '../../rsp/digits.ts';
import { sameBytes } from '../../../shared/tlv/index.ts';

/** Without these a profile cannot be told from the next one. */
const REQUIRED: readonly SlotName[] = ['iccid', 'imsi'];
/** Taken when the template has a place. Provider name and service centre stay as the template has them. */
const OPTIONAL: readonly SlotName[] = [
  'acc', 'k', 'opc', 'pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'adm2', 'msisdn', 'scp80Kic', 'scp80Kid', 'scp80Kik', 'impi', 'impu', 'scp81Psk', 'scp81Dek',
  'scp02Enc', 'scp02Mac', 'scp02Dek', 'scp03Enc', 'scp03Mac', 'scp03Dek',
];
const LATE: readonly LateName[] = ['oplmnwact', 'hplmnwact', 'fplmn', 'ehplmn'];

/**
 * The default personalisation plan of a package. Roaming lists become late slots that begin with the template's own list;
 * a list that could not be kept byte for byte stays part of the base. Throws `SaipError` when ICCID or IMSI have no place.
 */
export function defaultPlan(der: Uint8Array): PersonalisationPlan {
  const slots = [...REQUIRED, ...OPTIONAL.filter((name) => compiles(der, { slots: [...REQUIRED, name] }))];
  const constants: Partial<Record<LateName, PlmnEntry[] | string[]>> = {};
  const late: LateName[] = [];
  for (const name of LATE) {
    const list = listOf(der, name);
    if (!list || !compiles(der, { slots, late: [name], constants: { [name]: list } })) continue;
    late.push(name);
    if (list.length > 0) constants[name] = list;
  }
  return { slots, late, constants: constants as NonNullable<PersonalisationPlan['constants']> };
}

function compiles(der: Uint8Array, plan: PersonalisationPlan): boolean {
  try {
    compileTemplate(der, plan);
    return true;
  } catch (error) {
    if (error instanceof SaipError && (error.code === 'SLOT_NO_TARGET' || error.code === 'SLOT_BAD_TARGET')) return false;
    throw error;
  }
}

/** The entries of a roaming list in the template; `undefined` when there is none or writing them would change it. */
function listOf(der: Uint8Array, name: LateName): PlmnEntry[] | string[] | undefined {
  const bodies = findFiles(readPackage(der).elements, `ef-${name}`).map((site) => viewFile(site).body);
  const body = bodies[0];
  const size = name === 'fplmn' || name === 'ehplmn' ? 3 : 5;
  if (!body || body.length === 0 || body.length % size !== 0 || bodies.some((other) => !sameBytes(other, body))) return undefined;
  const entries: PlmnEntry[] = [];
  for (let at = 0; at < body.length; at += size) {
    if (body[at] === 0xff && body[at + 1] === 0xff && body[at + 2] === 0xff) continue;
    const { mcc, mnc } = plmnText(body.subarray(at, at + 3));
    if (!/^\d{3}$/.test(mcc) || !/^\d{2,3}$/.test(mnc)) return undefined;
    entries.push({ plmn: mcc + mnc, act: size === 5 ? body[at + 3]! * 256 + body[at + 4]! : 0 });
  }
  const list = size === 5 ? entries : entries.map((entry) => entry.plmn);
  const again = new Uint8Array(body.length);
  emptyList(name, again, 0, again.length);
  writeList(name, list, again, 0, again.length);
  // An empty list of all FF is the same to the card as one of empty entries.
  return entries.length === 0 || sameBytes(again, body) ? list : undefined;
}
