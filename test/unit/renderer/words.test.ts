import { describe, expect, it } from 'vitest';
import { sameWords } from '../../../src/renderer/design/stage-words.ts';
import { urgentWord } from '../../../src/renderer/keys/key-words.ts';
import { canReplay, sendWord } from '../../../src/renderer/outbox/message-words.ts';
import { isUnfinished } from '../../../src/renderer/sessions/phase.ts';

describe('words on the screen', () => {
  it('the tab tells what is over from what ends soon', () => {
    expect(urgentWord([])).toBeUndefined();
    expect(urgentWord([{ severity: 'ok', alarm: 'none', daysLeft: 900 }])).toBeUndefined();
    expect(urgentWord([{ severity: 'error', alarm: 'ended', daysLeft: -3 }])).toBe('1 over');
    expect(urgentWord([{ severity: 'error', alarm: 'revoked', daysLeft: 300 }, { severity: 'warning', alarm: '30', daysLeft: 20 }])).toBe('1 over, 1 soon');
  });
  it('a timeline does not say its stage twice', () => {
    expect(sameWords('Ordered', 'Ordered')).toBe(true);
    expect(sameWords('ordered. ', 'Ordered')).toBe(true);
    expect(sameWords('Ordered by Kestrel', 'Ordered')).toBe(false);
  });
  it('a waiting message is tried now, a dead one sent again', () => {
    expect((['waiting', 'dead', 'done', 'discarded'] as const).map((state) => canReplay({ state }))).toEqual([true, true, false, false]);
    expect(sendWord([{ state: 'waiting' }])).toBe('Try now');
    expect(sendWord([{ state: 'waiting' }, { state: 'dead' }])).toBe('Send again');
    expect(sendWord([])).toBe('Send again');
  });
  it('only a session that goes on may still tell more', () => {
    expect((['initiated', 'authenticated', 'bound', 'refused', 'installed', 'install_failed', 'cancelled', 'expired'] as const).filter(isUnfinished)).toEqual(['initiated', 'authenticated', 'bound']);
  });
});
