/** Number ledgers, stock levels and policies: what the numbers area of the window asks. */
import { z } from 'zod';
import { brandName } from './brands.ts';
import { cursor, instant, pageInput, procedure } from './define.ts';
import { jobView } from './jobs.ts';
import { typeName } from './types.ts';

export const numberKinds = ['iccid', 'imsi', 'msisdn'] as const;
export type NumberKind = (typeof numberKinds)[number];

/** Where the numbers of a block come from. `entitlement`: named by the grant of a brand before anybody registered them. */
export const numberSources = ['own', 'import', 'hlr', 'partner', 'entitlement'] as const;
export type NumberSource = (typeof numberSources)[number];

/** `open` blocks give numbers; `reserved` are kept for somebody; `blocked` give none until they are opened; `closed` never again. */
export const blockStates = ['open', 'reserved', 'blocked', 'closed'] as const;
export type BlockState = (typeof blockStates)[number];

/** `unknown`: in no block, and no profile has it. */
export const numberStatuses = ['free', 'reserved', 'in-use', 'burnt', 'blocked', 'unknown'] as const;
export type NumberStatus = (typeof numberStatuses)[number];

const count = z.number().int().min(0);

/** How fast something is used up, and when it ends. Days are whole days of UTC, today included as far as it went. */
export const forecast = z.object({
  /** Used in the last 7, 30 and 90 days, per day: divided by the days there is a history of, where that is shorter. */
  perDay: z.object({ d7: z.number(), d30: z.number(), d90: z.number() }),
  /** The faster of the last 7 and the last 30 days; what the date below follows from. */
  rate: z.number(),
  /** Absent when nothing was used in 90 days. */
  daysLeft: z.number().optional(),
  endsAt: instant.optional(),
  /** `none`: nothing used in 90 days. `low`: under 7 days of history or fewer than 3 days of use. `fair`: under 30 days or fewer than 10. */
  confidence: z.enum(['none', 'low', 'fair', 'good']),
  /** Fewer than five uses, or fewer than three days: nothing is foretold from it. */
  tooFew: z.literal(true).optional(),
  /** Days of history the figures rest on, at most 90. */
  historyDays: z.number().int(),
});
export type Forecast = z.infer<typeof forecast>;

export const blockRow = z.object({
  id: z.string(), kind: z.enum(numberKinds),
  /** As people write them: ICCIDs of 19 digits with their check digit. */
  first: z.string(), last: z.string(),
  /** Numbers it holds; more than 2^53 are shown as that. */
  count,
  /** Numbers profiles have, had, or that are burnt: none of them is given out again. */
  used: count,
  /** Of those used: burnt for ever. */
  burnt: count,
  /** Kept for running preparations. */
  reserved: count,
  free: count,
  /** Name of the brand; absent: the operator's own. */
  owner: z.string().optional(),
  type: z.string().optional(),
  source: z.enum(numberSources), state: z.enum(blockStates), reason: z.string().optional(), note: z.string().optional(),
  /** Number range it gives its numbers to, in step with the blocks of the other kinds. */
  range: z.string().optional(),
  forecast, createdAt: instant,
});
export type BlockRow = z.infer<typeof blockRow>;

export const blockFilter = z.object({
  /** Name of a brand; empty: the operator's own. */
  owner: z.string().max(64).optional(),
  type: z.string().max(64).optional(),
  state: z.array(z.enum(blockStates)).optional(),
  source: z.array(z.enum(numberSources)).optional(),
  /** A number in the block, or the beginning of its first. */
  text: z.string().max(40).optional(),
});

/** What is known of one number. */
export const numberAnswer = z.object({
  kind: z.enum(numberKinds), number: z.string(), status: z.enum(numberStatuses),
  /** One sentence. */
  text: z.string(),
  block: z.object({ id: z.string(), first: z.string(), last: z.string(), state: z.enum(blockStates), owner: z.string().optional(), type: z.string().optional(), range: z.string().optional() }).optional(),
  /** Profile that has it now. */
  iccid: z.string().optional(),
  burnt: z.object({ at: instant, why: z.string(), iccid: z.string().optional() }).optional(),
  job: z.string().optional(),
});
export type NumberAnswer = z.infer<typeof numberAnswer>;

