import { DeskProblem } from '../context.ts';

export const iconLimit = 1024;
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff];

/**
 * Which of the two kinds an icon is, by its first octets (SGP.22 v2.2, 5.5.3: PNG or JPEG, 64 by 64 pixels, at most 1,024
 * octets). Throws {@link DeskProblem} `ICON_INVALID`.
 */
export function iconType(bytes: Uint8Array): 'png' | 'jpg' {
  const begins = (magic: readonly number[]): boolean => magic.every((octet, index) => bytes[index] === octet);
  if (bytes.length === 0 || bytes.length > iconLimit) {
    throw new DeskProblem('ICON_INVALID', `An icon has at most ${iconLimit} bytes; this one has ${bytes.length}.`, { field: 'icon', hint: 'Save it as 64 by 64 pixels with fewer colours.' });
  }
  if (begins(PNG)) return 'png';
  if (begins(JPEG)) return 'jpg';
  throw new DeskProblem('ICON_INVALID', 'The icon is neither a PNG nor a JPEG picture.', { field: 'icon' });
}
