/** The inventory beyond one page of it: counts, bulk work with undo, export, saved views, labels and notes, comparing. */
import { z } from 'zod';
import { cursor, fileOffer, instant, pageInput, procedure } from './define.ts';
import { quarantineEnds, quarantineRules } from './numbers.ts';
import { profileColumn, profileFilter, profileSort } from './profile-filter.ts';
import { jobView, profileLabel } from './profiles.ts';
import { activationEvent, profileState } from './states.ts';

const iccid = z.string().min(18).max(24);
const view = { record: 'none', why: 'shown on screen only; exports are recorded' } as const;
const filtered = ['FILTER_INVALID', 'SORT_INVALID', 'TYPE_UNKNOWN'] as const;

/** Which profiles are meant: those picked, or all that match but a few. */
export const selection = z.union([
  z.object({ iccids: z.array(iccid).min(1).max(10_000) }),
  z.object({ filter: profileFilter, except: z.array(iccid).max(1_000).default([]) }),
]);
export type Selection = z.input<typeof selection>;

const reason = z.string().min(3).max(200);
export const labelName = z.string().trim().min(1).max(40).regex(/^[\p{L}\p{N}\p{P}\p{S} ]+$/u, 'letters, digits and signs').refine((name) => !/[,:%]/.test(name), 'no commas, colons or percent signs');
export const noteText = z.string().trim().min(1).max(4_000);
/** Tokens of the design's own palette; the word stands beside the colour everywhere. */
export const labelColours = ['grey', 'blue', 'teal', 'green', 'amber', 'orange', 'red', 'violet'] as const;

/** What bulk work may do. Everything but `retire` and `note` can be undone. */
export const bulkAction = z.discriminatedUnion('do', [
  z.object({ do: z.literal('hold'), until: instant, for: z.string().max(80).optional() }),
  z.object({ do: z.literal('releaseHold') }),
  z.object({
    do: z.literal('quarantine'), reason,
    /** When it ends by itself, as in `profiles.quarantine`; `date` needs `until`. */
    rule: z.enum(quarantineRules).optional(), until: instant.optional(), afterwards: z.enum(quarantineEnds).optional(),
  }),
  z.object({ do: z.literal('unquarantine'), reason }),
  z.object({ do: z.literal('retire'), reason }),
  z.object({ do: z.literal('addLabel'), label: labelName }),
  z.object({ do: z.literal('removeLabel'), label: labelName }),
  z.object({ do: z.literal('note'), text: noteText }),
]);
export type BulkAction = z.input<typeof bulkAction>;
export const bulkActionNames = ['hold', 'releaseHold', 'quarantine', 'unquarantine', 'retire', 'addLabel', 'removeLabel', 'note'] as const;

export const bulkPreview = z.object({
  /** Profiles the selection means at this moment. */
  matching: z.number().int(),
  willChange: z.number().int(),
  /** Already as asked for: they stay as they are and leave no event. */
  unchanged: z.number().int(),
  refused: z.number().int(),
  /** The most frequent first; `sample` are ICCIDs. */
  refusedByReason: z.array(z.object({ reason: z.string(), count: z.number().int(), sample: z.array(z.string()) })),
  /** Some that will change. */
  sample: z.array(z.string()),
  irreversible: z.boolean(),
  /** For irreversible work: the number that must be typed, equal to `willChange`. */
  confirm: z.number().int().optional(),
  /** Good for half an hour, until the engine ends. Profiles that come in later are not touched. */
  token: z.string(),
});

export const bulkRow = z.object({
  iccid: z.string(), outcome: z.enum(['waiting', 'changed', 'unchanged', 'refused']), code: z.string().optional(), message: z.string().optional(),
  /** After an undo. */
  undone: z.boolean().optional(),
});

export const bulkView = z.object({
  job: jobView, action: bulkAction, title: z.string(),
  counts: z.object({ changed: z.number().int(), unchanged: z.number().int(), refused: z.number().int(), waiting: z.number().int() }),
  /** Whether `bulk.undo` would be taken now; else why not. */
  undo: z.object({ possible: z.boolean(), why: z.string().optional(), job: z.string().optional() }),
  /** The job this one takes back. */
  undoes: z.string().optional(),
});
export type BulkView = z.infer<typeof bulkView>;

