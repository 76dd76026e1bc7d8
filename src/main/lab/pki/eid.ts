/**
 * Makes an EID: prefix and serial number to 30 digits, then two check digits so that the whole number is 1 modulo 97
 * (SGP.02 / SGP.22 EID definition). `prefix` is at least the eight digits of the EUM's range.
 */
export function makeEid(prefix: string, serial: number | bigint): string {
  const room = 30 - prefix.length;
  const digits = serial.toString();
  if (!/^89\d{6,26}$/.test(prefix)) throw new RangeError('an EID prefix is 8 to 28 digits beginning 89');
  if (!/^\d+$/.test(digits) || digits.length > room) throw new RangeError(`an EID serial number has at most ${room} digits here`);
  const body = prefix + digits.padStart(room, '0');
  const check = 98n - (BigInt(`${body}00`) % 97n);
  return body + check.toString().padStart(2, '0');
}

/** The 16 packed octets of an EID, as the key derivation and tag 5A carry it. */
export function eidBytes(eid: string): Uint8Array {
  if (!/^\d{32}$/.test(eid)) throw new RangeError('an EID has 32 digits');
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(eid.slice(2 * i, 2 * i + 2), 16));
}
