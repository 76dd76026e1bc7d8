import { describe, expect, it } from 'vitest';
import { sessionPhases } from '../../../src/shared/contract/sessions.ts';
import type { Settings } from '../../../src/shared/contract/workspace.ts';
import { timeLeft } from '../../../src/renderer/app/job-figures.ts';
import { staleAreas, tooDeepToReload } from '../../../src/renderer/app/staleness.ts';
import { adviceFor } from '../../../src/renderer/inventory/next-action.ts';
import { attemptsShort, attemptsText } from '../../../src/renderer/activations/attempts.ts';
import { cancelBlocked } from '../../../src/renderer/activations/cancel-rule.ts';
import { qrPath, quietZone } from '../../../src/renderer/activations/qr-path.ts';
import { csv } from '../../../src/renderer/design/download.ts';
import { explainCode } from '../../../src/renderer/design/explain.ts';
import { shownNote } from '../../../src/renderer/design/shown-rows.ts';
import { stageWord } from '../../../src/renderer/design/stage-words.ts';
import { evidenceWord, secretWord } from '../../../src/renderer/inventory/profile-words.ts';
import { activationEvent, activationStages } from '../../../src/shared/contract/states.ts';
import { columnsBeyond, nextIndex } from '../../../src/renderer/design/grid-keys.ts';
import { phaseBar } from '../../../src/renderer/sessions/phase.ts';
import { changedPart, settingChanges, settingFields, settingProblems, settingsFrom, textsOf } from '../../../src/renderer/settings/setting-list.ts';
import { validityOf } from '../../../src/renderer/keys/validity.ts';

const now = Date.UTC(2026, 10, 22);
const minute = 60_000;
const day = 86_400_000;
type Detail = Parameters<typeof adviceFor>[0];
const profile = (state: Partial<Detail['state']>, more: Partial<Detail> = {}): Detail => ({ state: { order: 'available', network: 'absent', stock: 'sellable', device: 'unknown', ...state }, timeline: [], ...more });
const event = (at: number, stage: string, source: string, code?: string) => ({ id: at, at, stage, source, text: '', ...(code === undefined ? {} : { code }) }) as Detail['timeline'][number];

describe('the next action of a profile', () => {
  const order = { id: 'o', matchingId: 'M', state: 'released', createdAt: now - day, expiresAt: now + 20 * day } as const;
  it('tells waiting from tried and failed', () => {
    expect(adviceFor(profile({ order: 'released', stock: 'sold' }, { order }), now, 'utc').badge).toBe('Waiting for user');
    const tried = adviceFor(profile({ order: 'released', stock: 'sold' }, { order, timeline: [event(now - minute, 'refused', 'es9plus', '8.2.6/3.8')] }), now, 'utc');
    expect(tried.badge).toBe('Tried and failed');
    expect(tried.why).toContain('8.2.6/3.8');
  });
  it('sees an order near its end, and one past it', () => {
    expect(adviceFor(profile({ order: 'released' }, { order: { ...order, expiresAt: now + day } }), now, 'utc').badge).toBe('Expiring');
    expect(adviceFor(profile({ order: 'released' }, { order: { ...order, expiresAt: now - 1 } }), now, 'utc').badge).toBe('Expired');
  });
  it('calls a download half done after ten minutes, not before', () => {
    const at = (ago: number) => adviceFor(profile({ order: 'downloaded' }, { timeline: [event(now - ago, 'downloaded', 'es9plus')] }), now, 'utc').badge;
    expect(at(9 * minute)).toBe('Downloading');
    expect(at(11 * minute)).toBe('Half done');
  });
  it('offers a return to sale only to what was never delivered', () => {
    expect(adviceFor(profile({ stock: 'quarantined' }), now, 'utc').action).toBe('unquarantine');
    expect(adviceFor(profile({ stock: 'quarantined' }, { deliveredAt: now }), now, 'utc').action).toBeUndefined();
  });
  it('says for whom a profile is held and until when, in the zone of the reader', () => {
    const held = adviceFor(profile({ stock: 'held' }, { heldUntil: Date.UTC(2026, 11, 24, 23, 59, 59), heldFor: 'Kestrel' }), now, 'utc');
    expect(held).toMatchObject({ badge: 'Held', why: 'Kept for Kestrel until 2026-12-24 23:59 UTC; then it returns to sale by itself.' });
    expect(adviceFor(profile({ stock: 'held' }), now, 'utc').why).toContain('for somebody until the hold ends');
  });
  it('offers an order only for what can be sold', () => {
    expect(adviceFor(profile({}), now, 'utc').action).toBe('order');
    expect(adviceFor(profile({ stock: 'imported' }), now, 'utc').action).toBe('prepare');
    expect(adviceFor(profile({ stock: 'retired' }), now, 'utc').action).toBeUndefined();
  });
});

