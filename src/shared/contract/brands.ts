import { z } from 'zod';
import { instant, procedure, uploadHandle } from './define.ts';

/** What is said of a progress point towards a brand: its number on the wire, or nothing at all. */
export const progressPoints = ['eligibility', 'confirmation', 'download', 'installation', 'enabled', 'disabled', 'deleted'] as const;
export type ProgressPoint = (typeof progressPoints)[number];
/** SGP.22 v2.2, 5.3.5 names 1 to 4 and leaves 100 and above to agreement; some receivers await others (5 for deleted), so each brand has its own numbers (null: not sent). */
export const defaultProgressPoints: Readonly<Record<ProgressPoint, number | null>> = {
  eligibility: 1, confirmation: 2, download: 3, installation: 4, enabled: 101, disabled: 102, deleted: 103,
};

/** `resultData` of point 4: the finalResult element alone (SGP.22 v2.2, 5.3.5), or the whole signed notification, which many receivers await. */
export const callbackResults = ['finalResult', 'notification'] as const;

export const brandName = z.string().min(1).max(64).regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]*$/, 'letters, digits, blanks, dots, dashes');
/** `first-last` of equal length, or a prefix with a star: `89880012*`. */
export const iccidRange = z.string().max(41).regex(/^(?:\d{18,20}-\d{18,20}|\d{2,19}\*)$/, 'FIRST-LAST or PREFIX*');
const points = z.partialRecord(z.enum(progressPoints), z.number().int().min(0).max(65_535).nullable());

export const brandRow = z.object({
  name: z.string(), state: z.enum(['active', 'suspended']),
  credentials: z.array(z.object({ kind: z.enum(['ca', 'certificate']), subject: z.string(), sha256: z.string(), notAfter: instant })),
  allTypes: z.boolean(), types: z.array(z.string()), iccids: z.array(z.object({ first: z.string(), last: z.string() })),
  /** Most orders open at once, and made in 24 hours. */
  openOrders: z.number().int().optional(), ordersPerDay: z.number().int().optional(),
  openNow: z.number().int(), lastDay: z.number().int(),
  callback: z.object({
    url: z.string(), ownTrust: z.boolean(), identity: z.string().optional(), points: z.record(z.string(), z.number().nullable()),
    result: z.enum(callbackResults), waiting: z.number().int(), dead: z.number().int(), lastDeliveredAt: instant.optional(),
  }).optional(),
  createdAt: instant,
});
export type BrandRow = z.infer<typeof brandRow>;

const grants = {
  /** Names of profile types; `*` alone means every type. */
  types: z.array(z.string().min(1).max(64)).max(200).optional(),
  iccids: z.array(iccidRange).max(200).optional(),
  openOrders: z.number().int().min(0).max(100_000_000).nullable().optional(),
  ordersPerDay: z.number().int().min(0).max(100_000_000).nullable().optional(),
  /** https only; null switches progress notifications off. */
  callbackUrl: z.string().max(500).nullable().optional(),
  /** PEM or DER of the CA that issued the receiver's TLS certificate; the system's CAs when absent. */
  callbackCa: uploadHandle.optional(),
  /** Identity whose TLS certificate is shown to the receiver; the first with one when absent. */
  callbackIdentity: z.string().max(64).nullable().optional(),
  callbackPoints: points.optional(),
  callbackResult: z.enum(callbackResults).optional(),
};
const errors = [
  'BRAND_UNKNOWN', 'TYPE_UNKNOWN', 'CREDENTIAL_MALFORMED', 'CREDENTIAL_NOT_CA', 'CREDENTIAL_IS_CA', 'CREDENTIAL_TAKEN', 'CREDENTIAL_EXPIRED', 'RANGE_INVALID', 'RANGE_TAKEN', 'CALLBACK_INVALID', 'IDENTITY_UNKNOWN',
];

export const brands = {
  list: procedure({
    name: 'brands.list', kind: 'query', summary: 'Brands that may order over ES2+, with what they may and what they use',
    input: z.object({}), output: z.object({ rows: z.array(brandRow) }), permission: 'brand.view',
    audit: { record: 'none', why: 'shown on screen only; exports are recorded' }, errors: [],
  }),
  add: procedure({
    name: 'brands.add', kind: 'command', summary: 'Lets a brand order over ES2+, recognised by its client certificate',
    input: z.object({ name: brandName, clientCa: uploadHandle.optional(), clientCertificate: uploadHandle.optional(), ...grants })
      .refine((b) => b.clientCa !== undefined || b.clientCertificate !== undefined, { message: 'a client CA or a client certificate is needed', path: ['clientCa'] }),
    output: brandRow, permission: 'brand.manage',
    audit: { record: 'always', event: 'brand.added', fields: ['name', 'types', 'iccids', 'openOrders', 'ordersPerDay', 'callbackUrl', 'credentials'] }, errors: ['BRAND_EXISTS', ...errors],
  }),
  change: procedure({
    name: 'brands.change', kind: 'command', summary: 'Changes what a brand may, its certificates, its callback; suspends or resumes it',
    input: z.object({
      name: brandName, state: z.enum(['active', 'suspended']).optional(), addClientCa: uploadHandle.optional(), addClientCertificate: uploadHandle.optional(),
      /** SHA-256 of a credential, hexadecimal. The last one stays: suspend the brand instead. */
      removeCredential: z.string().regex(/^[0-9a-f]{64}$/).optional(), ...grants,
    }),
    output: brandRow, permission: 'brand.manage',
    audit: { record: 'always', event: 'brand.changed', fields: ['name', 'state', 'types', 'iccids', 'openOrders', 'ordersPerDay', 'callbackUrl', 'removeCredential', 'credentials'] },
    errors: ['CREDENTIAL_UNKNOWN', 'CREDENTIAL_LAST', ...errors],
  }),
};
