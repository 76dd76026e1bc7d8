import { utf8Bytes } from '../../../shared/tlv/index.ts';
import type { FileFacts, FileMaker } from './files.ts';

/** The digest each package must match for ever: proof of what was prepared, without any secret. */
export function digestFile({ batch, template }: FileFacts): FileMaker {
  return {
    kind: 'digests', title: 'Digest list of the packages', name: `${batch.reference} digests.csv`, mediaType: 'text/csv',
    head: () => utf8Bytes('iccid,package_sha256,template,template_version,template_sha256\n'),
    rows: (rows) => {
      const tail = `,${/[",\n]/.test(template.name) ? `"${template.name.replaceAll('"', '""')}"` : template.name},${template.version},${Buffer.from(template.digest).toString('hex')}\n`;
      return utf8Bytes(rows.map((row) => `${row.iccid},${row.package_digest ? Buffer.from(row.package_digest).toString('hex') : ''}${tail}`).join(''));
    },
    foot: () => new Uint8Array(0),
  };
}
