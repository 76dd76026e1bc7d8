/**
 * Import of subscribers from vendors' files: open, map, validate, repair, preview, commit. Files come under transport
 * keys, which have a file of their own. No value of a secret is ever in an answer: what is shown of one is its shape ("32 hexadecimal digits").
 */
import { z } from 'zod';
import { cursor, fileOffer, instant, pageInput, procedure, uploadHandle } from './define.ts';
import { jobView } from './profiles.ts';

export { isKeyIndex, kcvConventions, transportAlgorithms, transportKeyName, transportKeyRow, transportKeys, type TransportKeyRow } from './transport-keys.ts';

// ---------------------------------------------------------------------------------------------------------------- format

export const importEncodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
/** `blanks`: any run of them. `fixed`: columns at constant places. */
export const importSeparators = ['comma', 'semicolon', 'tab', 'pipe', 'blanks', 'slash', 'fixed'] as const;
/**
 * `table`: rows of cells, with or without a line of names. `json-lines`: one object a line. `vendor`: `Key: value` lines first
 * (`.inp`, `.out`), then rows in the order of `var_out`, or start values with a quantity. `positional`: one line of header values, then rows.
 */
export const importLayouts = ['table', 'json-lines', 'vendor', 'positional'] as const;

export const importFormat = z.object({
  layout: z.enum(importLayouts),
  encoding: z.enum(importEncodings),
  /** Absent for JSON lines. */
  separator: z.enum(importSeparators).optional(),
  /** Characters of each column (`fixed`), the blanks behind its values with them; absent: they are found by looking. */
  widths: z.array(z.number().int().min(1).max(1000)).min(1).max(200).optional(),
  /** Whether the first row names the columns (`table`). */
  header: z.boolean(),
  /** Lines that begin with one of these are passed over. */
  comments: z.array(z.string().min(1).max(4)).max(8).default([]),
  /** Names of the columns by position, where the file does not name them. */
  columns: z.array(z.string().max(64)).max(200).optional(),
  /** Meaning of header keys of a vendor file: our word → the file's keys. */
  headerKeys: z.record(z.string(), z.array(z.string().max(64)).max(8)).optional(),
});
export type ImportFormat = z.infer<typeof importFormat>;

// --------------------------------------------------------------------------------------------------------------- columns

