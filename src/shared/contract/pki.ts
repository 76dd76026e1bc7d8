import { z } from 'zod';
import { instant, procedure, uploadHandle } from './define.ts';

export const certificateRoles = ['ci', 'eum', 'dpauth', 'dppb', 'tls'] as const;

export const certificateRow = z.object({
  identity: z.string(), role: z.enum(certificateRoles), subject: z.string(), subjectKeyId: z.string(), authorityKeyId: z.string().optional(),
  curve: z.string(), notBefore: instant, notAfter: instant, sha256: z.string(), oid: z.string().optional(), dnsNames: z.array(z.string()),
  key: z.enum(['none', 'software', 'pkcs11']), test: z.boolean(),
});

/** A certificate as `pki.list` shows it. */
export const listedCertificate = certificateRow.extend({
  id: z.number().int(),
  /** Upper-case hexadecimal, as revocation lists name it. */
  serial: z.string(),
  revokedAt: instant.optional(),
  /** Whether it does now what its role asks for. */
  usable: z.boolean(),
  /** A sentence, when it is not usable. */
  why: z.string().optional(),
});
export type ListedCertificate = z.infer<typeof listedCertificate>;

export const crlRow = z.object({
  id: z.number().int(),
  issuer: z.string(),
  /** Subject key identifier of the CI or EUM that issued the list, lower-case hexadecimal. */
  issuerKeyId: z.string(),
  role: z.enum(['ci', 'eum']),
  /** Identities whose CI (or EUM) it is. */
  identities: z.array(z.string()),
  /** CRL number, decimal; up to 20 octets long. */
  number: z.string(),
  thisUpdate: instant,
  nextUpdate: instant,
  /** Entries of this issue of the list. */
  revoked: z.number().int(),
  /** Certificates revoked by this issuer altogether: who was revoked once stays so, also when a newer list no longer names it. */
  inForce: z.number().int(),
  sha256: z.string(),
  importedAt: instant,
  /** `overdue`: a newer one should have been published; revocations since are not known here. */
  state: z.enum(['current', 'overdue']),
});
export type CrlRow = z.infer<typeof crlRow>;

export const revokedRow = z.object({
  serial: z.string(), revokedAt: instant,
  /** CRLReason of RFC 5280, 5.3.1 (1 keyCompromise …), where the list names one, with its words. */
  reason: z.number().int().optional(), reasonText: z.string(),
  /** Role and identity, where the revoked certificate is one of this workspace. */
  ours: z.string().optional(),
  /** Listed by this CI for an issuer below it. */
  indirect: z.boolean().optional(),
});

/** Days before the end at which people are reminded; `ended` is past, `revoked` ended early. */
export const alarms = ['none', '90', '60', '30', '14', '7', '1', 'ended', 'revoked'] as const;

export const horizonRow = z.object({
  kind: z.enum(['certificate', 'crl']),
  /** Row of the certificate or of the CRL. */
  id: z.number().int(),
  /** Absent for a CRL that belongs to several identities. */
  identity: z.string().optional(),
  role: z.enum(certificateRoles).optional(),
  /** `DPauth of lab`, `CRL 17 of CN=…`. */
  title: z.string(),
  /** notAfter, or nextUpdate of a CRL. */
  ends: instant,
  /** Whole days left, rounded down; negative when it is over. */
  daysLeft: z.number().int(),
  alarm: z.enum(alarms),
  severity: z.enum(['ok', 'info', 'warning', 'error']),
  /** What stops working then, in one or two sentences. */
  consequence: z.string(),
  /** Open orders that can no longer be downloaded then. */
  openOrders: z.number().int(),
  listeners: z.array(z.string()),
});
export type HorizonRow = z.infer<typeof horizonRow>;

export const identityRow = z.object({
  name: z.string(),
  ciKeyId: z.string(),
  ciSubject: z.string(),
  curve: z.string(),
  test: z.boolean(),
  oid: z.string().optional(),
  /** Can serve a download now. */
  usable: z.boolean(),
  /** What is missing or wrong, in sentences; empty when the identity is complete. */
  missing: z.array(z.string()),
  /** What works but should be looked at: the SM-DP+ address does not fit the TLS certificate, no current CRL, … */
  warnings: z.array(z.string()),
  /** `ES9+ 127.0.0.1:8443` */
  listeners: z.array(z.string()),
  /** Learnt eUICCs that verify under this CI and could use the identity, of how many; `revoked`: could, but for a revoked certificate of theirs or of their EUM. */
  euiccs: z.object({ couldUse: z.number().int(), known: z.number().int(), revoked: z.number().int() }),
  /** The CRL of its CI, where there is one. */
  crl: z.object({ number: z.string(), nextUpdate: instant, state: z.enum(['current', 'overdue']) }).optional(),
});
export type IdentityRow = z.infer<typeof identityRow>;

export const mismatchGroup = z.object({
  code: z.enum(['8.8.2/3.1', '8.8.4/3.7']),
  why: z.string(),
  verification: z.array(z.string()),
  signing: z.array(z.string()),
  count: z.number().int(),
  /** EIDs, at most five. */
  examples: z.array(z.string()),
});

const name = z.string().min(1).max(64).regex(/^[A-Za-z0-9._-]+$/);
const shown = { record: 'none', why: 'public certificates and counts' } as const;

