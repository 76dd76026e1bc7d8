import { pki } from '../../../shared/contract/pki.ts';
import { command, query } from '../router/implement.ts';
import type { Implemented } from '../router/implement.ts';
import { crlView, prepareCrl, storeCrl } from './crl-import.ts';
import type { PreparedCrl } from './crl-import.ts';
import { mismatches } from './euiccs.ts';
import { horizon } from './horizon.ts';
import { identitiesChanged, loadIdentities } from './identities.ts';
import { certificateView, prepareCertificate, storeCertificate } from './import.ts';
import type { CertificateInput } from './import.ts';
import { crlViews, exportedCertificate, identityViews, listedCertificates, policyText, revokedViews } from './overview.ts';
import type { CertificateRecord, NewCertificate } from './records.ts';
import { prepareRetirement, retire } from './retire.ts';
import { revocationChanged } from './revocation.ts';

export function procedures(): Implemented[] {
  return [
    query(pki.list, async (ctx) => ({ rows: await listedCertificates(ctx) })),
    query(pki.certificate, (ctx, { identity, role }) => exportedCertificate(ctx, identity, role as CertificateInput['role'])),
    query(pki.identities, async (ctx) => ({ rows: await identityViews(ctx) })),
    query(pki.horizon, async (ctx) => ({ rows: await horizon(ctx) })),
    query(pki.mismatch, async (ctx, { identities }) => mismatches(ctx, await loadIdentities(ctx, identities))),
    query(pki.crls, async (ctx) => {
      const policy = ctx.settings().revocation;
      return { rows: await crlViews(ctx), policy, policyText: policyText(policy) };
    }),
    query(pki.revoked, (ctx, { issuerKeyId, after, limit }) => revokedViews(ctx, issuerKeyId, after ?? '', limit)),
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
    command<typeof pki.importCrl.input, typeof pki.importCrl.output, typeof pki.importCrl, PreparedCrl>(pki.importCrl, {
      before: (ctx, input) => prepareCrl(ctx, ctx.uploads.take(input.crl)),
      run: async (tx, ctx, _input, prepared) => {
        const id = await storeCrl(tx, prepared);
        const { row, state, newlyRevoked, ours, warnings, identities, inForce } = prepared;
        return { crl: crlView({ ...row, id }, identities, ctx.clock.now(), inForce), state, newlyRevoked, ours: [...ours], warnings: [...warnings] };
      },
      after: (ctx) => {
        revocationChanged(ctx);
        identitiesChanged(ctx);
      },
      object: (_input, output) => ({ type: 'crl', id: output.crl.issuerKeyId }),
      changes: ['pki'],
    }),
    command<typeof pki.retire.input, typeof pki.retire.output, typeof pki.retire, CertificateRecord[]>(pki.retire, {
      before: (ctx, input) => prepareRetirement(ctx, input.identity, input.certificateId),
      run: (tx, _ctx, input, chosen) => retire(tx, input.identity, chosen),
      after: (ctx) => identitiesChanged(ctx),
      object: (input) => ({ type: 'certificate', id: input.identity }),
      changes: ['pki'],
    }),
  ];
}
