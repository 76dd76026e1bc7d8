import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { brands, iccidRange, type BrandRow } from '../../../src/shared/contract/brands.ts';
import { outbox } from '../../../src/shared/contract/outbox.ts';
import type { HorizonRow, ListedCertificate } from '../../../src/shared/contract/pki.ts';
import { orderStates } from '../../../src/shared/contract/states.ts';
import { orderFilterOf, ownOrders } from '../../../src/renderer/activations/filter.ts';
import { reached, steps } from '../../../src/renderer/activations/path.ts';
import { callbackLook, needsOf, usageOf } from '../../../src/renderer/brands/brand-words.ts';
import { narrowed } from '../../../src/renderer/brands/filter.ts';
import { callbackFrom, emptyGrants, entitlementsFrom, grantsOf, iccidsProblem, pointProblem, quotasFrom, urlProblem } from '../../../src/renderer/brands/grants.ts';
import { readRanges, shownRanges } from '../../../src/renderer/brands/ranges.ts';
import { withMore } from '../../../src/renderer/home/more-attention.ts';
import { chainOf, identityLook, leftWord } from '../../../src/renderer/keys/key-words.ts';
import { outboxFilterOf } from '../../../src/renderer/outbox/filter.ts';
import { canDiscard, canReplay, kindWord, readable, sentence } from '../../../src/renderer/outbox/message-words.ts';

const now = Date.UTC(2026, 10, 22);
const day = 86_400_000;
const address = (text: string) => new URLSearchParams(text);
const brand = (more: Partial<BrandRow> = {}): BrandRow => ({
  name: 'Kestrel Mobile', state: 'active', credentials: [{ kind: 'ca', subject: 'CN=Kestrel client CA', sha256: 'a'.repeat(64), notAfter: now + 400 * day }], allTypes: false, types: ['Travel EU'],
  iccids: [{ first: '8988001000000000000', last: '8988001999999999999' }, { first: '89880010000000000000', last: '89880019999999999999' }], openNow: 3, lastDay: 5, createdAt: now - day, ...more,
});
const callback: NonNullable<BrandRow['callback']> = { url: 'https://bss.example', ownTrust: false, points: { download: 3 }, result: 'finalResult', waiting: 0, dead: 0 };

describe('ICCID ranges', () => {
  it('are read line by line, with what each means', () => {
    expect(readRanges('8988001*\n8988 0010 0000 0000 000 – 8988 0010 0000 0000 999').map((line) => [line.value, line.wrong])).toEqual([['8988001*', false], ['8988001000000000000-8988001000000000999', false]]);
    expect(readRanges('8988001000000000000-8988001000000000999')[0]?.note).toBe('100 ICCIDs');
    expect(readRanges('8988001*\n8988001000000000000-8988001000000000999')[1]?.note).toContain('overlaps line 1');
  });
  it.each([['8945', 'FIRST-LAST'], ['8988001000000000999-8988001000000000000', 'before the first'], ['8988001000000000000-89880010000000009990', 'same length'], ['1234567890123456789-1234567890123456799', 'begins with 89'], ['89-90', '18 to 20'], ['8*', '2 to 19']])('refuse %s with a reason', (text, reason) => {
    const [line] = readRanges(text);
    expect(line?.wrong).toBe(true);
    expect(line?.value).toBeUndefined();
    expect(line?.note).toContain(reason);
    expect(iccidsProblem(text)).not.toBe(true);
  });
  it('taken by the window are taken by the contract, whatever is typed', () => {
    const digit = fc.constantFrom(...'0123456789-*89 \n,F');
    fc.assert(fc.property(fc.array(digit, { maxLength: 60 }), (typed) => {
      for (const line of readRanges(typed.join(''))) if (line.value !== undefined && !/F/i.test(line.value)) expect(iccidRange.safeParse(line.value).success).toBe(true);
    }));
  });
  it('are shown as they were typed: both lengths of a prefix as one', () => {
    expect(shownRanges(brand().iccids)).toEqual(['8988001*']);
    expect(shownRanges([{ first: '8988001000000000000', last: '8988001999999999999' }])).toEqual(['8988001000000000000-8988001999999999999']);
    expect(readRanges(shownRanges(brand().iccids).join('\n')).every((line) => !line.wrong)).toBe(true);
  });
});

