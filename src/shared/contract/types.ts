import { z } from 'zod';
import { fileOffer, instant, procedure, uploadHandle } from './define.ts';
import { editSummary, templateEdit } from './template-edit.ts';
import { templatePresent } from './template-present.ts';
import { templateDiff, templateNode } from './template-view.ts';

export const finding = z.object({
  rule: z.string(), severity: z.enum(['error', 'warning']), place: z.string(), clause: z.string(),
  message: z.string(), fix: z.string(),
  /** Slot whose value stands there in every profile: a placeholder that no profile has. */
  filledBy: z.string().optional(),
});

export const templateRow = z.object({
  id: z.string(), name: z.string(), version: z.number().int(), sizeBytes: z.number().int(), digest: z.string(),
  algorithm: z.string(), saipVersion: z.string(), elements: z.number().int(), createdAt: instant,
  /** Warnings without those of placeholders that slots fill. */
  errors: z.number().int(), warnings: z.number().int(),
  /** Profile types made from this very version, and whether a profile was: then it can never be taken away. */
  types: z.array(z.string()).optional(), used: z.boolean().optional(),
  /** The version it was edited from, why, and by whom. */
  derivedFrom: z.string().optional(), note: z.string().optional(), actor: z.string().optional(),
  /** Estimate of the memory it takes on an eUICC. */
  nvmBytes: z.number().int().optional(),
  /** Not offered for new types any more. */
  retiredAt: instant.optional(),
});
export type TemplateRow = z.infer<typeof templateRow>;

export const templateDetail = z.object({
  template: templateRow,
  /** Every version under the name, newest first. */
  versions: z.array(templateRow),
  findings: z.array(finding),
  elements: z.array(templateNode),
  /** Octets of a package, and an estimate of the memory it takes on an eUICC, by element. */
  size: z.object({ uppBytes: z.number().int(), nvmBytes: z.number().int(), byElement: z.array(z.object({ place: z.string(), uppBytes: z.number().int(), nvmBytes: z.number().int() })) }),
  /** What is written for each profile (`late`: at the first download, from a list), and how many octets it takes. */
  slots: z.array(z.object({ name: z.string(), length: z.number().int(), secret: z.boolean(), late: z.boolean(), places: z.number().int() })),
  /** What the editing that made it did. */
  changes: z.array(editSummary),
  /** Today's values in the shapes of the edits. */
  present: templatePresent,
});
export type TemplateDetail = z.infer<typeof templateDetail>;

/** Errors an operator may answer for: what stands in the files, not how the package is built. */
export const acceptableRules = ['V12', 'V13', 'V22', 'V23', 'V24', 'V26', 'V29', 'V30', 'V31', 'V32', 'V33', 'V34', 'V36', 'V37', 'V39'] as const;
const templateId = z.string().regex(/^\d{1,15}$/);
const edits = z.array(templateEdit).min(1).max(60);
const ownerInput = z.object({ mccMnc: z.string().regex(/^\d{5,6}$/), gid1: z.string().regex(/^([0-9A-F]{2}){1,20}$/i).optional(), gid2: z.string().regex(/^([0-9A-F]{2}){1,20}$/i).optional() });
const notificationAddresses = z.array(z.string().regex(/^[A-Za-z0-9.-]+(:\d{1,5})?$/)).max(4);

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

