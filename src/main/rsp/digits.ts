/** Digit strings of the RSP messages: packed EID, swapped ICCID, telephony BCD (TS 29.002), MCC and MNC (TS 24.008). */
import { fromHex, toHex } from '../../shared/tlv/index.ts';
import type { Bytes } from './asn1.ts';
import { RspError } from './errors.ts';

/** 32 digits as 16 octets in reading order (SGP.22 annex G uses the EID in this form). */
export function eidBytes(eid: string): Bytes {
  if (!/^\d{32}$/.test(eid)) throw new RspError('VALUE_INVALID', 'an EID has 32 digits');
  return fromHex(eid);
}

export function eidText(eid16: Bytes): string {
  const text = toHex(eid16);
  if (!/^\d{32}$/.test(text)) throw new RspError('VALUE_INVALID', 'an EID has 32 digits');
  return text;
}

/** Digits with swapped nibbles, an odd count padded with F. */
export function swappedDigits(digits: string): Bytes {
  const padded = digits.length % 2 ? `${digits}F` : digits;
  const out = new Uint8Array(padded.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(padded[2 * i + 1]! + padded[2 * i]!, 16);
  return out;
}

/** Nibbles swapped back; filler F at the end is dropped, any other non-digit stays visible as a hexadecimal letter. */
export function swappedText(octets: Bytes): string {
  let text = '';
  for (const octet of octets) text += (octet & 0x0f).toString(16) + (octet >> 4).toString(16);
  return text.replace(/f+$/, '').toUpperCase();
}

/** ICCID of 18 to 20 digits as the 10 octets of EF.ICCID (tag 5A). A trailing filler F in the text is tolerated. */
export function iccidBytes(iccid: string): Bytes {
  const digits = iccid.replace(/[Ff]+$/, '');
  if (!/^\d{18,20}$/.test(digits)) throw new RspError('VALUE_INVALID', 'an ICCID has 18 to 20 digits');
  return swappedDigits(digits.padEnd(20, 'F'));
}

export function iccidText(octets10: Bytes): string {
  return swappedText(octets10);
}

/** MCC and MNC as in TS 24.008: MCC2|MCC1, MNC3|MCC3, MNC2|MNC1, MNC3 = F for a two-digit MNC. */
export function plmnBytes(mcc: string, mnc: string): Bytes {
  if (!/^\d{3}$/.test(mcc) || !/^\d{2,3}$/.test(mnc)) throw new RspError('VALUE_INVALID', 'an MCC has three digits and an MNC two or three');
  const nibble = (text: string, index: number): number => (index < text.length ? Number(text[index]) : 15);
  return Uint8Array.of(
    (nibble(mcc, 1) << 4) | nibble(mcc, 0),
    (nibble(mnc, 2) << 4) | nibble(mcc, 2),
    (nibble(mnc, 1) << 4) | nibble(mnc, 0),
  );
}

/** Wildcard and filler nibbles other than a missing third MNC digit stay visible as hexadecimal letters. */
export function plmnText(octets3: Bytes): { mcc: string; mnc: string } {
  const digit = (value: number): string => value.toString(16).toUpperCase();
  const [a, b, c] = [octets3[0] ?? 0xff, octets3[1] ?? 0xff, octets3[2] ?? 0xff];
  const third = b >> 4;
  return {
    mcc: digit(a & 15) + digit(a >> 4) + digit(b & 15),
    mnc: digit(c & 15) + digit(c >> 4) + (third === 15 ? '' : digit(third)),
  };
}