/** What a column may be. `secret` values never leave the engine; `check` are key check values; `ignore` is passed over. */
export const importFields = [
  { field: 'iccid', label: 'ICCID', kind: 'identifier' }, { field: 'imsi', label: 'IMSI', kind: 'identifier' },
  { field: 'msisdn', label: 'MSISDN', kind: 'identifier' }, { field: 'mcc', label: 'MCC (part of the IMSI)', kind: 'identifier' },
  { field: 'mnc', label: 'MNC (part of the IMSI)', kind: 'identifier' }, { field: 'msin', label: 'MSIN (part of the IMSI)', kind: 'identifier' },
  { field: 'impi', label: 'IMPI (IMS private identity)', kind: 'identifier' }, { field: 'impu', label: 'IMPU (IMS public identity)', kind: 'identifier' },
  { field: 'k', label: 'K (Ki)', kind: 'secret' }, { field: 'opc', label: 'OPc', kind: 'secret' }, { field: 'op', label: 'OP', kind: 'secret' },
  { field: 'pin1', label: 'PIN1', kind: 'secret' }, { field: 'pin2', label: 'PIN2', kind: 'secret' },
  { field: 'puk1', label: 'PUK1', kind: 'secret' }, { field: 'puk2', label: 'PUK2', kind: 'secret' }, { field: 'adm1', label: 'ADM1', kind: 'secret' },
  { field: 'scp80Kic', label: 'OTA key KIC', kind: 'secret' }, { field: 'scp80Kid', label: 'OTA key KID', kind: 'secret' }, { field: 'scp80Kik', label: 'OTA key KIK', kind: 'secret' },
  { field: 'adm2', label: 'ADM2', kind: 'secret' },
  { field: 'scp81Psk', label: 'SCP81 PSK', kind: 'secret' }, { field: 'scp81Dek', label: 'SCP81 DEK', kind: 'secret' },
  { field: 'scp02Enc', label: 'SCP02 ENC (KIC)', kind: 'secret' }, { field: 'scp02Mac', label: 'SCP02 MAC (KID)', kind: 'secret' }, { field: 'scp02Dek', label: 'SCP02 DEK (KIK)', kind: 'secret' },
  { field: 'scp03Enc', label: 'SCP03 ENC (KIC)', kind: 'secret' }, { field: 'scp03Mac', label: 'SCP03 MAC (KID)', kind: 'secret' }, { field: 'scp03Dek', label: 'SCP03 DEK (KIK)', kind: 'secret' },
  { field: 'kKcv', label: 'Check value of K', kind: 'check' }, { field: 'opcKcv', label: 'Check value of OPc', kind: 'check' }, { field: 'opKcv', label: 'Check value of OP', kind: 'check' },
  { field: 'scp80KicKcv', label: 'Check value of KIC', kind: 'check' }, { field: 'scp80KidKcv', label: 'Check value of KID', kind: 'check' }, { field: 'scp80KikKcv', label: 'Check value of KIK', kind: 'check' },
  { field: 'scp81DekKcv', label: 'Check value of SCP81 DEK', kind: 'check' },
  { field: 'scp02EncKcv', label: 'Check value of SCP02 ENC', kind: 'check' }, { field: 'scp02MacKcv', label: 'Check value of SCP02 MAC', kind: 'check' }, { field: 'scp02DekKcv', label: 'Check value of SCP02 DEK', kind: 'check' },
  { field: 'scp03EncKcv', label: 'Check value of SCP03 ENC', kind: 'check' }, { field: 'scp03MacKcv', label: 'Check value of SCP03 MAC', kind: 'check' }, { field: 'scp03DekKcv', label: 'Check value of SCP03 DEK', kind: 'check' },
] as const;
export type ImportFieldName = (typeof importFields)[number]['field'];
const fieldName = z.enum(importFields.map((one) => one.field) as [ImportFieldName, ...ImportFieldName[]]);

/** Done to a cell in this order, before it is read. On secrets they work on octets. */
export const importTransforms = [
  { kind: 'trim', label: 'Cut blanks around' },
  { kind: 'remove-separators', label: 'Remove blanks, dashes, dots, slashes, colons' },
  { kind: 'strip-f', label: 'Remove padding F at the end' },
  { kind: 'strip-0x', label: 'Remove 0x in front' },
  { kind: 'uppercase', label: 'Upper case' },
  { kind: 'nibble-swap', label: 'Swap the digits of each pair' },
  { kind: 'reverse-octets', label: 'Reverse the order of octets' },
  { kind: 'ef-imsi', label: 'Read as EF.IMSI' },
  { kind: 'hex-to-digits', label: 'Read hexadecimal octets as digits in ASCII' },
  { kind: 'prefix', label: 'Put in front', parameter: 'text' },
  { kind: 'country', label: 'Make international with a country code', parameter: 'digits' },
  { kind: 'remove-prefix', label: 'Remove from the front', parameter: 'text' },
  { kind: 'pad-left', label: 'Fill up with zeros in front to a length', parameter: 'length' },
  { kind: 'take', label: 'Take characters from-to (1-8)', parameter: 'from-to' },
] as const;
export type ImportTransformKind = (typeof importTransforms)[number]['kind'];
export const importTransform = z.object({
  kind: z.enum(importTransforms.map((one) => one.kind) as [ImportTransformKind, ...ImportTransformKind[]]),
  value: z.string().max(32).optional(),
});
export type ImportTransform = z.infer<typeof importTransform>;

/** `ecb`; `cbc` with an IV of zeros; `cbc-23` with an IV of 0x23 octets (csv-encrypt-columns of pySim). */
export const wrappingModes = ['ecb', 'cbc', 'cbc-23'] as const;
export const importWrapping = z.object({
  /** Name of a registered transport key. */
  key: z.string().min(1).max(64),
  mode: z.enum(wrappingModes),
  /** Some senders reverse the octets: of what was encrypted (`clear`), or of the result (`encrypted`). */
  reversed: z.enum(['no', 'clear', 'encrypted']).default('no'),
});
export type ImportWrapping = z.infer<typeof importWrapping>;