export const bulk = {
  preview: procedure({
    name: 'bulk.preview', kind: 'query', summary: 'What an action would do to a selection; nothing is changed',
    input: z.object({ selection, action: bulkAction }), output: bulkPreview, permission: 'profile.manage', audit: view,
    errors: [...filtered, 'DATE_INVALID'],
  }),
  start: procedure({
    name: 'bulk.start', kind: 'job', summary: 'Carries out what was previewed',
    input: z.object({ token: z.string().max(80), confirm: z.number().int().optional() }), output: jobView, permission: 'profile.manage',
    audit: { record: 'always', event: 'bulk.started', fields: ['id', 'title', 'total', 'confirm'] },
    errors: ['PREVIEW_EXPIRED', 'PREVIEW_USED', 'CONFIRMATION_WRONG', 'NOTHING_TO_DO'],
  }),
  undo: procedure({
    name: 'bulk.undo', kind: 'job', summary: 'Takes back what a bulk job changed, where nothing has happened since',
    input: z.object({ job: z.string().max(60) }), output: jobView, permission: 'profile.manage',
    audit: { record: 'always', event: 'bulk.undone', fields: ['job', 'id'] }, errors: ['NOT_REVERSIBLE', 'ALREADY_UNDONE', 'JOB_RUNNING'],
  }),
  show: procedure({
    name: 'bulk.show', kind: 'query', summary: 'A bulk job: what it did and whether it can be undone',
    input: z.object({ job: z.string().max(60) }), output: bulkView, permission: 'profile.view', audit: view, errors: [],
  }),
  rows: procedure({
    name: 'bulk.rows', kind: 'query', summary: 'Result of a bulk job, profile by profile',
    input: pageInput.extend({ job: z.string().max(60), outcome: z.enum(['waiting', 'changed', 'unchanged', 'refused']).optional() }),
    output: z.object({ rows: z.array(bulkRow), next: cursor.optional() }), permission: 'profile.view', audit: view, errors: [],
  }),
};

/** What a saved view keeps; all of it may also stand in an address. */
export const viewContent = z.object({
  filter: profileFilter.default({}), sort: profileSort.default([]),
  /** Shown columns, in their order; the first `pinned` stay in sight. */
  columns: z.array(z.string().max(40)).max(40).default([]), pinned: z.number().int().min(0).max(6).default(0),
  widths: z.record(z.string().max(40), z.number().int().min(40).max(1_000)).optional(),
  /** Height of the rows. */
  rows: z.enum(['compact', 'comfortable']).optional(),
});
export type ViewContent = z.input<typeof viewContent>;

export const savedView = z.object({
  id: z.string(), name: z.string(), shared: z.boolean(), mine: z.boolean(), owner: z.string(), isDefault: z.boolean(), content: viewContent,
  /** The list behind it, as an address inside the program. */
  href: z.string(), updatedAt: instant,
});
export type SavedView = z.infer<typeof savedView>;
const viewName = z.string().trim().min(1).max(60);

