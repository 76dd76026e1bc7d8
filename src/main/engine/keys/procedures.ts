import { pki } from '../../../shared/contract/pki.ts';
import { command, query } from '../router/implement.ts';
import type { Implemented } from '../router/implement.ts';
import { identitiesChanged } from './identities.ts';
import { certificateView, prepareCertificate, storeCertificate } from './import.ts';
import type { CertificateInput } from './import.ts';
import { activeCertificates } from './records.ts';
import type { NewCertificate } from './records.ts';

export function procedures(): Implemented[] {
  return [
    query(pki.list, async (ctx) => ({ rows: (await activeCertificates(ctx.reader)).map(certificateView) })),
    command<typeof pki.import.input, typeof pki.import.output, typeof pki.import, NewCertificate>(pki.import, {
      before: async (ctx, input) => {
        const certificate = ctx.uploads.take(input.certificate);
        const key = input.key === undefined ? undefined : ctx.uploads.take(input.key);
        return prepareCertificate(ctx, { identity: input.identity, role: input.role as CertificateInput['role'], certificate, key });
      },
      run: async (tx, _ctx, _input, row) => {
        await storeCertificate(tx, row);
        return certificateView(row);
      },
      after: (ctx) => identitiesChanged(ctx),
      object: (_input, output) => ({ type: 'certificate', id: `${output.identity}/${output.role}` }),
      changes: ['pki'],
    }),
  ];
}