export const pki = {
  list: procedure({
    name: 'pki.list', kind: 'query', summary: 'Identities with their certificates, where each key lives, and whether each can be used',
    input: z.object({}), output: z.object({ rows: z.array(listedCertificate) }), permission: 'keys.view', audit: shown, errors: [],
  }),
  certificate: procedure({
    name: 'pki.certificate', kind: 'query', summary: 'One certificate of an identity, to hand out; its private key never is',
    input: z.object({ identity: name, role: z.enum(certificateRoles) }),
    output: z.object({
      identity: z.string(), role: z.enum(certificateRoles),
      /** Base64 of the DER. */
      der: z.string(),
      /** The same as PEM text. */
      pem: z.string(),
      /** Of the DER, lower-case hexadecimal. */
      sha256: z.string(),
    }),
    permission: 'keys.view', audit: shown, errors: [],
  }),
  import: procedure({
    name: 'pki.import', kind: 'command', summary: 'Imports a certificate (DER or PEM), with its private key where the role has one',
    input: z.object({ identity: name, role: z.enum(certificateRoles), certificate: uploadHandle, key: uploadHandle.optional() }),
    output: certificateRow, permission: 'keys.manage',
    audit: { record: 'always', event: 'certificate.imported', fields: ['identity', 'role', 'sha256', 'subjectKeyId', 'notAfter'] },
    errors: ['CERTIFICATE_MALFORMED', 'CERTIFICATE_ROLE', 'CERTIFICATE_CHAIN', 'CERTIFICATE_CURVE', 'CERTIFICATE_DATES', 'KEY_MALFORMED', 'KEY_MISMATCH', 'KEY_MISSING', 'KEY_UNEXPECTED', 'CERTIFICATE_OID_MISMATCH', 'CERTIFICATE_REVOKED'],
  }),
  identities: procedure({
    name: 'pki.identities', kind: 'query', summary: 'Each identity: complete or what it lacks, its listeners, the eUICCs that could use it',
    input: z.object({}), output: z.object({ rows: z.array(identityRow) }), permission: 'keys.view', audit: shown, errors: [],
  }),
  horizon: procedure({
    name: 'pki.horizon', kind: 'query', summary: 'When certificates and CRLs end, and what stops working then; soonest first',
    input: z.object({}), output: z.object({ rows: z.array(horizonRow) }), permission: 'keys.view', audit: shown, errors: [],
  }),
  mismatch: procedure({
    name: 'pki.mismatch', kind: 'query', summary: 'Which of the eUICCs seen so far would be refused for their CI keys (8.8.2/3.1, 8.8.4/3.7)',
    /** Only these identities, to try what would happen without the others; absent: all. */
    input: z.object({ identities: z.array(name).max(64).optional() }),
    /** `revoked`: whose certificate, or whose EUM's, is revoked: neither served nor in a group. */
    output: z.object({ known: z.number().int(), served: z.number().int(), revoked: z.number().int(), groups: z.array(mismatchGroup) }), permission: 'keys.view', audit: shown, errors: [],
  }),
  retire: procedure({
    name: 'pki.retire', kind: 'command', summary: 'Takes one certificate, or a whole identity, out of use; its key stays in the vault',
    /** Without `certificateId`: every certificate of the identity. */
    input: z.object({ identity: name, certificateId: z.number().int().optional() }),
    output: z.object({ identity: z.string(), retired: z.array(z.object({ id: z.number().int(), role: z.enum(certificateRoles), sha256: z.string() })) }),
    permission: 'keys.manage', audit: { record: 'always', event: 'certificate.retired', fields: ['identity', 'retired'] },
    errors: ['LISTENER_WOULD_STOP', 'CERTIFICATE_IN_USE'],
  }),
  importCrl: procedure({
    name: 'pki.importCrl', kind: 'command', summary: 'Imports a certificate revocation list (DER, PEM or base64; one list, all its segments, or a delta)',
    input: z.object({ crl: uploadHandle }),
    output: z.object({
      crl: crlRow,
      /** `unchanged`: this very list was imported before. */
      state: z.enum(['imported', 'unchanged']),
      /** Certificates not known to be revoked before. */
      newlyRevoked: z.number().int(),
      /** Certificates of this workspace that are revoked by it: `DPauth of lab`. */
      ours: z.array(z.string()),
      warnings: z.array(z.string()),
    }),
    permission: 'keys.manage',
    audit: { record: 'always', event: 'crl.imported', fields: ['crl.issuerKeyId', 'crl.number', 'crl.revoked', 'crl.sha256', 'state', 'newlyRevoked', 'ours'] },
    errors: ['CRL_MALFORMED', 'CRL_UNSUPPORTED', 'CRL_ISSUER_UNKNOWN', 'CRL_SIGNATURE', 'CRL_OLDER', 'CRL_PARTIAL', 'CRL_BASE_MISSING', 'CRL_DATES'],
  }),
  crls: procedure({
    name: 'pki.crls', kind: 'query', summary: 'Revocation lists in force, and what their absence means',
    input: z.object({}),
    output: z.object({ rows: z.array(crlRow), policy: z.enum(['when-present', 'required']), policyText: z.string() }), permission: 'keys.view', audit: shown, errors: [],
  }),
  revoked: procedure({
    name: 'pki.revoked', kind: 'query', summary: 'Certificates of one issuer that are revoked now, whatever list named them, by serial number',
    input: z.object({ issuerKeyId: z.string().regex(/^[0-9a-f]{2,64}$/), after: z.string().max(256).optional(), limit: z.number().int().min(1).max(500).default(100) }),
    output: z.object({ rows: z.array(revokedRow), next: z.string().optional() }), permission: 'keys.view', audit: shown, errors: [],
  }),
};