describe('a job', () => {
  it('tells the time left only while it runs at a rate', () => {
    expect(timeLeft({ state: 'running', done: 400, total: 1_000, rate: 200 })).toBe(3_000);
    expect(timeLeft({ state: 'paused', done: 400, total: 1_000, rate: 200 })).toBeUndefined();
    expect(timeLeft({ state: 'running', done: 400, total: 1_000, rate: 0 })).toBeUndefined();
  });
});

describe('the QR code', () => {
  it('draws every dark module once, inside its quiet zone', () => {
    const matrix = ['110', '011', '101'];
    const drawn = new Set<string>();
    for (const [, x, y, width] of qrPath(matrix).matchAll(/M(\d+) (\d+)h(\d+)v1/g)) {
      for (let at = 0; at < Number(width); at++) {
        const place = `${Number(x) + at - quietZone},${Number(y) - quietZone}`;
        expect(drawn.has(place)).toBe(false);
        drawn.add(place);
      }
    }
    const dark = matrix.flatMap((row, y) => [...row].flatMap((module, x) => (module === '1' ? [`${x},${y}`] : [])));
    expect([...drawn].sort()).toEqual(dark.sort());
  });
});

describe('a list of row errors', () => {
  it('says when it is cut, and what the file holds', () => {
    expect(shownNote(200, 6_667)).toBe('200 of 6,667 shown');
    expect(shownNote(1_000, 6_667)).toBe('200 of 6,667 shown; the CSV has the first 1,000');
    expect(shownNote(450, 450)).toBe('200 of 450 shown; the CSV has all');
    expect(shownNote(12, 12)).toBeUndefined();
    // One row may be wrong in two columns.
    expect(shownNote(14, 12)).toBeUndefined();
  });
});

describe('a CSV', () => {
  it('quotes what needs quoting', () => {
    expect(csv(['a', 'b'], [['1,2', 'say "x"']])).toBe('a,b\r\n"1,2","say ""x"""\r\n');
  });
  it('keeps a spreadsheet from running a cell', () => {
    expect(csv(['a'], [['=1+1'], ['@x'], ['-5']])).toBe("a\r\n'=1+1\r\n'@x\r\n-5\r\n");
  });
});

describe('a status code', () => {
  it('is explained, compared as text', () => {
    expect(explainCode('8.2.6/3.8').cause).toMatch(/code/i);
    expect(explainCode('8.8.5/4.10').cause).not.toBe(explainCode('8.8.5/3.8').cause);
  });
  it('nobody wrote about still says something', () => {
    expect(explainCode('9.9/9.9').cause).not.toBe('');
  });
});

describe('names of the engine', () => {
  it('are words in the window: every secret slot, every source of evidence', () => {
    expect(['k', 'opc', 'pin1', 'puk2', 'adm1', 'scp80Kic', 'subscriber record'].map(secretWord)).toEqual(['K', 'OPc', 'PIN 1', 'PUK 2', 'ADM 1', 'OTA key KIc', 'Record from the stock file']);
    expect(secretWord('other')).toBe('other');
    expect(evidenceWord('euicc')).toBe('reported by the eUICC');
    for (const source of activationEvent.shape.source.options) expect(evidenceWord(source)).toContain(' ');
    for (const stage of activationStages) expect(stageWord(stage)).toMatch(/^[A-Z][a-z ]+$/);
  });
});

describe('columns of a list', () => {
  it('stand beyond the edge until it is scrolled there', () => {
    expect(columnsBeyond({ scrollWidth: 1_300, clientWidth: 800, scrollLeft: 0 })).toBe(true);
    expect(columnsBeyond({ scrollWidth: 1_300, clientWidth: 800, scrollLeft: 499.5 })).toBe(false);
    expect(columnsBeyond({ scrollWidth: 800, clientWidth: 800, scrollLeft: 0 })).toBe(false);
  });
});

describe('keys in a list', () => {
  it('move and stop at the ends', () => {
    expect(nextIndex('j', -1, 5, 3)).toBe(0);
    expect(nextIndex('j', 4, 5, 3)).toBe(4);
    expect(nextIndex('k', 0, 5, 3)).toBe(0);
    expect(nextIndex('PageDown', 1, 5, 3)).toBe(4);
    expect(nextIndex('End', 0, 5, 3)).toBe(4);
    expect(nextIndex('x', 0, 5, 3)).toBeUndefined();
    expect(nextIndex('j', -1, 0, 3)).toBeUndefined();
  });
});

describe('the phase bar', () => {
  it('never passes more stages than there are and breaks only when it broke', () => {
    for (const phase of sessionPhases) {
      for (let steps = 0; steps < 8; steps++) {
        const bar = phaseBar(phase, steps);
        expect(bar.passed + (bar.broke ? 1 : 0)).toBeLessThanOrEqual(4);
        expect(bar.passed).toBeGreaterThanOrEqual(0);
      }
    }
    expect(phaseBar('refused', 1)).toEqual({ passed: 0, broke: true, tone: 'danger' });
    expect(phaseBar('installed', 4)).toEqual({ passed: 4, broke: false, tone: 'success' });
  });
});