export type TypeRow = z.infer<typeof typeRow>;

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
    input: z.object({
      file: uploadHandle, name: typeName, keepAlgorithm: z.boolean().default(false),
      /** Rules whose errors are taken all the same, because eUICCs are known to take the package; never those without which it cannot be read or installed. */
      accept: z.array(z.enum(acceptableRules)).max(20).default([]), note: z.string().max(500).optional(),
    }),
    output: z.object({ template: templateRow, findings: z.array(finding) }),
    permission: 'type.manage', audit: { record: 'always', event: 'template.imported', fields: ['name', 'keepAlgorithm', 'accept', 'note', 'template.digest', 'template.version'] },
    errors: ['TEMPLATE_MALFORMED', 'TEMPLATE_REFUSED'],
  }),
  addSampleTemplate: procedure({
    name: 'types.addSampleTemplate', kind: 'command', summary: 'Stores the built-in sample package as a template to start from; its identifiers are test values',
    input: z.object({ name: typeName.default('Sample'), ims: z.boolean().default(false) }), output: z.object({ template: templateRow, findings: z.array(finding) }),
    permission: 'type.manage', audit: { record: 'always', event: 'template.sample_added', fields: ['name', 'ims', 'template.digest', 'template.version'] }, errors: ['TEMPLATE_REFUSED'],
  }),
  template: procedure({
    name: 'types.template', kind: 'query', summary: 'One template version: its tree with decoded contents, findings, sizes, slots and versions',
    input: z.object({ id: templateId }), output: templateDetail, permission: 'profile.view', audit: quiet, errors: ['TEMPLATE_UNKNOWN'],
  }),
  diffTemplates: procedure({
    name: 'types.diffTemplates', kind: 'query', summary: 'What differs between two template versions; of secrets only that they do',
    input: z.object({ before: templateId, after: templateId }),
    output: templateDiff.extend({ before: templateRow, after: templateRow }), permission: 'profile.view', audit: quiet, errors: ['TEMPLATE_UNKNOWN'],
  }),
  tryEdits: procedure({
    name: 'types.tryEdits', kind: 'query', summary: 'What edits would make of a template version, without storing it',
    input: z.object({ id: templateId, edits }),
    output: z.object({ changes: z.array(editSummary), diff: templateDiff, findings: z.array(finding), sizeBytes: z.number().int(), nvmBytes: z.number().int(), before: z.object({ sizeBytes: z.number().int(), nvmBytes: z.number().int() }) }),
    permission: 'profile.view', audit: quiet, errors: ['TEMPLATE_UNKNOWN', 'EDIT_BAD_VALUE', 'EDIT_NO_PLACE', 'EDIT_REFUSED', 'EDIT_BREAKS_RULE', 'TEMPLATE_REFUSED'],
  }),
  editTemplate: procedure({
    name: 'types.editTemplate', kind: 'command', summary: 'Writes a new version of a template by edits; the version it comes from stays as it is',
    input: z.object({ id: templateId, edits, name: typeName.optional(), note: z.string().max(500).optional() }),
    output: z.object({ template: templateRow, changes: z.array(editSummary), findings: z.array(finding) }),
    permission: 'type.manage', audit: { record: 'always', event: 'template.edited', fields: ['id', 'edits', 'note', 'template.name', 'template.version', 'template.digest'] },
    errors: ['TEMPLATE_UNKNOWN', 'TEMPLATE_UNCHANGED', 'TEMPLATE_REFUSED', 'EDIT_BAD_VALUE', 'EDIT_NO_PLACE', 'EDIT_REFUSED', 'EDIT_BREAKS_RULE'],
  }),
  exportTemplate: procedure({
    name: 'types.exportTemplate', kind: 'command', summary: 'Hands out the profile package of a template version (DER)',
    input: z.object({ id: templateId }), output: fileOffer,
    permission: 'type.manage', audit: { record: 'always', event: 'template.exported', fields: ['id', 'name'] }, errors: ['TEMPLATE_UNKNOWN'],
  }),
  retireTemplate: procedure({
    name: 'types.retireTemplate', kind: 'command', summary: 'Takes a template version out of the choice for new types, or puts it back; types that use it go on',
    input: z.object({ id: templateId, retired: z.boolean() }), output: templateRow,
    permission: 'type.manage', audit: { record: 'always', event: 'template.retired', fields: ['id', 'retired', 'name', 'version'] }, errors: ['TEMPLATE_UNKNOWN'],
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
      owner: ownerInput.optional(),
      notificationAddresses: notificationAddresses.default([]),
      protection: z.enum(['session-keys', 'profile-keys']).default('session-keys'),
    }),
    output: typeRow, permission: 'type.manage',
    audit: { record: 'always', event: 'type.created', fields: ['name', 'template', 'serviceProviderName', 'profileName', 'profileClass', 'protection', 'ppr1', 'ppr2'] },
    errors: ['TYPE_EXISTS', 'TEMPLATE_UNKNOWN', 'TEMPLATE_RETIRED', 'ICON_INVALID', 'OWNER_MISMATCH'],
  }),
  change: procedure({
    name: 'types.change', kind: 'command', summary: 'Changes a profile type; another template counts for profiles prepared from then on, everything else for downloads from then on',
    input: z.object({
      name: typeName, template: z.string().optional(),
      serviceProviderName: z.string().max(32).optional(), profileName: z.string().max(64).optional(), profileClass: z.enum(['test', 'provisioning', 'operational']).optional(),
      /** Another icon, or none. */
      icon: z.union([uploadHandle, z.null()]).optional(), ppr1: z.boolean().optional(), ppr2: z.boolean().optional(),
      owner: z.union([ownerInput, z.null()]).optional(), notificationAddresses: notificationAddresses.optional(), protection: z.enum(['session-keys', 'profile-keys']).optional(),
    }),
    output: typeRow, permission: 'type.manage',
    audit: { record: 'always', event: 'type.changed', fields: ['name', 'template', 'templateVersion', 'serviceProviderName', 'profileName', 'profileClass', 'protection', 'ppr1', 'ppr2', 'owner', 'notificationAddresses'] },
    errors: ['TYPE_UNKNOWN', 'TEMPLATE_UNKNOWN', 'TEMPLATE_RETIRED', 'ICON_INVALID', 'OWNER_MISMATCH'],
  }),
};