export const importColumn = z.object({
  index: z.number().int().min(0).max(199),
  /** Absent: passed over. */
  field: fieldName.optional(),
  transforms: z.array(importTransform).max(8).default([]),
  /** Secrets only. */
  wrapping: importWrapping.optional(),
});
export type ImportColumn = z.infer<typeof importColumn>;

export const importRules = z.object({
  /** Rows whose ICCID and IMSI both are one profile of the stock already: refused, or passed over. */
  duplicates: z.enum(['refuse', 'skip']).default('refuse'),
  /** Every ICCID must lie in the ICCIDs of this brand. */
  brand: z.string().max(64).optional(),
  /** Every number must lie between these (both ends included; ICCIDs with or without check digit). */
  iccids: z.object({ first: z.string().regex(/^\d{18,20}$/), last: z.string().regex(/^\d{18,20}$/) }).optional(),
  imsis: z.object({ first: z.string().regex(/^\d{14,15}$/), last: z.string().regex(/^\d{14,15}$/) }).optional(),
  /** Put in front of MSISDNs that are not international. */
  country: z.string().regex(/^[1-9]\d{0,2}$/).optional(),
  /** MCC and MNC in front of IMSIs that have only their MSIN. */
  plmn: z.string().regex(/^\d{5,6}$/).optional(),
  /** Rows without K: refused, or K is made at preparation. */
  missingKey: z.enum(['refuse', 'make']).default('make'),
  /** Rows with K but neither OP nor OPc: refused, or an OPc is made at random at preparation. Absent: refused outside a lab. */
  missingOpc: z.enum(['refuse', 'make']).optional(),
  /** OP of the whole file, as an upload (32 hexadecimal digits), where the sender gave it apart: OPc is derived in the vault. */
  op: uploadHandle.optional(),
  opWrapping: importWrapping.optional(),
});
export type ImportRules = z.infer<typeof importRules>;

/** Of one column of the file, as found. */
export const detectedColumn = z.object({
  index: z.number().int(), name: z.string(),
  /** A few values of identifiers; of everything else only shapes, such as "32 hexadecimal digits". */
  samples: z.array(z.string()),
  field: fieldName.optional(),
  /** 0 to 1; below 0.8, or with `alternatives`, a person must choose. */
  confidence: z.number(),
  why: z.string(),
  alternatives: z.array(fieldName),
  /** It looks encrypted under a transport key. */
  encrypted: z.boolean(),
});
export type DetectedColumn = z.infer<typeof detectedColumn>;

export const importDetection = z.object({
  format: importFormat,
  /** How sure, and of what it was told: one sentence each. */
  why: z.array(z.string()),
  /** It is the fix file of this file: columns, rules and profile type were taken over from its import. */
  fixOf: z.string().optional(),
  /** Preset or saved mapping that fits. */
  preset: z.string().optional(),
  mapping: z.string().optional(),
  columns: z.array(detectedColumn),
  /** Data rows, the header not among them. */
  rows: z.number().int(),
  /** What a vendor's header says: quantity, customer, transport key index … */
  header: z.array(z.object({ key: z.string(), value: z.string(), meaning: z.string().optional() })),
  /** Columns (by index) for which a person must choose, and fields that are missing. */
  undecided: z.array(z.number().int()),
  missing: z.array(fieldName),
});
export type ImportDetection = z.infer<typeof importDetection>;

// --------------------------------------------------------------------------------------------------------------- findings

