import { z } from 'zod';
import { instant, procedure, uploadHandle } from './define.ts';

export const certificateRoles = ['ci', 'eum', 'dpauth', 'dppb', 'tls'] as const;

export const certificateRow = z.object({
  identity: z.string(), role: z.enum(certificateRoles), subject: z.string(), subjectKeyId: z.string(), authorityKeyId: z.string().optional(),
  curve: z.string(), notBefore: instant, notAfter: instant, sha256: z.string(), oid: z.string().optional(), dnsNames: z.array(z.string()),
  key: z.enum(['none', 'software', 'pkcs11']), test: z.boolean(),
});

export const pki = {
  list: procedure({
    name: 'pki.list', kind: 'query', summary: 'Identities with their certificates and where each key lives',
    input: z.object({}), output: z.object({ rows: z.array(certificateRow) }), permission: 'keys.view',
    audit: { record: 'none', why: 'public certificates' }, errors: [],
  }),
  import: procedure({
    name: 'pki.import', kind: 'command', summary: 'Imports a certificate (DER or PEM), with its private key where the role has one',
    input: z.object({ identity: z.string().min(1).max(64).regex(/^[A-Za-z0-9._-]+$/), role: z.enum(certificateRoles), certificate: uploadHandle, key: uploadHandle.optional() }),
    output: certificateRow, permission: 'keys.manage',
    audit: { record: 'always', event: 'certificate.imported', fields: ['identity', 'role', 'sha256', 'subjectKeyId', 'notAfter'] },
    errors: ['CERTIFICATE_MALFORMED', 'CERTIFICATE_ROLE', 'CERTIFICATE_CHAIN', 'CERTIFICATE_CURVE', 'CERTIFICATE_DATES', 'KEY_MALFORMED', 'KEY_MISMATCH', 'KEY_MISSING', 'KEY_UNEXPECTED', 'CERTIFICATE_OID_MISMATCH'],
  }),
};
