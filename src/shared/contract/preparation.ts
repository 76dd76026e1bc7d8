/** Preparation in batches, and the files handed out from them: what the preparation area of the window asks. */
import { z } from 'zod';
import { cursor, fileOffer, instant, pageInput, procedure } from './define.ts';
import { jobArtefact, jobDetail, jobView } from './jobs.ts';

/** What a batch is to be. The same for a preview, a draft and a start. */
export const preparationPlan = z.object({
  type: z.string().min(1),
  count: z.number().int().min(1).max(1_000_000),
  /** `both`: imported stock first, then numbers of ranges. */
  source: z.enum(['stock', 'ranges', 'both']).default('both'),
  /** Only this number range. */
  range: z.string().max(64).optional(),
  /** Only profiles of this import: the reference its profiles show, `I-7`. */
  import: z.string().max(64).optional(),
  /** Brand the profiles are for; its name. */
  brand: z.string().max(120).optional(),
  /** Name of the batch; made from type and date when left out. Unique. */
  reference: z.string().trim().min(1).max(64).optional(),
  /** Purchase order or the like. */
  order: z.string().trim().max(64).optional(),
  due: instant.optional(),
  note: z.string().trim().max(500).optional(),
  /** Recipients (ids) whose output files the batch makes as its last-but-one step. */
  outputs: z.array(z.string().max(64)).max(20).default([]),
});
export type PreparationPlan = z.output<typeof preparationPlan>;

export const numberSet = z.object({ iccid: z.string(), imsi: z.string(), msisdn: z.string().optional() });
export type NumberSetView = z.infer<typeof numberSet>;

/** A run of numbers a batch takes, in the order it takes them. */
export const planPart = z.object({
  source: z.enum(['stock', 'range']),
  /** Range id or import id. */
  id: z.string().optional(),
  /** For people: "Range 894410…0 (20,000 left)", "Import vendor-42.csv". */
  title: z.string(),
  count: z.number().int(),
  first: numberSet, last: numberSet,
});
export type PlanPart = z.infer<typeof planPart>;

export const checkIds = ['template', 'numbers', 'keys', 'vault', 'disk', 'certificates', 'outputs', 'level', 'due', 'reference', 'running'] as const;
export const preparationCheck = z.object({
  id: z.enum(checkIds),
  state: z.enum(['ok', 'warning', 'blocker']),
  title: z.string(),
  sentence: z.string(),
  /** What repairs it, when it is not ok. */
  hint: z.string().optional(),
  /** Where in the window that is done: `/numbers`, `/imports`, `/settings`, `/keys`, `/templates`. */
  link: z.string().optional(),
});
export type PreparationCheck = z.infer<typeof preparationCheck>;

export const preparationPreview = z.object({
  type: z.string(), template: z.string(), templateVersion: z.number().int(),
  reference: z.string(),
  count: z.number().int(),
  /** What there is for this choice of source. */
  available: z.object({ stock: z.number().int(), ranges: z.number().int() }),
  fromStock: z.number().int(), fromRanges: z.number().int(),
  /** Of those from the stock: K comes with them, or is made at random here. */
  keysGiven: z.number().int(), keysMade: z.number().int(),
  /** Absent when there is nothing to prepare. */
  first: numberSet.optional(), last: numberSet.optional(),
  parts: z.array(planPart),
  checks: z.array(preparationCheck),
  /** No check is a blocker. */
  ready: z.boolean(),
  /** From the measured rate of the last batches of 500 profiles or more; absent before the first. */
  estimate: z.object({ seconds: z.number(), rate: z.number(), batches: z.number().int() }).optional(),
});
export type PreparationPreview = z.infer<typeof preparationPreview>;

export const batchStates = ['draft', 'queued', 'running', 'paused', 'partly-failed', 'done', 'failed', 'cancelled'] as const;

export const batchView = z.object({
  id: z.string(), reference: z.string(), state: z.enum(batchStates),
  /** As profiles name it: `B-12`; absent for a draft. */
  number: z.string().optional(),
  type: z.string(), template: z.string(), templateVersion: z.number().int(),
  /** Asked for, prepared, failed and not repaired since. */
  count: z.number().int(), prepared: z.number().int(), failed: z.number().int(),
  fromStock: z.number().int(), fromRanges: z.number().int(),
  source: z.enum(['stock', 'ranges', 'both']),
  range: z.string().optional(), import: z.string().optional(), brand: z.string().optional(),
  order: z.string().optional(), due: instant.optional(), note: z.string().optional(),
  requester: z.string(), createdAt: instant, startedAt: instant.optional(), finishedAt: instant.optional(),
  /** Its output files were deleted; digests stay. */
  sweptAt: instant.optional(),
  /** Id of the running or last job. */
  job: z.string().optional(),
  rate: z.number().optional(), secondsLeft: z.number().optional(),
  message: z.string().optional(),
  /** Output files that lie in the workspace. */
  files: z.number().int(),
});
export type BatchView = z.infer<typeof batchView>;