/** What mends a group of rows at once. `suggestion`: it guesses, so a person must look. */
export const importRepairs = [
  'trim', 'remove-separators', 'strip-f', 'strip-0x', 'uppercase', 'luhn-append', 'luhn-correct', 'pad-left', 'country', 'plmn', 'swap-keys', 'swap-numbers', 'skip', 'leave-out', 'accept',
] as const;
export type ImportRepairKind = (typeof importRepairs)[number];
export const importRepair = z.object({
  kind: z.enum(importRepairs), label: z.string(), suggestion: z.boolean(),
  /** What the repair needs to be told, e.g. the country code. */
  parameter: z.object({ label: z.string(), pattern: z.string(), example: z.string(), value: z.string().optional() }).optional(),
});
export type ImportRepair = z.infer<typeof importRepair>;

export const importGroup = z.object({
  id: z.string(), code: z.string(), severity: z.enum(['blocker', 'warning']),
  /** The column's name in the file; absent for findings about a row or the file. */
  column: z.string().optional(), field: fieldName.optional(),
  rows: z.number().int(),
  /** "37 check digits are wrong". */
  title: z.string(), expected: z.string(), hint: z.string(),
  repairs: z.array(importRepair),
  /** Line of the file; `found` only of identifiers; `suggested` where a repair would change it. */
  samples: z.array(z.object({ line: z.number().int(), found: z.string().optional(), suggested: z.string().optional(), message: z.string() })),
});
export type ImportGroup = z.infer<typeof importGroup>;

export const importRow = z.object({
  line: z.number().int(),
  state: z.enum(['good', 'bad', 'left-out', 'skipped']),
  iccid: z.string().optional(), imsi: z.string().optional(), msisdn: z.string().optional(),
  /** One per column of the file: text of identifiers, shapes of all others. `editable`: an identifier that may be corrected. */
  cells: z.array(z.object({ text: z.string(), editable: z.boolean(), changed: z.boolean() })),
  problems: z.array(z.object({ group: z.string(), code: z.string(), column: z.number().int().optional(), severity: z.enum(['blocker', 'warning']), message: z.string() })),
});
export type ImportRow = z.infer<typeof importRow>;

export const importCounts = z.object({
  rows: z.number().int(), good: z.number().int(), bad: z.number().int(), warned: z.number().int(), leftOut: z.number().int(), skipped: z.number().int(),
  /** Cells that were corrected here. */
  repaired: z.number().int(),
});

/** `opened` → `mapped` → `validating` → `validated` → `committing` → `done`. */
export const importStates = ['opened', 'mapped', 'validating', 'validated', 'committing', 'done', 'rolled-back'] as const;
export type ImportState = (typeof importStates)[number];

export const importView = z.object({
  id: z.string(), fileName: z.string(), bytes: z.number().int(), sha256: z.string(), state: z.enum(importStates),
  /** What its profiles are found by in the inventory (`import` filter), once committed: `I-7`. */
  reference: z.string().optional(),
  openedAt: instant, actor: z.string(),
  /** When the file is forgotten if nothing is done with it. */
  until: instant.optional(),
  detection: importDetection,
  /** As mapped, or as proposed before that. */
  type: z.string().optional(), columns: z.array(importColumn), rules: importRules,
  /** What stands in the way of validation: one sentence each. */
  blockers: z.array(z.string()),
  job: jobView.optional(),
  counts: importCounts.optional(),
  groups: z.array(importGroup),
  /** The file was imported before: nothing can be committed. */
  imported: z.object({ at: instant, fileName: z.string() }).optional(),
});
export type ImportView = z.infer<typeof importView>;

export const importEffect = z.object({
  create: z.number().int(), skip: z.number().int(), leftOut: z.number().int(), reject: z.number().int(),
  type: z.string(),
  /** Of what is created. */
  iccids: z.object({ first: z.string(), last: z.string() }).optional(), imsis: z.object({ first: z.string(), last: z.string() }).optional(),
  /** Runs of numbers without a gap, longest first; `more` beyond the ones shown. */
  runs: z.array(z.object({ first: z.string(), last: z.string(), count: z.number().int() })), moreRuns: z.number().int(),
  ranges: z.array(z.object({ range: z.string(), rows: z.number().int() })),
  brands: z.array(z.object({ brand: z.string(), rows: z.number().int() })),
  secrets: z.object({ withKey: z.number().int(), withoutKey: z.number().int() }),
  stock: z.object({ before: z.object({ imported: z.number().int(), sellable: z.number().int() }), after: z.object({ imported: z.number().int(), sellable: z.number().int() }) }),
  /** Days the stock lasts at the pace of late, when that is known. */
  daysOfCover: z.object({ before: z.number(), after: z.number() }).optional(),
  /** What still stands in the way of the commit; empty when nothing does. */
  blockers: z.array(z.string()),
});
export type ImportEffect = z.infer<typeof importEffect>;

