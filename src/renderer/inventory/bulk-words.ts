/** Bulk actions as people say them. */
import type { BulkAction } from '../../shared/contract/inventory.ts';
import type { QuarantineRule } from '../../shared/contract/numbers.ts';
import { plural } from '../design/formats.ts';

export type BulkName = BulkAction['do'];

export interface BulkWords {
  /** Menu and command. */
  readonly title: string;
  readonly button: string;
  /** What became of so many of them. */
  readonly done: string;
  readonly keywords: readonly string[];
  readonly note?: string;
}

export const bulkWords: Readonly<Record<BulkName, BulkWords>> = {
  hold: { title: 'Hold until…', button: 'Hold', done: 'held', keywords: ['reserve', 'reservation'], note: 'Held profiles cannot be ordered until the hold ends; then they return to sale by themselves.' },
  releaseHold: { title: 'Release hold', button: 'Release hold', done: 'returned to sale', keywords: ['reserve', 'free'], note: 'They can be ordered again at once.' },
  quarantine: { title: 'Quarantine…', button: 'Quarantine', done: 'quarantined', keywords: ['block', 'take out of sale'], note: 'They are taken out of sale. What was never delivered can return later.' },
  unquarantine: { title: 'Return to sale…', button: 'Return to sale', done: 'returned to sale', keywords: ['unquarantine', 'release'], note: 'Only profiles that were never delivered to a device can return.' },
  retire: { title: 'Retire…', button: 'Retire for good', done: 'retired', keywords: ['end', 'delete', 'erase'], note: 'They end for good: their secrets are erased and their numbers are never used again.' },
  addLabel: { title: 'Add label…', button: 'Add label', done: 'labelled', keywords: ['tag', 'mark'] },
  removeLabel: { title: 'Remove label…', button: 'Remove label', done: 'without the label', keywords: ['tag', 'untag'] },
  note: { title: 'Add note…', button: 'Add note', done: 'with the note', keywords: ['comment', 'ticket'], note: 'Notes stay: they are never changed or removed.' },
};

export const bulkOrder: readonly BulkName[] = ['hold', 'releaseHold', 'quarantine', 'unquarantine', 'addLabel', 'removeLabel', 'note', 'retire'];

const titles: Readonly<Record<BulkName, (which: string) => string>> = {
  hold: (which) => `Hold ${which}`, releaseHold: (which) => `Release the hold of ${which}`, quarantine: (which) => `Quarantine ${which}`, unquarantine: (which) => `Return ${which} to sale`,
  retire: (which) => `Retire ${which}`, addLabel: (which) => `Add a label to ${which}`, removeLabel: (which) => `Remove a label from ${which}`, note: (which) => `Add a note to ${which}`,
};

/** `Hold 12 profiles`. */
export const bulkTitle = (action: BulkName, profiles: number | undefined): string => titles[action](profiles === undefined ? 'all that match' : plural(profiles, 'profile'));

/** As a command: `Hold selected profiles`. */
export const bulkCommand = (action: BulkName): string => titles[action]('selected profiles');

/** A reason of the engine as a sentence of its own. */
export const reasonSentence = (reason: string): string => `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;

export const quarantineRuleWords: Readonly<Record<QuarantineRule, string>> = {
  manual: 'When somebody returns them to sale', date: 'On a day', 'delete-seen': 'When their device reports them deleted', 'network-removed': 'When the network has removed them',
};