export const batchDetail = batchView.extend({
  outputs: z.array(z.string()),
  first: numberSet.optional(), last: numberSet.optional(),
  parts: z.array(planPart),
  /** Profiles of the batch by stock state now. */
  stock: z.record(z.string(), z.number().int()),
  /** Steps, errors and artefacts; absent for a draft. */
  jobDetail: jobDetail.optional(),
  /** Every job of this batch: the first run and re-runs, oldest first. */
  jobs: z.array(jobView),
  artefacts: z.array(jobArtefact),
  /** What an operator may do now. */
  actions: z.array(z.enum(['start', 'discard', 'pause', 'resume', 'cancel', 'rerun', 'outputs', 'labels', 'sweep'])),
});
export type BatchDetail = z.infer<typeof batchDetail>;

export const failedRow = z.object({
  row: z.number().int(), iccid: z.string(), imsi: z.string().optional(), code: z.string(), message: z.string(), at: instant,
  /** `failed`: still so. `prepared`: a later run prepared it. `gone`: it was retired or prepared elsewhere. */
  state: z.enum(['failed', 'prepared', 'gone']),
});
export type FailedRow = z.infer<typeof failedRow>;

const view = { record: 'none', why: 'shown on screen only; exports are recorded' } as const;
const byId = z.object({ id: z.string().max(64) });
const planErrors = ['TYPE_UNKNOWN', 'STOCK_SHORT', 'RANGE_UNKNOWN', 'IMPORT_UNKNOWN', 'BRAND_UNKNOWN', 'RECIPIENT_UNKNOWN', 'REFERENCE_EXISTS', 'PREPARATION_BLOCKED'] as const;

export const preparation = {
  preview: procedure({
    name: 'preparation.preview', kind: 'query', summary: 'What a batch would take and whether it can run; changes nothing',
    input: preparationPlan, output: preparationPreview, permission: 'profile.view', audit: view, errors: planErrors,
  }),
  saveDraft: procedure({
    name: 'preparation.saveDraft', kind: 'command', summary: 'Keeps a batch as a draft, or changes one',
    input: z.object({ id: z.string().optional(), plan: preparationPlan }), output: batchView, permission: 'preparation.run',
    audit: { record: 'always', event: 'preparation.drafted', fields: ['plan.type', 'plan.count', 'plan.reference'] }, errors: planErrors,
  }),
  discardDraft: procedure({
    name: 'preparation.discardDraft', kind: 'command', summary: 'Throws a draft away',
    input: byId, output: byId, permission: 'preparation.run',
    audit: { record: 'always', event: 'preparation.discarded', fields: ['id'] }, errors: ['TRANSITION_REFUSED'],
  }),
  start: procedure({
    name: 'preparation.start', kind: 'job', summary: 'Starts a batch: reserves its numbers and prepares its profiles',
    input: z.object({ plan: preparationPlan, draft: z.string().optional() }),
    output: z.object({ batch: batchView, job: jobView }), permission: 'preparation.run',
    audit: { record: 'always', event: 'batch.started', fields: ['plan.type', 'plan.count', 'plan.source', 'batch.id', 'batch.reference', 'plan.order', 'job.id'] },
    errors: planErrors,
  }),
  list: procedure({
    name: 'preparation.list', kind: 'query', summary: 'Batches, newest first',
    input: pageInput.extend({ state: z.array(z.enum(batchStates)).optional(), type: z.string().optional(), text: z.string().max(64).optional() }),
    output: z.object({ rows: z.array(batchView), next: cursor.optional(), total: z.number().int().optional() }),
    permission: 'profile.view', audit: view, errors: [],
  }),
  show: procedure({
    name: 'preparation.show', kind: 'query', summary: 'One batch: steps, failed rows, files, what can be done', input: byId,
    output: batchDetail, permission: 'profile.view', audit: view, errors: [],
  }),
  failed: procedure({
    name: 'preparation.failed', kind: 'query', summary: 'Rows of a batch that could not be prepared',
    input: pageInput.extend({ id: z.string(), state: z.enum(['failed', 'prepared', 'gone']).optional() }),
    output: z.object({ rows: z.array(failedRow), next: cursor.optional() }), permission: 'profile.view', audit: view, errors: [],
  }),
  rerun: procedure({
    name: 'preparation.rerun', kind: 'job', summary: 'Tries the failed rows of a batch again, and what a cancelled batch left undone',
    input: z.object({
      id: z.string(),
      /** `failed`: rows that failed. `rest`: what the batch still owes of its count. */
      what: z.enum(['failed', 'rest']).default('failed'),
    }),
    output: z.object({ batch: batchView, job: jobView }), permission: 'preparation.run',
    audit: { record: 'always', event: 'preparation.rerun', fields: ['id', 'what', 'job.id'] }, errors: ['TRANSITION_REFUSED', 'STOCK_SHORT'],
  }),
  sweep: procedure({
    name: 'preparation.sweep', kind: 'command', summary: 'Deletes the output files of a batch; row counts and digests stay',
    input: byId, output: z.object({ files: z.number().int(), bytes: z.number().int() }), permission: 'output.make',
    audit: { record: 'always', event: 'preparation.swept', fields: ['id', 'files', 'bytes'] }, errors: ['TRANSITION_REFUSED'],
  }),
};

