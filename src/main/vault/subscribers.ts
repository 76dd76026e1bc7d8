/**
 * Secrets of one subscriber as a stock file brings them. Encoded for sealing: for each value that is there, its number
 * (1 octet, from 1 in the order of {@link NAMES}), its length (1) and its octets.
 */
import { adm, pin, puk, SaipError } from '../saip/index.ts';
import { VaultError } from '../vault-link/operations.ts';
import type { SubscriberSecrets } from '../vault-link/operations.ts';

// The order is part of the stored form: append only.
const NAMES = [
  'k', 'opc', 'op', 'pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'scp80Kic', 'scp80Kid', 'scp80Kik', 'adm2', 'scp81Psk', 'scp81Dek', 'scp02Enc',
  'scp02Mac', 'scp02Dek', 'scp03Enc', 'scp03Mac', 'scp03Dek', 'impi', 'impu',
] as const satisfies (keyof SubscriberSecrets)[];

type SecretName = (typeof NAMES)[number];

const LENGTHS: Partial<Record<SecretName, readonly number[]>> = {
  k: [16, 32], opc: [16, 32], op: [16, 32], scp80Kic: [16, 24, 32], scp80Kid: [16, 24, 32], scp80Kik: [16, 24, 32],
  scp81Psk: [16, 24, 32], scp81Dek: [16, 24, 32], scp02Enc: [16], scp02Mac: [16], scp02Dek: [16],
  scp03Enc: [16, 24, 32], scp03Mac: [16, 24, 32], scp03Dek: [16, 24, 32],
};

const CODES: Partial<Record<SecretName, (value: Uint8Array, out: Uint8Array, at: number, place: string) => void>> = {
  pin1: pin, pin2: pin, puk1: puk, puk2: puk, adm1: adm, adm2: adm,
};

/** How many octets a key may have; undefined for what is no key. */
export const secretOctets = (name: keyof SubscriberSecrets): readonly number[] | undefined => LENGTHS[name as SecretName];

/** ICCID as the vault binds it: digits alone, so that a padding F makes no difference. */
export function plainIccid(iccid: string): string {
  const digits = /^(\d{18,20})F?$/i.exec(iccid)?.[1];
  if (!digits) throw new VaultError('VAULT_INPUT_INVALID', 'an ICCID has 18 to 20 digits');
  return digits;
}

/** Throws {@link VaultError} SECRETS_INVALID with the profile and the field; never the value. */
export function checkSecrets(iccid: string, secrets: SubscriberSecrets): void {
  const invalid = (name: string, why: string): VaultError => new VaultError('SECRETS_INVALID', `${name} of profile ${iccid}: ${why}`);
  for (const name of NAMES) {
    const value = secrets[name];
    if (!value) continue;
    const lengths = LENGTHS[name];
    if (lengths && !lengths.includes(value.length)) throw invalid(name, `must have ${lengths.join(' or ')} octets`);
    const scratch = new Uint8Array(8);
    try {
      CODES[name]?.(value, scratch, 0, name);
    } catch (error) {
      if (error instanceof SaipError) throw invalid(name, error.message);
      throw error;
    } finally {
      scratch.fill(0);
    }
  }
  if (!secrets.k && (secrets.opc || secrets.op)) throw invalid('k', 'is missing, while OPc or OP is given');
}

/** The caller zeroes the result. */
export function encodeSecrets(secrets: SubscriberSecrets): Uint8Array {
  const out = new Uint8Array(NAMES.reduce((sum, name) => sum + (secrets[name] ? 2 + secrets[name].length : 0), 0));
  let at = 0;
  NAMES.forEach((name, index) => {
    const value = secrets[name];
    if (!value) return;
    out[at] = index + 1;
    out[at + 1] = value.length;
    out.set(value, at + 2);
    at += 2 + value.length;
  });
  return out;
}

/** The values are views of `encoded`. Throws {@link VaultError} SEAL_BROKEN when another version wrote it. */
export function decodeSecrets(encoded: Uint8Array): SubscriberSecrets {
  const secrets: SubscriberSecrets = {};
  for (let at = 0; at < encoded.length;) {
    const name = NAMES[encoded[at]! - 1];
    const end = at + 2 + (encoded[at + 1] ?? 0);
    if (!name || end > encoded.length) throw new VaultError('SEAL_BROKEN', 'the sealed subscriber was written by another version of the vault');
    secrets[name] = encoded.subarray(at + 2, end);
    at = end;
  }
  return secrets;
}