describe('the form of a brand', () => {
  it('holds what the brand has, and sends it back unchanged', () => {
    const form = grantsOf(brand({ openOrders: 500, callback }));
    expect(entitlementsFrom(form)).toEqual({ types: ['Travel EU'], iccids: ['8988001*'] });
    expect(quotasFrom(form)).toEqual({ openOrders: 500, ordersPerDay: null });
    expect(callbackFrom(form)).toMatchObject({ callbackUrl: 'https://bss.example', callbackIdentity: null, callbackPoints: { download: 3, deleted: null } });
  });
  it('says every type with a star, and no callback with null', () => {
    expect(entitlementsFrom({ ...emptyGrants, allTypes: 'all', types: ['left over'] }).types).toEqual(['*']);
    expect(callbackFrom(emptyGrants)).toEqual({ callbackUrl: null });
  });
  it('fits the contract', () => {
    const handle = `up_${'0'.repeat(32)}`;
    const v = { ...emptyGrants, types: ['A'], iccids: '8988*', openOrders: '1,000', callback: true, callbackUrl: 'https://bss.example' };
    expect(brands.add.input.safeParse({ name: 'A brand', clientCa: handle, ...entitlementsFrom(v), ...quotasFrom(v), ...callbackFrom(v) }).success).toBe(true);
    expect(quotasFrom(v).openOrders).toBe(1_000);
  });
  it('refuses an address without TLS, and one number for two events', () => {
    expect(urlProblem('http://bss.example')).toContain('https');
    expect(urlProblem('bss')).toContain('https://');
    expect(urlProblem('https://bss.example/x')).toBe(true);
    expect(pointProblem('3', ['1', '03'])).toContain('Taken');
    expect(pointProblem('70000', [])).not.toBe(true);
    expect(pointProblem('', ['', '3'])).toBe(true);
  });
});

describe('a brand', () => {
  it('needs a look for dead messages, an ending certificate, a quota nearly used', () => {
    expect(needsOf(brand({ openOrders: 500, callback }), now)).toEqual([]);
    expect(needsOf(brand({ callback: { ...callback, dead: 1 } }), now)).toEqual(['callback']);
    expect(needsOf(brand({ openNow: 400, openOrders: 500 }), now)).toEqual(['quota']);
    expect(needsOf(brand({ credentials: [{ kind: 'ca', subject: '', sha256: '', notAfter: now + 59 * day }] }), now)).toEqual(['certificate']);
  });
  it('shows dead messages before waiting ones', () => {
    expect(callbackLook({ ...callback, dead: 2, waiting: 9 }).word).toBe('2 dead');
    expect(callbackLook({ ...callback, waiting: 9 }).word).toBe('9 waiting');
    expect(callbackLook(undefined).word).toBe('No callback');
  });
  it('without a limit is never full; with a limit of none always is', () => {
    expect(usageOf(1_000_000, undefined).tone).toBe('success');
    expect(usageOf(0, 0)).toMatchObject({ share: 1, tone: 'danger' });
    expect(usageOf(8, 10).tone).toBe('warning');
  });
  it('is found by name, type, certificate and an ICCID inside its ranges', () => {
    const all = [brand(), brand({ name: 'Nordlys', types: [], iccids: [], state: 'suspended', credentials: [] })];
    for (const text of ['kestrel', 'travel', 'client ca', '8988001234567890123', '8988 0012 3456']) expect(narrowed(all, address(`text=${text}`), now).map((b) => b.name)).toEqual(['Kestrel Mobile']);
    expect(narrowed(all, address('state=suspended'), now).map((b) => b.name)).toEqual(['Nordlys']);
    expect(narrowed(all, address('text=8988002'), now)).toEqual([]);
    expect(narrowed(all, address('only=attention'), now)).toEqual([]);
  });
});

describe('outgoing messages', () => {
  it('are filtered by the address, unknown states dropped', () => {
    expect(outboxFilterOf(address('state=dead,haunted&brand=Kestrel&order=o-1'))).toEqual({ state: ['dead'], brand: 'Kestrel', orderId: 'o-1' });
    expect(outboxFilterOf(address(''))).toEqual({});
    expect(outbox.list.input.safeParse({ filter: outboxFilterOf(address(`kind=${'k'.repeat(200)}`)) }).success).toBe(true);
  });
  it('can be sent while nobody took them, or discarded', () => {
    expect((['waiting', 'done', 'dead', 'discarded'] as const).map((state) => [canReplay({ state }), canDiscard({ state })])).toEqual([[true, true], [false, false], [true, true], [false, false]]);
  });
  it('have words, also those of a kind this window does not know', () => {
    expect(kindWord('es2plus.handleDownloadProgressInfo')).toBe('Progress to the brand');
    expect(kindWord('mail.send')).toBe('Mail send');
    expect(sentence('It answers HTTP 503')).toBe('It answers HTTP 503.');
    expect(sentence('It refused.')).toBe('It refused.');
    expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(readable('not json')).toBe('not json');
  });
});