export const views = {
  list: procedure({
    name: 'views.list', kind: 'query', summary: 'Saved views: one\'s own and the shared ones', input: z.object({}), output: z.object({ rows: z.array(savedView) }),
    permission: 'profile.view', audit: view, errors: [],
  }),
  save: procedure({
    name: 'views.save', kind: 'command', summary: 'Saves a view; with the id of one of one\'s own, over it',
    input: z.object({ id: z.string().max(40).optional(), name: viewName, shared: z.boolean().default(false), content: viewContent }), output: savedView,
    permission: 'profile.view', audit: { record: 'always', event: 'view.saved', fields: ['id', 'name', 'shared'] }, errors: ['VIEW_EXISTS', 'VIEW_NOT_YOURS', 'FILTER_INVALID', 'SORT_INVALID'],
  }),
  rename: procedure({
    name: 'views.rename', kind: 'command', summary: 'Gives a view another name, or shares it', input: z.object({ id: z.string().max(40), name: viewName, shared: z.boolean().optional() }), output: savedView,
    permission: 'profile.view', audit: { record: 'always', event: 'view.renamed', fields: ['id', 'name', 'shared'] }, errors: ['VIEW_EXISTS', 'VIEW_NOT_YOURS'],
  }),
  remove: procedure({
    name: 'views.remove', kind: 'command', summary: 'Removes a saved view', input: z.object({ id: z.string().max(40) }), output: z.object({ id: z.string() }),
    permission: 'profile.view', audit: { record: 'always', event: 'view.removed', fields: ['id'] }, errors: ['VIEW_NOT_YOURS'],
  }),
  setDefault: procedure({
    name: 'views.setDefault', kind: 'command', summary: 'The view the inventory opens with, for the one who asks; none without an id',
    input: z.object({ id: z.string().max(40).optional() }), output: z.object({ id: z.string().optional() }),
    permission: 'profile.view', audit: { record: 'always', event: 'view.default', fields: ['id'] }, errors: [],
  }),
};

export const labelRow = profileLabel.extend({ profiles: z.number().int() });
export const labels = {
  list: procedure({
    name: 'labels.list', kind: 'query', summary: 'Labels and how many profiles carry them', input: z.object({}), output: z.object({ rows: z.array(labelRow) }),
    permission: 'profile.view', audit: view, errors: [],
  }),
  save: procedure({
    name: 'labels.save', kind: 'command', summary: 'Makes a label, or changes its name and colour',
    input: z.object({ name: labelName, rename: labelName.optional(), colour: z.enum(labelColours).default('grey') }), output: profileLabel,
    permission: 'profile.manage', audit: { record: 'always', event: 'label.saved', fields: ['name', 'rename', 'colour'] }, errors: ['LABEL_EXISTS'],
  }),
  remove: procedure({
    name: 'labels.remove', kind: 'command', summary: 'Removes a label that no profile carries', input: z.object({ name: labelName }), output: z.object({ name: z.string() }),
    permission: 'profile.manage', audit: { record: 'always', event: 'label.removed', fields: ['name'] }, errors: ['LABEL_UNKNOWN', 'LABEL_IN_USE'],
  }),
};

const facetValue = z.object({ value: z.string(), count: z.number().int() });
export const note = z.object({ id: z.number().int(), at: instant, author: z.string(), text: z.string() });
export const auditLine = z.object({ seq: z.number().int(), at: instant, event: z.string(), actor: z.string(), outcome: z.string() });

const compared = z.object({ iccid: z.string(), state: profileState, timeline: z.array(activationEvent) });

