import { lengthBytes, utf8Bytes } from '../../../shared/tlv/index.ts';
import { badValue } from './workbench.ts';

/** A text in a TLV 80 (TS 31.103, 4.2.2). */
export function uriRecord(text: string, place: string): Uint8Array {
  const bytes = utf8Bytes(text);
  if (bytes.length < 1 || bytes.length > 250) throw badValue(place, 'The text has 1 to 250 octets.');
  return Uint8Array.from([0x80, ...lengthBytes(bytes.length), ...bytes]);
}