describe('certificates', () => {
  const certificate = (role: ListedCertificate['role'], subjectKeyId: string, authorityKeyId?: string): ListedCertificate => ({
    id: 1, identity: 'lab', role, subject: role, subjectKeyId, curve: 'P-256', notBefore: now - day, notAfter: now + day, sha256: `${role}${subjectKeyId}`, dnsNames: [], key: 'none', test: true, serial: '01', usable: true, ...(authorityKeyId === undefined ? {} : { authorityKeyId }),
  });
  it('stand below their issuer, each once', () => {
    const chain = chainOf([certificate('tls', 'tt', 'EE'), certificate('eum', 'ee', 'cc'), certificate('dpauth', 'aa', 'cc'), certificate('ci', 'cc', 'cc')]);
    expect(chain.map(({ certificate: c, depth }) => [c.role, depth])).toEqual([['ci', 0], ['eum', 1], ['tls', 2], ['dpauth', 1]]);
  });
  it('whose issuer is not here are shown all the same', () => {
    expect(chainOf([certificate('tls', 'tt', 'xx')]).map((b) => b.depth)).toEqual([0]);
    expect(chainOf([certificate('tls', 'tt', 'xx'), certificate('ci', 'cc')]).map((b) => [b.certificate.role, b.depth])).toEqual([['ci', 0], ['tls', 1]]);
  });
  it('say how long they last', () => {
    const left = (daysLeft: number, alarm: HorizonRow['alarm'] = 'none') => leftWord({ daysLeft, alarm });
    expect([left(2_000), left(1, '1'), left(0, '1'), left(-1, 'ended'), left(-9, 'ended'), left(300, 'revoked')]).toEqual(['2,000 days left', '1 day left', 'Ends today', 'Ended', 'Ended 9 days ago', 'Revoked']);
  });
  it('make an identity that serves, or does not', () => {
    expect(identityLook({ usable: true, missing: [], warnings: [] }).tone).toBe('success');
    expect(identityLook({ usable: true, missing: [], warnings: ['x'] }).tone).toBe('warning');
    expect(identityLook({ usable: false, missing: ['x'], warnings: [] }).tone).toBe('danger');
  });
});

describe('what needs attention', () => {
  it('takes in dead messages and suspended brands with open orders', () => {
    const all = withMore([], { outbox: { dead: 4 }, brands: [brand({ state: 'suspended', name: 'A & B' }), brand()] });
    expect(all.map((item) => [item.count, item.href])).toEqual([[4, '/outbox?state=dead'], [3, '/brands/A%20%26%20B']]);
    const two = withMore([], { brands: [brand({ state: 'suspended' }), brand({ state: 'suspended', openNow: 9 })] });
    expect(two.map((item) => [item.count, item.href])).toEqual([[12, '/brands?state=suspended']]);
    expect(withMore([], { outbox: { dead: 0 }, brands: [brand()] })).toEqual([]);
  });
  it('leads from a certificate to what ends when', () => {
    expect(withMore([{ kind: 'certificate', severity: 'warning', text: 'x', count: 1, href: '/keys' }], {})[0]?.href).toBe('/keys/horizon');
  });
});

describe('orders', () => {
  it("are filtered by who ordered; the operator's own have no brand", () => {
    expect(orderFilterOf(address('brand=Kestrel%20Mobile'))).toEqual({ brand: 'Kestrel Mobile' });
    expect(orderFilterOf(address(`brand=${ownOrders}`))).toEqual({ brand: '' });
  });
  it('go one way, and those that ended otherwise stand nowhere on it', () => {
    expect(orderStates.map((state) => reached(state))).toEqual([undefined, 0, 0, 1, 2, 3, 4, undefined, undefined]);
    expect(steps).toHaveLength(5);
  });
});
