import { describe, expect, it } from 'vitest';
import { explainCode, explainRefusal } from '../../../src/renderer/design/explain.ts';
import { beyondStage } from '../../../src/renderer/design/stage-words.ts';
import { urgentWord } from '../../../src/renderer/keys/key-words.ts';
import { happenings } from '../../../src/renderer/home/recent.tsx';
import { situationWord } from '../../../src/renderer/inventory/badges.ts';
import { readAs } from '../../../src/renderer/app/search-words.ts';
import { schemaSentence } from '../../../src/shared/contract/sentence.ts';
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
  it('the search says what it took a text for only where what it found agrees', () => {
    expect(readAs('C55AC56E', { recognised: 'MatchingID', hits: [{ kind: 'session', id: 'C55AC56EC998' }] })).toBeUndefined();
    expect(readAs('mutsz', { recognised: 'MatchingID', hits: [{ kind: 'order', id: 'o-1' }] })).toBe('MatchingID');
    expect(readAs('898821100000000', { recognised: 'IMSI or MSISDN', hits: [{ kind: 'profile', id: '8988211000000000011' }] })).toBe('beginning of an ICCID');
    expect(readAs('+882110', { recognised: 'IMSI or MSISDN', hits: [{ kind: 'profile', id: '8988211000000000011' }] })).toBe('IMSI or MSISDN');
    expect(readAs('12', undefined)).toBeUndefined();
  });
  it('a bulk change is one happening, two events of one profile are two', () => {
    const event = (id: number, iccid: string, at: number, stage: 'held' | 'installed' = 'held') => ({ id, iccid, at, stage, source: 'operator' as const, text: '' });
    expect(happenings([event(4, 'c', 9_000), event(3, 'b', 8_500), event(2, 'a', 8_000), event(1, 'a', 7_900), event(0, 'd', 7_800, 'installed')]).map((one) => [one.event.id, one.more])).toEqual([[4, 2], [1, 0], [0, 0]]);
    expect(happenings([event(2, 'a', 200_000), event(1, 'b', 100_000)])).toHaveLength(2);
  });
  it('situations have one word everywhere', () => {
    expect(situationWord('ghost')).toBe('Active, not installed');
    expect(situationWord('later')).toBe('later');
    expect(situationWord(undefined)).toBeUndefined();
  });
  it('a schema speaks of characters, not of strings', () => {
    expect(schemaSentence({ code: 'too_big', message: 'Too big: expected string to have <=16 characters', origin: 'string', maximum: 16 })).toBe('At most 16 characters');
    expect(schemaSentence({ code: 'too_small', message: 'Too small: expected string to have >=1 characters', origin: 'string', minimum: 1 })).toBe('This is needed');
    expect(schemaSentence({ code: 'too_small', message: 'Too small: expected array to have >=2 items', origin: 'array', minimum: 2 })).toBe('At least 2 entries');
    expect(schemaSentence({ code: 'custom', message: 'An ICCID has 19 digits' })).toBe('An ICCID has 19 digits');
  });
});
