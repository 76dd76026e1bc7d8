import { describe, expect, it } from 'vitest';
import { explainCode, explainRefusal } from '../../../src/renderer/design/explain.ts';
import { beyondStage } from '../../../src/renderer/design/stage-words.ts';
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
    expect(beyondStage('Ordered', 'Ordered')).toBe('');
    expect(beyondStage('ordered. ', 'Ordered')).toBe('');
    expect(beyondStage('Ordered by Kestrel', 'Ordered')).toBe('by Kestrel');
    expect(beyondStage('Boundary reached', 'Bound')).toBe('Boundary reached');
    expect(beyondStage('The device came', 'Contacted')).toBe('The device came');
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
  it('a refusal says what happened before what its code can mean', () => {
    const general = explainCode('8.1.3/6.1');
    expect(explainRefusal('8.1.3/6.1', undefined)).toEqual(general);
    expect(explainRefusal('8.1.3/6.1', ' ')).toEqual(general);
    const unreadable = explainRefusal('8.1.3/6.1', "The signature of the eUICC certificate is not the EUM's");
    expect(unreadable).toMatchObject({ cause: "The signature of the eUICC certificate is not the EUM's.", general: general.cause, action: general.action });
  });
  it('a code with one cause keeps it in front', () => {
    expect(explainRefusal('8.2.7/3.8', 'The confirmation code is refused.')).toEqual({ ...explainCode('8.2.7/3.8'), here: 'The confirmation code is refused.' });
  });
  it('a revoked chip is not sent to the trust store', () => {
    const revoked = explainRefusal('8.1.3/6.1', 'The eUICC certificate was revoked on 2026-11-20 (key compromised).', { cause: "The chip's certificate is invalid", action: 'Check the trust store' });
    expect(revoked.cause).toBe('The eUICC certificate was revoked on 2026-11-20 (key compromised).');
    expect(revoked.action).not.toMatch(/trust store/);
    expect(revoked.general).toBeUndefined();
    expect(explainRefusal('8.1.3/6.1', 'Whether it was revoked is not known: no list is current.').action).toBe(explainCode('8.1.3/6.1').action);
  });
});
