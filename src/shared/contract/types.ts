import { z } from 'zod';
import { instant, procedure, uploadHandle } from './define.ts';

export const finding = z.object({
  rule: z.string(), severity: z.enum(['error', 'warning']), place: z.string(), clause: z.string(),
  message: z.string(), fix: z.string(),
});

export const templateRow = z.object({
  id: z.string(), name: z.string(), version: z.number().int(), sizeBytes: z.number().int(), digest: z.string(),
  algorithm: z.string(), saipVersion: z.string(), elements: z.number().int(), createdAt: instant,
  errors: z.number().int(), warnings: z.number().int(),
});

export const typeName = z.string().min(1).max(64).regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]*$/, 'letters, digits, space, dot, dash, underscore');

export const typeRow = z.object({
  name: typeName, template: z.string(), templateVersion: z.number().int(),
  serviceProviderName: z.string(), profileName: z.string(), profileClass: z.enum(['test', 'provisioning', 'operational']),
  hasIcon: z.boolean(), ppr1: z.boolean(), ppr2: z.boolean(),
  protection: z.enum(['session-keys', 'profile-keys']),
  notificationAddresses: z.array(z.string()),
  owner: z.object({ mccMnc: z.string(), gid1: z.string().optional(), gid2: z.string().optional() }).optional(),
  createdAt: instant,
  stock: z.object({ imported: z.number().int(), sellable: z.number().int(), sold: z.number().int() }),
});

const quiet = { record: 'none', why: 'catalogue data without personal content' } as const;

export const types = {
  templates: procedure({
    name: 'types.templates', kind: 'query', summary: 'Templates with size, algorithm and findings',
    input: z.object({}), output: z.object({ rows: z.array(templateRow) }), permission: 'profile.view', audit: quiet, errors: [],
  }),
  checkTemplate: procedure({
    name: 'types.checkTemplate', kind: 'query', summary: 'Checks a profile package file against the rules without importing it',
    input: z.object({ file: uploadHandle }),
    output: z.object({ valid: z.boolean(), sizeBytes: z.number().int(), elements: z.array(z.object({ index: z.number().int(), name: z.string(), bytes: z.number().int() })), findings: z.array(finding) }),
    permission: 'profile.view', audit: quiet, errors: ['TEMPLATE_MALFORMED'],
  }),
  importTemplate: procedure({
    name: 'types.importTemplate', kind: 'command', summary: 'Imports a profile package as a template version; a test algorithm is switched to Milenage unless kept',
    input: z.object({ file: uploadHandle, name: typeName, keepAlgorithm: z.boolean().default(false) }),
    output: z.object({ template: templateRow, findings: z.array(finding) }),
    permission: 'type.manage', audit: { record: 'always', event: 'template.imported', fields: ['name', 'keepAlgorithm', 'template.digest', 'template.version'] },
    errors: ['TEMPLATE_MALFORMED', 'TEMPLATE_REFUSED'],
  }),
  list: procedure({
    name: 'types.list', kind: 'query', summary: 'Profile types with their stock',
    input: z.object({}), output: z.object({ rows: z.array(typeRow) }), permission: 'profile.view', audit: quiet, errors: [],
  }),
  create: procedure({
    name: 'types.create', kind: 'command', summary: 'Creates a profile type on a template',
    input: z.object({
      name: typeName, template: z.string(),
      serviceProviderName: z.string().max(32).default('MVNE Desk Lab'), profileName: z.string().max(64).default('Lab profile'),
      profileClass: z.enum(['test', 'provisioning', 'operational']).default('operational'),
      icon: uploadHandle.optional(), ppr1: z.boolean().default(false), ppr2: z.boolean().default(false),
      owner: z.object({ mccMnc: z.string().regex(/^\d{5,6}$/), gid1: z.string().regex(/^([0-9A-F]{2}){1,20}$/i).optional(), gid2: z.string().regex(/^([0-9A-F]{2}){1,20}$/i).optional() }).optional(),
      notificationAddresses: z.array(z.string().regex(/^[A-Za-z0-9.-]+(:\d{1,5})?$/)).max(4).default([]),
      protection: z.enum(['session-keys', 'profile-keys']).default('session-keys'),
    }),
    output: typeRow, permission: 'type.manage',
    audit: { record: 'always', event: 'type.created', fields: ['name', 'template', 'serviceProviderName', 'profileName', 'profileClass', 'protection', 'ppr1', 'ppr2'] },
    errors: ['TYPE_EXISTS', 'TEMPLATE_UNKNOWN', 'ICON_INVALID'],
  }),
};