/** A stretch of numbers that profiles have and no block holds. */
export const outsideRun = z.object({
  kind: z.enum(numberKinds), first: z.string(), last: z.string(),
  /** Numbers from the first to the last, and profiles that have them. */
  numbers: count, profiles: count,
  types: z.array(z.string()),
});
export type OutsideRun = z.infer<typeof outsideRun>;

/** What the check says of numbers outside any block: no fault, but nothing it compares. Empty where there are none. */
export function outsideWords(outside: Partial<Record<NumberKind, number>>): string {
  const counts = numberKinds.filter((kind) => (outside[kind] ?? 0) > 0).map((kind) => `${outside[kind]!.toLocaleString('en')} ${kind.toUpperCase()}${outside[kind] === 1 ? '' : 's'}`);
  return counts.length === 0 ? '' : `Outside any block, counted but not compared: ${counts.join(', ')}. "Make blocks" in Numbers registers them.`;
}

export const recyclingRules = ['never', 'never-delivered', 'cooling-off'] as const;
export type RecyclingRule = (typeof recyclingRules)[number];
/** When a quarantine ends by itself. `manual`: it does not. */
export const quarantineRules = ['manual', 'date', 'delete-seen', 'network-removed'] as const;
export type QuarantineRule = (typeof quarantineRules)[number];
/** What becomes of the profile then. A profile whose package was delivered can only be retired. */
export const quarantineEnds = ['release', 'retire'] as const;

export const releaseRule = z.object({
  rule: z.enum(quarantineRules).default('manual'),
  /** The date of `date`; for the others the day it ends though nothing was seen. */
  until: instant.optional(),
  afterwards: z.enum(quarantineEnds).default('release'),
});
export type ReleaseRule = z.infer<typeof releaseRule>;

export const policyRow = z.object({
  type: z.string(),
  recycling: z.enum(recyclingRules), coolingDays: z.number().int().min(1).max(3650),
  /** An MSISDN may serve again after its profile retired, `msisdnDays` later; ICCID and IMSI never. */
  msisdn: z.enum(['burn', 'reuse']), msisdnDays: z.number().int().min(0).max(3650),
  /** What the quarantine dialog begins with. */
  quarantine: z.enum(quarantineRules), quarantineDays: z.number().int().min(1).max(3650),
  changedAt: instant.optional(),
});
export type PolicyRow = z.infer<typeof policyRow>;

const view = { record: 'none', why: 'shown on screen only; exports are recorded' } as const;
const byId = z.object({ id: z.string().max(64) });
const reason = z.string().trim().min(3).max(200);
const digits = z.string().max(32);