export const importHistoryRow = z.object({
  /** As of `importView`. */
  reference: z.string().optional(),
  id: z.string(), fileName: z.string(), type: z.string().optional(), state: z.enum(importStates), at: instant, finishedAt: instant.optional(), actor: z.string(), sha256: z.string(),
  accepted: z.number().int(), skipped: z.number().int(), leftOut: z.number().int(),
  job: z.string().optional(), preset: z.string().optional(), transportKeys: z.array(z.string()),
  /** Still in memory: it can be gone on with. */
  open: z.boolean(), fixFile: z.boolean(),
});
export type ImportHistoryRow = z.infer<typeof importHistoryRow>;

const mappingName = z.string().min(1).max(64).regex(/^[^\p{C}]+$/u);
/** Columns by name, so that a mapping fits every file of the same sender. */
export const savedMapping = z.object({
  name: mappingName, type: z.string().optional(), format: importFormat,
  columns: z.array(z.object({ name: z.string(), field: fieldName.optional(), transforms: z.array(importTransform), wrapping: importWrapping.optional() })),
  rules: importRules, usedAt: instant.optional(), createdAt: instant,
});
export type SavedMapping = z.infer<typeof savedMapping>;

/** A sender's dialect as data. Built-in ones cannot be removed. */
export const importPreset = z.object({
  name: mappingName, summary: z.string().max(200), builtIn: z.boolean(), format: importFormat,
  /** Column name of the file → what it is. */
  columns: z.array(z.object({ name: z.string().max(64), field: fieldName.optional(), transforms: z.array(importTransform).max(8).default([]), encrypted: z.boolean().default(false) })).max(200),
  /** How its key columns are wrapped, without the key. */
  wrapping: z.object({ mode: z.enum(wrappingModes), reversed: z.enum(['no', 'clear', 'encrypted']).default('no') }).optional(),
});
export type ImportPreset = z.infer<typeof importPreset>;

// -------------------------------------------------------------------------------------------------------------- procedures

const view = { record: 'none', why: 'shown on screen only; exports are recorded' } as const;
const id = z.string().regex(/^im_[0-9a-f]{20}$/);
const fileErrors = ['FILE_EMPTY', 'FILE_MALFORMED', 'FILE_ALREADY_IMPORTED', 'PRESET_UNKNOWN', 'MAPPING_UNKNOWN', 'IMPORTS_TOO_MANY'];
const mapErrors = ['TYPE_UNKNOWN', 'COLUMN_MISSING', 'COLUMN_TWICE', 'CLEAR_KEYS_REFUSED', 'TRANSPORT_KEY_UNKNOWN', 'TRANSPORT_KEY_UNFIT', 'BRAND_UNKNOWN', 'TRANSFORM_INVALID'];

