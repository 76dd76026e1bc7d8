/** Certificates as people have them: DER, or PEM with anything around the block. */
import { DeskProblem } from '../context.ts';

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';
const LIMIT = 64 * 1024;

/** The DER of the one certificate in a file. Throws {@link DeskProblem} `CERTIFICATE_MALFORMED`. */
export function certificateDer(file: Uint8Array): Uint8Array {
  const refuse = (message: string): never => {
    throw new DeskProblem('CERTIFICATE_MALFORMED', message, { field: 'certificate' });
  };
  if (file.length === 0) refuse('The certificate file is empty.');
  if (file.length > LIMIT) refuse('The file is too large to be one certificate.');
  if (file[0] === 0x30) return Uint8Array.from(file);
  const text = Buffer.from(file.buffer, file.byteOffset, file.byteLength).toString('latin1');
  const start = text.indexOf(BEGIN);
  if (start < 0) refuse('The file is neither a DER certificate nor PEM with a CERTIFICATE block.');
  const end = text.indexOf(END, start);
  if (end < 0) refuse('The PEM block has no END line: the file is cut off.');
  if (text.indexOf(BEGIN, end) >= 0) refuse('The file holds several certificates; import each one under its own role.');
  const body = text.slice(start + BEGIN.length, end).replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) refuse('The PEM block is not base64 text.');
  return Uint8Array.from(Buffer.from(body, 'base64'));
}