export const numbers = {
  blocks: procedure({
    name: 'numbers.blocks', kind: 'query', summary: 'Blocks of a ledger in the order of their numbers, with use and forecast',
    input: pageInput.extend({ kind: z.enum(numberKinds), filter: blockFilter.default({}) }),
    output: z.object({
      rows: z.array(blockRow), next: cursor.optional(), total: count,
      /** Over the whole ledger of this kind, whatever the filter. */
      totals: z.object({ blocks: count, numbers: count, used: count, burnt: count, free: count, outside: count }),
    }),
    permission: 'number.view', audit: view, errors: [],
  }),
  block: procedure({
    name: 'numbers.block', kind: 'query', summary: 'One block', input: byId,
    output: blockRow.extend({
      /** The blocks of the other kinds in its range. */
      beside: z.array(z.object({ id: z.string(), kind: z.enum(numberKinds), first: z.string(), last: z.string() })),
      /** The next number it gives. */
      next: z.string().optional(),
      changes: z.array(z.object({ at: instant, text: z.string(), actor: z.string() })),
    }),
    permission: 'number.view', audit: view, errors: [],
  }),
  find: procedure({
    name: 'numbers.find', kind: 'query', summary: 'What is known of a number: free, reserved, in use, burnt, blocked or unknown',
    input: z.object({ number: z.string().min(3).max(64), kind: z.enum(numberKinds).optional() }),
    output: z.object({ rows: z.array(numberAnswer) }), permission: 'number.view', audit: view, errors: ['NUMBER_INVALID'],
  }),
  outside: procedure({
    name: 'numbers.outside', kind: 'query', summary: 'Stretches of numbers that profiles have and no block holds',
    input: z.object({ kind: z.enum(numberKinds) }),
    /** `profiles` of all stretches, `behind` those of stretches behind the ones listed. A stretch ends where more than `joined` numbers in a row are missing. */
    output: z.object({ rows: z.array(outsideRun), profiles: count, behind: count, joined: count }), permission: 'number.view', audit: view, errors: [],
  }),
  adopt: procedure({
    name: 'numbers.adopt', kind: 'command', summary: 'Makes blocks of numbers profiles have and no block holds',
    input: z.object({ kind: z.enum(numberKinds), runs: z.array(z.object({ first: digits, last: digits })).min(1).max(200), source: z.enum(numberSources).default('import') }),
    output: z.object({ rows: z.array(z.object({ id: z.string(), first: z.string(), last: z.string() })) }), permission: 'number.manage',
    audit: { record: 'always', event: 'numbers.adopted', fields: ['kind', 'runs', 'source', 'rows'] }, errors: ['BLOCK_OVERLAPS', 'BLOCK_INVALID'],
  }),
  add: procedure({
    name: 'numbers.add', kind: 'command', summary: 'Registers a block of numbers',
    input: z.object({
      kind: z.enum(numberKinds), first: digits, count: z.number().int().min(1).max(1_000_000_000_000).optional(), last: digits.optional(),
      owner: brandName.optional(), type: typeName.optional(), source: z.enum(numberSources).default('own'),
      state: z.enum(['open', 'reserved', 'blocked']).default('open'), reason: reason.optional(), note: z.string().trim().max(200).optional(),
    }).refine((one) => (one.count === undefined) !== (one.last === undefined), { message: 'the number of numbers or the last one is needed', path: ['count'] }),
    output: blockRow, permission: 'number.manage',
    audit: { record: 'always', event: 'numbers.added', fields: ['id', 'kind', 'first', 'last', 'count', 'owner', 'type', 'source', 'state', 'reason'] },
    errors: ['BLOCK_INVALID', 'BLOCK_OVERLAPS', 'BRAND_UNKNOWN', 'TYPE_UNKNOWN', 'RANGE_TAKEN'],
  }),
  split: procedure({
    name: 'numbers.split', kind: 'command', summary: 'Cuts a block in two; the blocks of its range are cut with it',
    input: byId.extend({
      /** First number of the second part. */
      at: digits,
    }),
    output: z.object({ first: blockRow, second: blockRow }), permission: 'number.manage',
    audit: { record: 'always', event: 'numbers.split', fields: ['id', 'at', 'first.id', 'second.id', 'second.range'] }, errors: ['BLOCK_INVALID', 'BLOCK_UNKNOWN', 'RANGE_BUSY'],
  }),
  assign: procedure({
    name: 'numbers.assign', kind: 'command', summary: 'Gives a block to a brand or back to the operator, or to a profile type; ICCIDs become the brand\'s entitlement',
    input: byId.extend({ owner: brandName.nullable().optional(), type: typeName.nullable().optional(), note: z.string().trim().max(200).nullable().optional() }),
    output: blockRow, permission: 'number.manage',
    audit: { record: 'always', event: 'numbers.assigned', fields: ['id', 'owner', 'type', 'note', 'first', 'last'] },
    errors: ['BLOCK_UNKNOWN', 'BRAND_UNKNOWN', 'TYPE_UNKNOWN', 'BLOCK_REFUSED'],
  }),
  setState: procedure({
    name: 'numbers.setState', kind: 'command', summary: 'Opens, reserves, blocks or closes a block; with a range, all of it',
    input: byId.extend({ state: z.enum(blockStates), reason: reason.optional() }),
    output: blockRow, permission: 'number.manage',
    audit: { record: 'always', event: 'numbers.state_changed', fields: ['id', 'state', 'reason', 'first', 'last'] },
    errors: ['BLOCK_UNKNOWN', 'BLOCK_REFUSED', 'REASON_MISSING', 'RANGE_BUSY'],
  }),
  makeRange: procedure({
    name: 'numbers.makeRange', kind: 'command', summary: 'Makes a number range of a profile type out of free numbers of blocks that run in step',
    input: z.object({ type: typeName, iccid: digits, imsi: digits, msisdn: digits.optional(), count: z.number().int().min(1).max(100_000_000) }),
    output: z.object({ id: z.string(), iccidFirst: z.string(), iccidLast: z.string(), imsiFirst: z.string(), imsiLast: z.string() }), permission: 'number.manage',
    audit: { record: 'always', event: 'range.of_blocks', fields: ['id', 'type', 'iccidFirst', 'imsiFirst', 'count'] },
    errors: ['TYPE_UNKNOWN', 'RANGE_OVERLAPS', 'RANGE_INVALID', 'BLOCK_REFUSED'],
  }),
  burn: procedure({
    name: 'numbers.burn', kind: 'command', summary: 'Takes a number out for ever though no profile has it',
    input: z.object({ kind: z.enum(numberKinds), number: digits, reason }), output: numberAnswer, permission: 'number.manage',
    audit: { record: 'always', event: 'numbers.burnt', fields: ['kind', 'number', 'reason'] }, errors: ['NUMBER_INVALID', 'NUMBER_IN_USE'],
  }),
  check: procedure({
    name: 'numbers.check', kind: 'job', summary: 'Counts ledger against profiles and reports gaps, overlaps and reuse as rows of the job',
    input: z.object({}), output: jobView, permission: 'number.manage', audit: { record: 'always', event: 'numbers.checked', fields: ['id'] }, errors: [],
  }),
  policies: procedure({
    name: 'numbers.policies', kind: 'query', summary: 'Per profile type: what is used again after a cancellation, and how a quarantine ends',
    input: z.object({ type: typeName.optional() }), output: z.object({ rows: z.array(policyRow) }), permission: 'profile.view', audit: view, errors: [],
  }),
  setPolicy: procedure({
    name: 'numbers.setPolicy', kind: 'command', summary: 'Changes the policy of a profile type',
    input: policyRow.omit({ changedAt: true }).partial().required({ type: true }), output: policyRow, permission: 'number.manage',
    audit: { record: 'always', event: 'policy.changed', fields: ['type', 'recycling', 'coolingDays', 'msisdn', 'msisdnDays', 'quarantine', 'quarantineDays'] }, errors: ['TYPE_UNKNOWN'],
  }),
};