export const imports = {
  open: procedure({
    name: 'imports.open', kind: 'command', summary: 'Takes a file in, finds out its form and proposes what its columns are; nothing is written',
    input: z.object({ file: uploadHandle, fileName: z.string().min(1).max(255), preset: mappingName.optional(), mapping: mappingName.optional(), type: z.string().max(64).optional() }),
    output: importView, permission: 'stock.import',
    audit: { record: 'always', event: 'import.opened', fields: ['id', 'fileName', 'sha256', 'bytes'] }, errors: fileErrors,
  }),
  map: procedure({
    name: 'imports.map', kind: 'command', summary: 'Says what the columns are, for which profile type, and by which rules; ends an earlier validation',
    input: z.object({
      id, format: importFormat.optional(), columns: z.array(importColumn).max(200).optional(), type: z.string().max(64).optional(), rules: importRules.optional(),
      /** Keeps the choice for the next file of this sender. */
      saveAs: mappingName.optional(),
    }),
    output: importView, permission: 'stock.import',
    audit: { record: 'always', event: 'import.mapped', fields: ['id', 'type', 'saveAs'] }, errors: ['IMPORT_UNKNOWN', 'IMPORT_BUSY', 'FILE_MALFORMED', ...mapErrors],
  }),
  validate: procedure({
    name: 'imports.validate', kind: 'job', summary: 'Checks every row and seals its secrets; nothing is written to the stock',
    input: z.object({ id }), output: jobView, permission: 'stock.import',
    audit: { record: 'always', event: 'import.validated', fields: ['id'] }, errors: ['IMPORT_UNKNOWN', 'IMPORT_BUSY', 'IMPORT_UNMAPPED', 'FILE_ALREADY_IMPORTED'],
  }),
  show: procedure({
    name: 'imports.show', kind: 'query', summary: 'One import with its counts and findings, grouped by what repairs them',
    input: z.object({ id }), output: importView, permission: 'stock.import', audit: view, errors: ['IMPORT_UNKNOWN'],
  }),
  rows: procedure({
    name: 'imports.rows', kind: 'query', summary: 'Rows of an import, all or of one group',
    input: pageInput.extend({ id, group: z.string().max(100).optional(), state: z.enum(['good', 'bad', 'left-out', 'skipped']).optional() }),
    output: z.object({ rows: z.array(importRow), next: cursor.optional(), total: z.number().int() }), permission: 'stock.import', audit: view, errors: ['IMPORT_UNKNOWN', 'IMPORT_BUSY'],
  }),
  repair: procedure({
    name: 'imports.repair', kind: 'job', summary: 'Mends all rows of a group one way and checks them again; the file itself stays as it is',
    input: z.object({ id, group: z.string().max(100), repair: z.enum(importRepairs), value: z.string().max(32).optional() }),
    /** `job` when there are too many rows to wait for. */
    output: z.object({ import: importView, job: jobView.optional(), changed: z.number().int() }), permission: 'stock.import',
    audit: { record: 'always', event: 'import.repaired', fields: ['id', 'group', 'repair', 'changed'] }, errors: ['IMPORT_UNKNOWN', 'IMPORT_BUSY', 'GROUP_UNKNOWN', 'REPAIR_UNFIT'],
  }),
  repairCell: procedure({
    name: 'imports.repairCell', kind: 'command', summary: 'Corrects one identifier and checks its row again; secrets are corrected in the file only',
    input: z.object({ id, line: z.number().int().min(1), column: z.number().int().min(0).max(199), value: z.string().max(64) }),
    output: z.object({ import: importView, row: importRow }), permission: 'stock.import',
    audit: { record: 'always', event: 'import.cell_repaired', fields: ['id', 'line', 'column'], sensitive: ['value'] }, errors: ['IMPORT_UNKNOWN', 'IMPORT_BUSY', 'ROW_UNKNOWN', 'CELL_SECRET'],
  }),
  leaveOut: procedure({
    name: 'imports.leaveOut', kind: 'command', summary: 'Leaves rows out of the import, or takes them back in',
    input: z.object({ id, group: z.string().max(100).optional(), lines: z.array(z.number().int().min(1)).max(1000).optional(), bad: z.boolean().optional(), back: z.boolean().default(false) }),
    output: z.object({ import: importView, changed: z.number().int() }), permission: 'stock.import',
    audit: { record: 'always', event: 'import.left_out', fields: ['id', 'group', 'bad', 'back', 'changed'] }, errors: ['IMPORT_UNKNOWN', 'IMPORT_BUSY', 'GROUP_UNKNOWN', 'ROW_UNKNOWN'],
  }),
  preview: procedure({
    name: 'imports.preview', kind: 'query', summary: 'What a commit would do to the stock',
    input: z.object({ id }), output: importEffect, permission: 'stock.import', audit: view, errors: ['IMPORT_UNKNOWN', 'IMPORT_BUSY', 'IMPORT_UNVALIDATED'],
  }),
  commit: procedure({
    name: 'imports.commit', kind: 'job', summary: 'Writes the good rows into the stock; refused while bad ones are neither mended nor left out',
    input: z.object({ id, leaveOutBad: z.boolean().default(false) }), output: jobView, permission: 'stock.import',
    audit: { record: 'always', event: 'import.committed', fields: ['id', 'leaveOutBad'] }, errors: ['IMPORT_UNKNOWN', 'IMPORT_BUSY', 'IMPORT_UNVALIDATED', 'ROWS_INVALID', 'NOTHING_TO_IMPORT', 'FILE_ALREADY_IMPORTED'],
  }),
  fixFile: procedure({
    name: 'imports.fixFile', kind: 'command', summary: 'The bad and left-out rows as they came, with an error and a hint beside each, to be corrected and sent again',
    input: z.object({ id }), output: fileOffer.extend({ rows: z.number().int() }), permission: 'stock.import',
    audit: { record: 'always', event: 'import.fix_file', fields: ['id', 'rows'] }, errors: ['IMPORT_UNKNOWN', 'IMPORT_BUSY', 'NOTHING_TO_FIX'],
  }),
  discard: procedure({
    name: 'imports.discard', kind: 'command', summary: 'Forgets a file and everything sealed from it',
    input: z.object({ id }), output: z.object({ id }), permission: 'stock.import',
    audit: { record: 'always', event: 'import.discarded', fields: ['id'] }, errors: ['IMPORT_UNKNOWN', 'IMPORT_BUSY'],
  }),
  list: procedure({
    name: 'imports.list', kind: 'query', summary: 'Files in hand and files imported, newest first',
    input: pageInput, output: z.object({ rows: z.array(importHistoryRow), next: cursor.optional() }), permission: 'stock.import', audit: view, errors: [],
  }),
  mappings: procedure({
    name: 'imports.mappings', kind: 'query', summary: 'Saved mappings',
    input: z.object({}), output: z.object({ rows: z.array(savedMapping) }), permission: 'stock.import', audit: view, errors: [],
  }),
  saveMapping: procedure({
    name: 'imports.saveMapping', kind: 'command', summary: 'Keeps the mapping of an open import under a name',
    input: z.object({ id, name: mappingName }), output: savedMapping, permission: 'stock.import',
    audit: { record: 'always', event: 'import.mapping_saved', fields: ['name'] }, errors: ['IMPORT_UNKNOWN'],
  }),
  removeMapping: procedure({
    name: 'imports.removeMapping', kind: 'command', summary: 'Removes a saved mapping',
    input: z.object({ name: mappingName }), output: z.object({ name: z.string() }), permission: 'stock.import',
    audit: { record: 'always', event: 'import.mapping_removed', fields: ['name'] }, errors: ['MAPPING_UNKNOWN'],
  }),
  presets: procedure({
    name: 'imports.presets', kind: 'query', summary: 'Dialects of senders: built-in ones and saved ones',
    input: z.object({}), output: z.object({ rows: z.array(importPreset) }), permission: 'stock.import', audit: view, errors: [],
  }),
  savePreset: procedure({
    name: 'imports.savePreset', kind: 'command', summary: 'Keeps a dialect under a name of its own',
    input: importPreset.omit({ builtIn: true }), output: importPreset, permission: 'stock.import',
    audit: { record: 'always', event: 'import.preset_saved', fields: ['name'] }, errors: ['PRESET_BUILT_IN'],
  }),
  removePreset: procedure({
    name: 'imports.removePreset', kind: 'command', summary: 'Removes a saved dialect',
    input: z.object({ name: mappingName }), output: z.object({ name: z.string() }), permission: 'stock.import',
    audit: { record: 'always', event: 'import.preset_removed', fields: ['name'] }, errors: ['PRESET_UNKNOWN', 'PRESET_BUILT_IN'],
  }),
};
