/** Certificates and revocation lists as people have them: DER, or PEM with anything around the block, or bare base64. */
import { DeskProblem } from '../context.ts';

const LIMIT = 64 * 1024;
const CRL_LIMIT = 256 * 1024 * 1024;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** What stands between the BEGIN and END lines of each block with this label; undefined for a block without an end. */
function pemBlocks(text: string, label: string): (string | undefined)[] {
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`];
  const blocks: (string | undefined)[] = [];
  for (let at = text.indexOf(begin); at >= 0; ) {
    const stop = text.indexOf(end, at);
    blocks.push(stop < 0 ? undefined : text.slice(at + begin.length, stop).replace(/\s+/g, ''));
    at = stop < 0 ? -1 : text.indexOf(begin, stop);
  }
  return blocks;
}

const decoded = (body: string): Uint8Array => Uint8Array.from(Buffer.from(body, 'base64'));
const asText = (file: Uint8Array): string => Buffer.from(file.buffer, file.byteOffset, file.byteLength).toString('latin1');

/** The DER of the one certificate in a file. Throws {@link DeskProblem} `CERTIFICATE_MALFORMED`. */
export function certificateDer(file: Uint8Array): Uint8Array {
  const refuse = (message: string): never => {
    throw new DeskProblem('CERTIFICATE_MALFORMED', message, { field: 'certificate' });
  };
  if (file.length === 0) refuse('The certificate file is empty.');
  if (file.length > LIMIT) refuse('The file is too large to be one certificate.');
  if (file[0] === 0x30) return Uint8Array.from(file);
  const [body, ...more] = pemBlocks(asText(file), 'CERTIFICATE');
  if (body === undefined) {
    return refuse(asText(file).includes('-----BEGIN CERTIFICATE-----') ? 'The PEM block has no END line: the file is cut off.' : 'The file is neither a DER certificate nor PEM with a CERTIFICATE block.');
  }
  if (more.length > 0) refuse('The file holds several certificates; import each one under its own role.');
  if (!base64.test(body)) refuse('The PEM block is not base64 text.');
  return decoded(body);
}

/**
 * The DER of what a revocation list file holds: one list or segmented list, or a PEM block for each segment. A CI's server sends
 * base64 without PEM lines (SGP.22 v2.2, 4.5.2.1.3). Throws {@link DeskProblem} `CRL_MALFORMED`.
 */
export function crlDers(file: Uint8Array): Uint8Array[] {
  const refuse = (message: string): never => {
    throw new DeskProblem('CRL_MALFORMED', message, { field: 'crl' });
  };
  if (file.length === 0) refuse('The file is empty.');
  if (file.length > CRL_LIMIT) refuse('The file is too large to be a revocation list.');
  if (file[0] === 0x30) return [Uint8Array.from(file)];
  const text = asText(file);
  const blocks = pemBlocks(text, 'X509 CRL');
  if (blocks.length > 0) {
    return blocks.map((body) => (body !== undefined && base64.test(body) ? decoded(body) : refuse('A PEM block has no END line or is not base64 text: the file is cut off or damaged.')));
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) refuse('The file holds a certificate, not a revocation list (X509 CRL).');
  const bare = text.replace(/\s+/g, '');
  if (!base64.test(bare) || !bare.startsWith('M')) refuse('The file is neither a DER revocation list, nor PEM with an X509 CRL block, nor base64 text of one.');
  return [decoded(bare)];
}

export function certificatePem(der: Uint8Array): string {
  const text = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
}
