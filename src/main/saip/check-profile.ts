import { sameBytes } from '../../shared/tlv/index.ts';
import { checkAcc, checkIccid, checkImsi, checkSecrets, type ValueContext } from './check-values.ts';
import {
  acc as accBytes, adm as admBytes, type Digits, iccidHeader, imsiDigits, imsiEf, msisdnRecord, MSISDN_TAIL, pin as pinBytes, puk as pukBytes, smspRecord,
  SMSP_TAIL,
} from './encoders.ts';
import { SaipError } from './errors.ts';
import { type Finding, finding, type RuleId } from './findings.ts';
import { type CodeKind, judgeCode } from './rules/codes.ts';
import { isDefault } from './rules/domains.ts';

/** The values of one profile that rules can look at. Codes are ASCII digits or the eight stored bytes, as in `SlotValues`. */
export interface ProfileValues {
  readonly iccid?: Digits;
  /** The ICCID of the profile metadata, ten bytes with swapped nibbles (SGP.22 tag 5A). */
  readonly metadataIccid?: Uint8Array;
  readonly imsi?: Digits;
  readonly acc?: number;
  readonly k?: Uint8Array;
  readonly opc?: Uint8Array;
  readonly pin1?: Uint8Array;
  readonly pin2?: Uint8Array;
  readonly puk1?: Uint8Array;
  readonly puk2?: Uint8Array;
  readonly adm1?: Uint8Array;
  readonly adm2?: Uint8Array;
  /** Empty is a profile without a number. */
  readonly msisdn?: Digits;
  readonly smsp?: Digits;
  readonly scp80Kic?: Uint8Array;
  readonly scp80Kid?: Uint8Array;
  readonly scp80Kik?: Uint8Array;
  readonly scp81Psk?: Uint8Array;
  readonly scp81Dek?: Uint8Array;
  readonly scp02Enc?: Uint8Array;
  readonly scp02Mac?: Uint8Array;
  readonly scp02Dek?: Uint8Array;
  readonly scp03Enc?: Uint8Array;
  readonly scp03Mac?: Uint8Array;
  readonly scp03Dek?: Uint8Array;
}

const KEY_SET_KEYS = [
  'scp80Kic', 'scp80Kid', 'scp80Kik', 'scp81Psk', 'scp81Dek', 'scp02Enc', 'scp02Mac', 'scp02Dek', 'scp03Enc', 'scp03Mac', 'scp03Dek',
] as const satisfies readonly (keyof ProfileValues)[];

type Write = (out: Uint8Array) => void;

const CODES = [
  ['pin1', 'pin', pinBytes], ['pin2', 'pin', pinBytes], ['puk1', 'puk', pukBytes], ['puk2', 'puk', pukBytes], ['adm1', 'adm', admBytes], ['adm2', 'adm', admBytes],
] as const satisfies readonly (readonly [keyof ProfileValues, CodeKind, typeof pinBytes])[];

/**
 * Rules V13, V26, V28 to V31 and V35 on the values of one profile, before it is prepared. Absent values are not looked
 * at. Default secrets are errors, in the Lab warnings. No finding holds a secret; buffers made here are zeroed.
 */
export function checkProfileValues(values: ProfileValues, context: ValueContext = {}): Finding[] {
  const severity = context.lab ? 'warning' : 'error';
  const findings = checkSecrets(values.k, values.opc, 'profile', severity);
  const encode = (rule: RuleId, place: string, length: number, write: Write): Uint8Array | undefined => {
    const out = new Uint8Array(length);
    try {
      write(out);
      return out;
    } catch (error) {
      if (!(error instanceof SaipError)) throw error;
      findings.push(finding(rule, 'error', place, error.message));
      return undefined;
    }
  };
  for (const [name, kind, write] of CODES) {
    const code = values[name];
    const bytes = code && encode('V13', `profile/${name}`, 8, (out) => write(code, out, 0, name));
    const judged = bytes && judgeCode(kind, bytes);
    bytes?.fill(0);
    if (judged) findings.push(finding('V13', judged.known ? severity : 'error', `profile/${name}`, judged.message));
  }
  for (const name of KEY_SET_KEYS) {
    if (values[name] && isDefault(values[name])) findings.push(finding('V35', severity, `profile/${name}`, 'The key is a placeholder or a published test key.'));
  }
  const { iccid, imsi, acc, metadataIccid, msisdn, smsp } = values;
  if (iccid !== undefined) {
    const bytes = encode('V28', 'profile/iccid', 10, (out) => iccidHeader(iccid, out, 0));
    if (bytes) findings.push(...checkIccid(bytes, 'profile/iccid', context));
    if (bytes && metadataIccid && !sameBytes(metadataIccid.map((octet) => ((octet << 4) | (octet >>> 4)) & 0xff), bytes)) {
      findings.push(finding('V28', 'error', 'profile/metadata', 'The ICCID of the profile metadata differs.'));
    }
  }
  const imsiBytes = imsi === undefined ? undefined : encode('V29', 'profile/imsi', 9, (out) => imsiEf(imsi, out, 0));
  if (imsiBytes) findings.push(...checkImsi(imsiBytes, 'profile/imsi', context), ...checkOwnNetwork(imsiDigits(imsiBytes), context));
  if (acc !== undefined) {
    const bytes = encode('V30', 'profile/acc', 2, (out) => accBytes(acc, out, 0));
    if (bytes) findings.push(...checkAcc(bytes, 'profile/acc', imsiBytes && imsiDigits(imsiBytes)));
  }
  if (msisdn !== undefined && msisdn.length > 0) encode('V31', 'profile/msisdn', MSISDN_TAIL, (out) => msisdnRecord(msisdn, out, 0));
  if (smsp !== undefined) encode('V31', 'profile/smsp', SMSP_TAIL, (out) => smspRecord(smsp, out, 0));
  return findings;
}

function checkOwnNetwork(imsi: string | undefined, { owner }: ValueContext): Finding[] {
  if (!owner || imsi === undefined || imsi.startsWith(owner.plmn)) return [];
  return [finding('V29', 'error', 'profile/imsi', `The IMSI does not start with the network ${owner.plmn} of the profile owner.`, 'Give profile owner and IMSI the same network; the eUICC refuses the profile otherwise.')];
}
