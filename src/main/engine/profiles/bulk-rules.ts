/** What a bulk action means for one profile: an event, a label, a note, nothing, or a refusal. Pure. */
import type { z } from 'zod';
import type { bulkAction } from '../../../shared/contract/inventory.ts';
import type { ReleaseRule } from '../../../shared/contract/numbers.ts';
import type { ProfileState } from '../../../shared/contract/states.ts';
import type { Facts } from './rules.ts';
import { decide } from './rules.ts';
import type { StockEvent } from './transition-alike.ts';

export type BulkAction = z.output<typeof bulkAction>;
export type StateAction = Extract<BulkAction, { do: 'hold' | 'releaseHold' | 'quarantine' | 'unquarantine' | 'retire' }>;

export const isStateAction = (action: BulkAction): action is StateAction => action.do !== 'addLabel' && action.do !== 'removeLabel' && action.do !== 'note';
export const isIrreversible = (action: BulkAction): boolean => action.do === 'retire';
/** Nothing it does can be taken back. */
export const undoRefusal = (action: BulkAction): string | undefined =>
  action.do === 'retire' ? 'A retired profile has lost its secrets; that cannot be taken back.'
    : action.do === 'note' ? 'Notes stay; add another that says what changed.' : undefined;

const events: Record<StateAction['do'], StockEvent['name']> = { hold: 'hold', releaseHold: 'release_hold', quarantine: 'quarantine', unquarantine: 'unquarantine', retire: 'retire' };
export const eventOf = (action: StateAction): StockEvent['name'] => events[action.do];

/** Already as asked for. */
const settled: Partial<Record<StateAction['do'], ProfileState['stock']>> = { releaseHold: 'sellable', quarantine: 'quarantined', retire: 'retired' };

export type Verdict = { readonly is: 'change' } | { readonly is: 'unchanged' } | { readonly is: 'refused'; readonly why: string };

/** Of the state tables alone; the recycling policy is asked when the row is changed. */
export function judge(action: StateAction, facts: Facts): Verdict {
  if (settled[action.do] === facts.state.stock) return { is: 'unchanged' };
  const decision = decide(facts, { name: eventOf(action) });
  if (!decision.ok) return { is: 'refused', why: decision.why };
  if (action.do === 'quarantine' && facts.delivered && (action.rule ?? 'manual') !== 'manual' && (action.afterwards ?? 'release') === 'release') {
    return { is: 'refused', why: 'its package was delivered to a device, so a rule can only retire it' };
  }
  return { is: 'change' };
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

export function titleOf(action: BulkAction): string {
  switch (action.do) {
    case 'hold': return `Hold until ${day(action.until)}${action.for === undefined ? '' : ` for ${action.for}`}`;
    case 'releaseHold': return 'Release from hold';
    case 'quarantine': return 'Put into quarantine';
    case 'unquarantine': return 'Take out of quarantine';
    case 'retire': return 'Retire';
    case 'addLabel': return `Add the label ${action.label}`;
    case 'removeLabel': return `Remove the label ${action.label}`;
    case 'note': return 'Add a note';
  }
}

export const releaseOf = (action: Extract<BulkAction, { do: 'quarantine' }>): ReleaseRule | undefined =>
  action.rule === undefined || action.rule === 'manual' ? undefined
    : { rule: action.rule, afterwards: action.afterwards ?? 'release', ...(action.until === undefined ? {} : { until: action.until }) };

/** The event of its rows; words as a single action has them. `ruleWords` says when a quarantine ends. */
export function eventFor(action: StateAction, at: number, ruleWords: (rule: ReleaseRule) => string): StockEvent {
  const base = { name: eventOf(action), at, source: 'operator' as const };
  switch (action.do) {
    case 'hold':
      return { ...base, text: `Held${action.for === undefined ? '' : ` for ${action.for}`} until ${day(action.until)}`, heldUntil: action.until, ...(action.for === undefined ? {} : { heldFor: action.for }) };
    case 'releaseHold': return { ...base, text: 'No longer held' };
    case 'quarantine': {
      const release = releaseOf(action);
      return { ...base, reason: action.reason, text: `Put into quarantine${release ? ` (${ruleWords(release)})` : ''}: ${action.reason}`, ...(release ? { release } : {}) };
    }
    case 'unquarantine': return { ...base, reason: action.reason, text: `Taken out of quarantine: ${action.reason}` };
    case 'retire': return { ...base, reason: action.reason, text: `Retired: ${action.reason}` };
  }
}