// --- Recipients and their files ---

export const recipientKinds = ['hlr', 'ota', 'print', 'custom'] as const;
export type RecipientKind = (typeof recipientKinds)[number];

/** Every field a column can hold. Secret ones leave the vault wrapped only; which kind may have which is a rule of the engine. */
export const outputFields = [
  'iccid', 'imsi', 'msisdn', 'acc', 'type', 'template', 'templateVersion', 'batch', 'order', 'brand', 'eid', 'stock', 'orderState',
  'matchingId', 'activationCode', 'smdpAddress', 'packageDigest', 'preparedAt', 'algorithm', 'amf', 'keyIndex', 'otaKeyIndex', 'row', 'constant',
  'k', 'opc', 'kKcv', 'scp80Kic', 'scp80Kid', 'scp80Kik', 'pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'adm2',
  'impi', 'impu', 'scp80KicKcv', 'scp80KidKcv', 'scp80KikKcv', 'scp81Psk', 'scp81Dek', 'scp81DekKcv',
  'scp02Enc', 'scp02Mac', 'scp02Dek', 'scp02EncKcv', 'scp02MacKcv', 'scp02DekKcv', 'scp03Enc', 'scp03Mac', 'scp03Dek', 'scp03EncKcv', 'scp03MacKcv', 'scp03DekKcv',
] as const;
export type OutputField = (typeof outputFields)[number];

/** How a value is written; which go with which field is in `outputs.columns`. */
export const outputEncodings = [
  'plain', 'digits-f', 'no-check-digit', 'swapped', 'ef', 'plus', 'hex-lower', 'hex-upper', 'code-hex', 'iso', 'date', 'epoch',
] as const;
export type OutputEncoding = (typeof outputEncodings)[number];

export const outputColumn = z.object({
  field: z.enum(outputFields),
  /** Heading; the field's usual one when left out. */
  name: z.string().max(64).optional(),
  encoding: z.enum(outputEncodings).optional(),
  /** Only for `constant`. */
  value: z.string().max(200).optional(),
});
export type OutputColumn = z.infer<typeof outputColumn>;