/** Registered beside `profiles.*` of contract/profiles.ts under the same first word. */
export const inventory = {
  count: procedure({
    name: 'profiles.count', kind: 'query', summary: 'Counts exactly, piece by piece: call again with `next` until there is none, and add up',
    input: z.object({ filter: profileFilter.default({}), cursor: cursor.optional() }),
    output: z.object({ count: z.number().int(), next: cursor.optional(), /** Share of the rows looked at, 0 to 1, where it is known. */ done: z.number().optional() }),
    permission: 'profile.view', audit: view, errors: filtered,
  }),
  facets: procedure({
    name: 'profiles.facets', kind: 'query', summary: 'How many profiles each value of a chip would leave',
    input: z.object({ filter: profileFilter.default({}) }),
    /** Each field is counted without its own chip. `exact` is false where the list is too long to count at once; `fields` is empty then. */
    output: z.object({
      exact: z.boolean(), total: z.number().int().optional(),
      fields: z.object({
        type: z.array(facetValue), template: z.array(facetValue), order: z.array(facetValue), stock: z.array(facetValue), network: z.array(facetValue),
        device: z.array(facetValue), secrets: z.array(facetValue),
      }).partial(),
    }),
    permission: 'profile.view', audit: view, errors: filtered,
  }),
  blame: procedure({
    name: 'profiles.blame', kind: 'query', summary: 'For an empty list: how many rows each chip alone keeps away',
    input: z.object({ filter: profileFilter }),
    /** `chip`: a member of the filter (`text`, `stock` …) or `where.<index>`. `count`: rows without it, at most `atMost`. Most first. */
    output: z.object({ chips: z.array(z.object({ chip: z.string(), count: z.number().int(), more: z.boolean() })), atMost: z.number().int() }),
    permission: 'profile.view', audit: view, errors: filtered,
  }),
  export: procedure({
    name: 'profiles.export', kind: 'command', summary: 'Hands a selection out as a file; secrets are never in it',
    input: z.object({
      selection, columns: z.array(profileColumn).min(1).max(30), sort: profileSort.default([]),
      /** `csv-excel` writes long numbers so that a spreadsheet keeps all digits. */
      format: z.enum(['csv', 'csv-excel', 'jsonl']).default('csv'),
    }),
    /** `scope`: what was asked for, in words. `about`: how many rows, where that is known beforehand. */
    output: fileOffer.extend({ format: z.string(), scope: z.string(), about: z.number().int().optional() }), permission: 'profile.view',
    audit: { record: 'always', event: 'profiles.exported', fields: ['scope', 'columns', 'format', 'name'] }, errors: filtered,
  }),
  compare: procedure({
    name: 'profiles.compare', kind: 'query', summary: 'Two profiles side by side: every field, template and metadata, the latest of both timelines',
    input: z.object({ a: z.string().min(1).max(64), b: z.string().min(1).max(64) }),
    output: z.object({
      a: compared, b: compared,
      fields: z.array(z.object({ group: z.enum(['identity', 'states', 'preparation', 'order', 'template', 'metadata', 'other']), name: z.string(), a: z.string().optional(), b: z.string().optional(), same: z.boolean() })),
    }),
    permission: 'profile.view', audit: view, errors: [],
  }),
  timeline: procedure({
    name: 'profiles.timeline', kind: 'query', summary: 'Timeline of a profile, the latest first',
    input: pageInput.extend({ iccid, source: z.string().max(20).optional(), stage: z.string().max(40).optional() }),
    output: z.object({ rows: z.array(activationEvent), next: cursor.optional(), total: z.number().int().optional() }),
    permission: 'profile.view', audit: view, errors: [],
  }),
  audit: procedure({
    name: 'profiles.audit', kind: 'query', summary: 'Audit records of a profile and its orders, the latest first',
    input: pageInput.extend({ iccid }), output: z.object({ rows: z.array(auditLine), next: cursor.optional() }), permission: 'audit.view', audit: view, errors: [],
  }),
  notes: procedure({
    name: 'profiles.notes', kind: 'query', summary: 'Notes on a profile, the latest first',
    input: pageInput.extend({ iccid }), output: z.object({ rows: z.array(note), next: cursor.optional() }), permission: 'profile.view', audit: view, errors: [],
  }),
  addNote: procedure({
    name: 'profiles.addNote', kind: 'command', summary: 'Adds a note; notes are never changed', input: z.object({ iccid, text: noteText }), output: note,
    permission: 'profile.manage', audit: { record: 'always', event: 'profile.noted', fields: ['iccid'], sensitive: ['text'] }, errors: ['IMPORT_UNFINISHED'],
  }),
  label: procedure({
    name: 'profiles.label', kind: 'command', summary: 'Puts labels on a profile and takes others off; new ones are made',
    input: z.object({ iccid, add: z.array(labelName).max(20).default([]), remove: z.array(labelName).max(20).default([]) }),
    output: z.object({ iccid: z.string(), labels: z.array(profileLabel) }),
    permission: 'profile.manage', audit: { record: 'always', event: 'profile.labelled', fields: ['iccid', 'add', 'remove'] }, errors: ['IMPORT_UNFINISHED'],
  }),
  checkValues: procedure({
    name: 'profiles.checkValues', kind: 'query', summary: 'Check values of a profile\'s keys, from the vault: they tell keys apart and give nothing away',
    input: z.object({ iccid }), output: z.object({ rows: z.array(z.object({ name: z.string(), /** Three octets, hexadecimal; absent when the value is not an AES key. */ kcv: z.string().optional() })) }),
    permission: 'profile.view', audit: view, errors: ['SECRETS_ERASED'],
  }),
};