describe('what goes stale', () => {
  it('knows its areas and reads everything for one it does not know', () => {
    expect(staleAreas('orders')).toContain('profiles');
    expect(staleAreas('something-new')).toBe('all');
  });
  it('spares a list that was read far down', () => {
    expect(tooDeepToReload({ pages: [1, 2, 3, 4] })).toBe(true);
    expect(tooDeepToReload({ pages: [1, 2, 3] })).toBe(false);
    expect(tooDeepToReload({ rows: [] })).toBe(false);
  });
});

describe('cancelling an order', () => {
  it('is possible while it is open, and after it ended in Error', () => {
    expect(cancelBlocked({ state: 'released' })).toBeUndefined();
    expect(cancelBlocked({ state: 'error', closedAt: now })).toBeUndefined();
    expect(cancelBlocked({ state: 'available', closedAt: now })).toMatch(/closed/);
    expect(cancelBlocked({ state: 'unavailable', closedAt: now })).toMatch(/closed/);
    expect(cancelBlocked({ state: 'installed', closedAt: now })).toMatch(/installed/);
  });
  it('is what a failed profile that was never delivered is told', () => {
    expect(adviceFor(profile({ order: 'error', stock: 'sold' }), now, 'utc').why).toContain('back into stock');
    expect(adviceFor(profile({ order: 'error', stock: 'sold' }, { deliveredAt: now }), now, 'utc').why).not.toContain('back into stock');
  });
});

describe('download attempts', () => {
  it('of an order without any are not unlimited', () => {
    expect(attemptsText({ downloadAttempts: 0, downloadLimit: 0 })).toBe('no download allowed');
    expect(attemptsText({ downloadAttempts: 2, downloadLimit: 10 })).toBe('2 of 10');
    expect(attemptsShort({ downloadAttempts: 1, downloadLimit: 0 })).toBe('1 / 0');
    expect(settingFields.map((f) => f.meaning).join(' ')).not.toMatch(/no limit/i);
  });
});

describe('settings', () => {
  const saved: Settings = {
    smdpAddress: 'smdp.example.com', orderLifetimeDays: 30, downloadLimit: 10, confirmationAttempts: 5, sessionMinutes: 10, sessionKeepDays: 90,
    rebinding: 'fresh', eligibility: { services: 'refuse', version: 'refuse' }, revocation: 'when-present',
    limits: { bodyBytes: 1_048_576, headerSeconds: 10, bodySeconds: 30, connections: 1_024, connectionsPerAddress: 32, requestsPerMinutePerAddress: 300, scanPerEidPerHour: 20, scanPerAddressPerHour: 60, openSessionsPerAddress: 500 },
  };
  it('cover every setting of the contract', () => {
    const leaves = Object.entries(saved).flatMap(([key, value]) => (typeof value === 'object' ? Object.keys(value).map((k) => `${key}.${k}`) : [key]));
    expect(settingFields.map((f) => f.key).sort()).toEqual(leaves.sort());
  });
  it('become text and come back', () => {
    expect(settingsFrom(textsOf(saved))).toEqual(saved);
    expect(settingProblems(textsOf(saved))).toEqual({});
    expect(settingChanges(saved, textsOf(saved))).toEqual([]);
  });
  it('are refused with a sentence beside the field', () => {
    const problems = settingProblems({ ...textsOf(saved), orderLifetimeDays: '9999', downloadLimit: 'ten', smdpAddress: 'http://x', 'limits.bodyBytes': '1' });
    expect(problems.orderLifetimeDays).toBe('At most 3,650');
    expect(problems.downloadLimit).toBe('A whole number is needed');
    expect(problems.smdpAddress).toContain('host name');
    expect(problems['limits.bodyBytes']).toBe('At least 65,536');
    expect(settingProblems({ ...textsOf(saved), downloadLimit: '0' }).downloadLimit).toBe('At least 1');
    expect(settingProblems({ ...textsOf(saved), smdpAddress: '' }).smdpAddress).toBe('This is needed');
  });
  it('send only what changed, limits whole', () => {
    expect(changedPart(saved, { ...textsOf(saved), downloadLimit: '7' })).toEqual({ downloadLimit: 7 });
    expect(changedPart(saved, { ...textsOf(saved), 'limits.connections': '64' })).toEqual({ limits: { ...saved.limits, connections: 64 } });
    expect(changedPart(saved, { ...textsOf(saved), 'eligibility.version': 'note', rebinding: 'refuse' })).toEqual({ eligibility: { services: 'refuse', version: 'note' }, rebinding: 'refuse' });
  });
});

describe('a certificate', () => {
  it('warns sixty days before its end and alarms a week before', () => {
    const left = (days: number) => validityOf(now - 100 * day, now + days * day, now).tone;
    expect(left(61)).toBe('success');
    expect(left(59)).toBe('warning');
    expect(left(6)).toBe('danger');
    expect(validityOf(now - 2 * day, now - day, now).word).toBe('Expired');
    expect(validityOf(now + day, now + 2 * day, now).word).toBe('Not valid yet');
  });
});