/** `template`: `{{field}}` or `{{field:encoding}}` in one row, for HLR presets. `out`: header lines, `var_out`, rows. */
export const outputFormats = ['csv', 'semicolon', 'tab', 'json-lines', 'out', 'template'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** `ecb` unless said otherwise; `reversed` as the receiver reverses octets. */
export const outputWrapping = z.object({ mode: z.enum(['ecb', 'cbc', 'cbc-23']).default('ecb'), reversed: z.enum(['no', 'clear', 'encrypted']).default('no') });

const recipientShape = {
  name: z.string().trim().min(1).max(80),
  kind: z.enum(recipientKinds),
  format: z.enum(outputFormats),
  /** First line with the headings; for the delimited formats. */
  header: z.boolean().default(true),
  columns: z.array(outputColumn).max(64).default([]),
  /** Row of a `template`; `head` and `foot` once each around the rows. */
  template: z.string().max(2000).optional(),
  head: z.string().max(2000).optional(),
  foot: z.string().max(2000).optional(),
  /** Lines `key: value` of a `.out` header, beside those the product writes. */
  lines: z.array(z.object({ key: z.string().max(64), value: z.string().max(200) })).max(40).default([]),
  /** Transport key (name) that wraps K, OPc, and how. */
  transportKey: z.string().max(64).optional(),
  wrapping: outputWrapping.optional(),
  /** Transport key (name) that wraps OTA keys. Must be another one. */
  otaTransportKey: z.string().max(64).optional(),
  otaWrapping: outputWrapping.optional(),
  /** age recipients (`age1…`): the whole file is encrypted to them inside the vault. */
  age: z.array(z.string().regex(/^age1[0-9a-z]{20,}$/)).max(10).default([]),
  /** Ends of lines. */
  lineEnd: z.enum(['lf', 'crlf']).default('lf'),
  fileName: z.string().max(120).optional(),
  note: z.string().max(300).optional(),
};
export const recipientInput = z.object(recipientShape);
export type RecipientInput = z.output<typeof recipientInput>;

export const recipient = recipientInput.extend({
  id: z.string(), state: z.enum(['active', 'retired']), createdAt: instant,
  /** Whether a file could be made for it now, and why not. */
  problem: z.string().optional(),
  /** "K and OPc under transport key 3; file encrypted to 1 age recipient". */
  protection: z.string(),
  files: z.number().int(), lastFileAt: instant.optional(),
});
export type Recipient = z.infer<typeof recipient>;

/** What the column editor offers. */
export const fieldInfo = z.object({
  field: z.enum(outputFields), title: z.string(), heading: z.string(), group: z.enum(['numbers', 'profile', 'activation', 'network keys', 'ota keys', 'codes', 'other']),
  encodings: z.array(z.object({ id: z.enum(outputEncodings), title: z.string(), example: z.string() })),
  /** `open`: no secret. `key`: only under a transport key or in an age file. `code`: only in an age file. */
  secrecy: z.enum(['open', 'key', 'code']),
  /** Kinds that may have it. */
  kinds: z.array(z.enum(recipientKinds)),
});
export type FieldInfo = z.infer<typeof fieldInfo>;

export const outputPreset = z.object({ id: z.string(), title: z.string(), summary: z.string(), recipient: recipientInput });
export type OutputPreset = z.infer<typeof outputPreset>;

export const outputFile = jobArtefact.extend({
  batch: z.string().optional(), batchReference: z.string().optional(), recipientId: z.string().optional(), actor: z.string(),
  /** How often it was saved elsewhere. */
  opened: z.number().int(),
});
export type OutputFile = z.infer<typeof outputFile>;

/** Label sheets, in millimetres. */
export const sheet = z.object({
  page: z.enum(['a4', 'letter']).default('a4'),
  columns: z.number().int().min(1).max(12), rows: z.number().int().min(1).max(40),
  labelWidth: z.number().min(10).max(300), labelHeight: z.number().min(8).max(420),
  marginLeft: z.number().min(0).max(100), marginTop: z.number().min(0).max(100),
  gapX: z.number().min(0).max(50).default(0), gapY: z.number().min(0).max(50).default(0),
});
export type Sheet = z.output<typeof sheet>;
export const sheetFormats = ['a4-3x8', 'a4-2x7', 'own'] as const;

const recipientErrors = ['RECIPIENT_EXISTS', 'COLUMN_REFUSED', 'COLUMN_INVALID', 'TEMPLATE_MALFORMED', 'TRANSPORT_KEY_UNKNOWN', 'TRANSPORT_KEY_REFUSED', 'KEY_INDEX_MISSING', 'WRAPPING_MISSING', 'AGE_RECIPIENT_INVALID'] as const;

export const outputs = {
  fields: procedure({
    name: 'outputs.fields', kind: 'query', summary: 'Columns an output file can have, their encodings, and who may get them',
    input: z.object({}), output: z.object({ fields: z.array(fieldInfo), presets: z.array(outputPreset) }), permission: 'profile.view', audit: view, errors: [],
  }),
  recipients: procedure({
    name: 'outputs.recipients', kind: 'query', summary: 'Who gets output files, and how',
    input: z.object({ retired: z.boolean().default(false) }), output: z.object({ rows: z.array(recipient) }), permission: 'profile.view', audit: view, errors: [],
  }),
  check: procedure({
    name: 'outputs.check', kind: 'query', summary: 'Whether a recipient may be as described, with a specimen of its file (made-up values)',
    input: recipientInput,
    output: z.object({ problems: z.array(z.object({ code: z.string(), field: z.string().optional(), message: z.string() })), specimen: z.string(), protection: z.string() }),
    permission: 'profile.view', audit: view, errors: [],
  }),
  addRecipient: procedure({
    name: 'outputs.addRecipient', kind: 'command', summary: 'Registers who gets output files, and how',
    input: recipientInput, output: recipient, permission: 'output.make',
    audit: { record: 'always', event: 'output.recipient_added', fields: ['id', 'name', 'kind', 'format', 'transportKey', 'otaTransportKey', 'age'] }, errors: recipientErrors,
  }),
  changeRecipient: procedure({
    name: 'outputs.changeRecipient', kind: 'command', summary: 'Changes a recipient; files made before stay as they are',
    input: recipientInput.extend({ id: z.string() }), output: recipient, permission: 'output.make',
    audit: { record: 'always', event: 'output.recipient_changed', fields: ['id', 'name', 'kind', 'format', 'transportKey', 'otaTransportKey', 'age'] },
    errors: [...recipientErrors, 'RECIPIENT_UNKNOWN'],
  }),
  retireRecipient: procedure({
    name: 'outputs.retireRecipient', kind: 'command', summary: 'Makes no more files for a recipient',
    input: byId, output: recipient, permission: 'output.make',
    audit: { record: 'always', event: 'output.recipient_retired', fields: ['id', 'name'] }, errors: ['RECIPIENT_UNKNOWN'],
  }),
  make: procedure({
    name: 'outputs.make', kind: 'job', summary: 'Makes the output file of a batch for a recipient',
    input: z.object({ batch: z.string(), recipient: z.string() }), output: jobView, permission: 'output.make',
    audit: { record: 'always', event: 'output.started', fields: ['batch', 'recipient', 'id'] },
    errors: [...recipientErrors, 'RECIPIENT_UNKNOWN', 'BATCH_UNKNOWN', 'BATCH_EMPTY', 'LAB_ONLY'],
  }),
  list: procedure({
    name: 'outputs.list', kind: 'query', summary: 'Output files, newest first',
    input: pageInput.extend({ batch: z.string().optional(), recipient: z.string().optional(), swept: z.boolean().default(true) }),
    output: z.object({ rows: z.array(outputFile), next: cursor.optional() }), permission: 'profile.view', audit: view, errors: [],
  }),
  save: procedure({
    name: 'outputs.save', kind: 'command', summary: 'Hands an output file out, after checking that it is the one that was made',
    input: byId, output: fileOffer.extend({ sha256: z.string() }), permission: 'output.make',
    audit: { record: 'always', event: 'output.opened', fields: ['id', 'name', 'sha256'] }, errors: ['OUTPUT_UNKNOWN', 'OUTPUT_SWEPT', 'OUTPUT_DAMAGED'],
  }),
  sweep: procedure({
    name: 'outputs.sweep', kind: 'command', summary: 'Deletes output files; row counts and digests stay',
    input: z.object({ ids: z.array(z.string().max(64)).min(1).max(200) }), output: z.object({ files: z.number().int(), bytes: z.number().int() }), permission: 'output.make',
    audit: { record: 'always', event: 'output.swept', fields: ['ids', 'files', 'bytes'] }, errors: ['OUTPUT_UNKNOWN'],
  }),
  codes: procedure({
    name: 'outputs.codes', kind: 'query', summary: 'How many profiles of a batch have an activation code to print on a voucher',
    input: z.object({ batch: z.string() }), output: z.object({ withCode: z.number().int(), profiles: z.number().int() }), permission: 'profile.view', audit: view, errors: [],
  }),
  labels: procedure({
    name: 'outputs.labels', kind: 'job', summary: 'Label or voucher sheets of a batch as a PDF',
    input: z.object({
      batch: z.string(), kind: z.enum(['labels', 'vouchers']),
      sheet: z.enum(sheetFormats).default('a4-3x8'), own: sheet.optional(),
      /** Of labels. */
      symbol: z.enum(['code128', 'qr']).default('code128'),
      /** Prints PUK1 on vouchers: Lab only. */
      puk: z.boolean().default(false),
    }),
    output: jobView, permission: 'output.make',
    audit: { record: 'always', event: 'output.sheets_started', fields: ['batch', 'kind', 'sheet', 'puk', 'id'] },
    errors: ['BATCH_UNKNOWN', 'BATCH_EMPTY', 'SHEET_INVALID', 'ORDERS_MISSING', 'LAB_ONLY'],
  }),
};