export const levelMarks = z.object({
  /** Sellable profiles under which a proposal is made; null: no such mark. */
  low: z.number().int().min(0).max(100_000_000).nullable(),
  /** Sellable profiles a proposal fills up to; null: enough for the days of cover. */
  target: z.number().int().min(1).max(100_000_000).nullable(),
  /** Days from deciding to prepare until the profiles can be sold: a stock-out nearer than that makes a proposal. */
  leadDays: z.number().int().min(0).max(365),
  /** Days the stock shall last after a preparation. */
  coverDays: z.number().int().min(1).max(730),
  /** Starts the preparation without asking. */
  auto: z.boolean(),
});
export type LevelMarks = z.infer<typeof levelMarks>;

/** `ok`, `low`: under the mark. `soon`: ends within lead time. `out`: none left. `none`: never had stock, sales or marks. */
export const levelStates = ['ok', 'soon', 'low', 'out', 'none'] as const;

export const levelRow = z.object({
  type: z.string(), marks: levelMarks, set: z.boolean(),
  sellable: count, held: count, imported: count,
  /** What running and waiting preparations will add. */
  preparing: count,
  /** Numbers left in open ranges of the type. */
  numbersLeft: count,
  /** Orders less what came back into stock. `endsAt` is when the last sellable profile goes. */
  forecast,
  /** The numbers of its ranges at the same speed, after stock and waiting imports are used up. */
  numbersEndAt: instant.optional(),
  state: z.enum(levelStates),
  /** Why, in one sentence. */
  text: z.string(),
  proposal: z.string().optional(),
});
export type LevelRow = z.infer<typeof levelRow>;

export const proposalStates = ['open', 'snoozed', 'accepted', 'started', 'dismissed', 'gone'] as const;

export const proposalRow = z.object({
  id: z.string(), type: z.string(), state: z.enum(proposalStates),
  quantity: count,
  /** What the quantity follows from, in sentences. */
  why: z.array(z.string()),
  sellable: count, rate: z.number(), daysLeft: z.number().optional(), endsAt: instant.optional(),
  /** What it would use up. */
  fromStock: count,
  ranges: z.array(z.object({ id: z.string(), first: z.string(), last: z.string(), count, leftAfter: count })),
  /** Missing: there are neither waiting imports nor numbers for so many. */
  short: count,
  /** Days of cover after it. */
  coverAfter: z.number().optional(),
  madeAt: instant, decidedAt: instant.optional(), actor: z.string().optional(), reason: z.string().optional(), snoozedUntil: instant.optional(), job: z.string().optional(),
});
export type ProposalRow = z.infer<typeof proposalRow>;

export const levels = {
  list: procedure({
    name: 'levels.list', kind: 'query', summary: 'Stock of every profile type: sellable, use per day, days of cover, marks',
    input: z.object({}), output: z.object({ rows: z.array(levelRow) }), permission: 'number.view', audit: view, errors: [],
  }),
  set: procedure({
    name: 'levels.set', kind: 'command', summary: 'Sets low-water mark, target, lead time and days of cover of a profile type',
    input: z.object({ type: typeName, marks: levelMarks.partial() }), output: levelRow, permission: 'number.manage',
    audit: { record: 'always', event: 'level.set', fields: ['type', 'marks'] }, errors: ['TYPE_UNKNOWN', 'LEVEL_INVALID'],
  }),
  proposals: procedure({
    name: 'levels.proposals', kind: 'query', summary: 'Proposals to prepare, open ones first',
    input: z.object({ state: z.array(z.enum(proposalStates)).optional(), type: z.string().max(64).optional(), limit: z.number().int().min(1).max(200).default(50) }),
    output: z.object({ rows: z.array(proposalRow) }), permission: 'number.view', audit: view, errors: [],
  }),
  accept: procedure({
    name: 'levels.accept', kind: 'job', summary: 'Starts the preparation a proposal asks for, with what there is now',
    input: byId.extend({ quantity: z.number().int().min(1).max(1_000_000).optional() }), output: z.object({ proposal: proposalRow, job: jobView }), permission: 'preparation.run',
    audit: { record: 'always', event: 'proposal.accepted', fields: ['id', 'proposal.type', 'quantity', 'job.id'] }, errors: ['PROPOSAL_UNKNOWN', 'PROPOSAL_CLOSED', 'STOCK_SHORT'],
  }),
  dismiss: procedure({
    name: 'levels.dismiss', kind: 'command', summary: 'Turns a proposal down, or puts it off until a day',
    input: byId.extend({ reason, until: instant.optional() }), output: proposalRow, permission: 'preparation.run',
    audit: { record: 'always', event: 'proposal.dismissed', fields: ['id', 'type', 'reason', 'until'] }, errors: ['PROPOSAL_UNKNOWN', 'PROPOSAL_CLOSED'],
  }),
};
