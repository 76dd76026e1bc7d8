/** The guidance table row by row: number, codes, where they are heard, who can put it right, whether to try again. */
import { describe, expect, test } from 'vitest';
import { bppCommandNames, cancelMeanings, explainInstall, explainStatus, installMeanings } from '../../../src/shared/rsp-status/index.ts';
import { BPP_COMMANDS } from '../../../src/main/rsp/index.ts';

const names: Record<string, string> = { O: 'operator', U: 'user', D: 'device', P: 'platform', S: 'sm-ds' };
const places: Record<string, string> = { IA: 'initiate', AC: 'authenticate', BPP: 'package', CS: 'cancel', ORD: 'order', DS: 'sm-ds', PRG: 'progress', ANY: 'any' };

type Row = readonly [number: number, codes: string, where: string, cause: RegExp, owners: string, retry: string];
const rows: readonly Row[] = [
  [1, '8.1/4.8', 'AC', /room/, 'U', 'yes'],
  [2, '8.1/6.1', 'AC BPP CS', /signature or the challenge/, 'P D', 'once'],
  [3, '8.1.1/2.2', 'ORD', /EID is missing/, 'O', 'after-fix'],
  [4, '8.1.1/3.8', 'AC', /bound to another EID/, 'O', 'after-fix'],
  [5, '8.1.1/3.10', 'ORD', /different EID/, 'O', 'after-fix'],
  [6, '8.1.2/6.1', 'AC', /EUM/, 'P', 'no'],
  [7, '8.1.2/6.3', 'AC', /EUM certificate has expired/, 'D', 'no'],
  [8, '8.1.3/6.1', 'AC', /chip's certificate is invalid/, 'D', 'no'],
  [9, '8.1.3/6.3', 'AC', /chip's certificate has expired/, 'D', 'no'],
  [10, '8.2/1.2', 'AC', /not released/, 'O', 'after-fix'],
  [11, '8.2/3.7', 'BPP', /another chip session/, 'P', 'after-fix'],
  [12, '8.2.1/1.2', 'ORD', /may not touch this ICCID/, 'O', 'no'],
  [13, '8.2.1/3.3', 'ORD', /not free/, 'O', 'no'],
  [14, '8.2.1/3.5', 'ORD', /wrong state/, 'O', 'after-fix'],
  [15, '8.2.1/3.9', 'ORD', /ICCID is unknown/, 'O', 'after-fix'],
  [16, '8.2.1/3.10', 'ORD', /not the one linked/, 'O', 'after-fix'],
  [17, '8.2.5/1.2', 'ORD', /may not use this profile type/, 'O', 'no'],
  [18, '8.2.5/3.7', 'ORD', /No stock/, 'O', 'after-fix'],
  [19, '8.2.5/3.8', 'ORD', /not the type of this ICCID/, 'O', 'after-fix'],
  [20, '8.2.5/3.9', 'ORD', /type is unknown/, 'O', 'after-fix'],
  [21, '8.2.5/4.3', 'AC', /eligibility/, 'P', 'after-fix'],
  [22, '8.2.6/3.3', 'ORD', /already used/, 'O', 'after-fix'],
  [23, '8.2.6/3.8', 'AC', /refused/, 'O U', 'after-fix'],
  [24, '8.2.6/3.10', 'ORD', /does not belong/, 'O', 'after-fix'],
  [25, '8.2.7/2.2', 'BPP', /not given/, 'U', 'yes'],
  [26, '8.2.7/3.8', 'BPP', /wrong/, 'U', 'limited'],
  [27, '8.2.7/6.4', 'BPP PRG', /Too many/, 'O', 'no'],
  [28, '8.2.8/1.2', 'PRG', /policy rule/, 'O', 'after-fix'],
  [29, '8.2.9/3.11', 'PRG', /metadata changed/, 'P', 'yes'],
  [30, '8.2.10/4.2', 'PRG', /could not load/, 'D', 'once'],
  [31, '8.8/3.10', 'CS', /OID/, 'P', 'no'],
  [32, '8.8.1/3.8', 'IA', /address/, 'P', 'after-fix'],
  [33, '8.8.2/3.1', 'IA', /No root/, 'P D', 'no'],
  [34, '8.8.3/3.1', 'IA', /version/, 'D', 'no'],
  [35, '8.8.4/3.7', 'IA', /DPauth/, 'P', 'after-fix'],
  [36, '8.8.5/3.8', 'PRG', /user said no/, 'U', 'new-try'],
  [37, '8.8.5/4.10', 'AC BPP', /expired/, 'O', 'after-fix'],
  [38, '8.8.5/6.4', 'AC PRG', /limit of download attempts/, 'O', 'after-fix'],
  [39, '8.9/4.2', 'ORD DS', /failed/, 'S', 'yes'],
  [40, '8.9/5.1', 'ORD DS', /cannot be reached/, 'S', 'yes'],
  [41, '8.9.1/3.8', 'DS', /address/, 'O', 'after-fix'],
  [42, '8.9.2/3.1', 'DS', /No CI public key/, 'S D', 'no'],
  [43, '8.9.3/3.1', 'DS', /version/, 'D', 'no'],
  [44, '8.9.4/3.7', 'DS', /certificate/, 'S', 'no'],
  [45, '8.9.5/3.3', 'DS', /already registered/, 'P', 'no'],
  [46, '8.9.5/3.9', 'DS', /No event/, 'O', 'after-fix'],
  [47, '8.10.1/3.9', 'AC BPP CS', /session is unknown/, 'P', 'yes'],
  [48, '8.11.1/3.9', 'AC', /root/, 'P', 'no'],
  [49, '8/4.2', 'PRG', /reason/, 'D', 'once'],
  [50, '1.2.1/2.1 1.2.2/2.1', 'ANY', /Wrong/, 'D', 'no'],
  [51, '1.6/2.1', 'ANY', /could not be read/, 'D', 'no'],
];

/** What orders over ES2+ and events over ES12 may answer (SGP.22 v2.2, 5.3.1 to 5.3.4, 5.9.1, 5.9.2), beside the header of SGP.02. */
const orderCodes = [
  '8.2.1/3.9', '8.2.1/1.2', '8.2.1/3.3', '8.2.1/3.5', '8.2.1/3.10', '8.2.5/3.9', '8.2.5/1.2', '8.2.5/3.7', '8.2.5/3.8', '8.2.6/3.3', '8.2.6/3.10',
  '8.1.1/2.2', '8.1.1/3.10', '8.9/5.1', '8.9/4.2', '1.6/2.3', '1.1/1.1', '1.2/1.2', '8.1.1/1.2', '8.1.1/2.1',
];
const eventCodes = ['8.9.5/3.3', '8.9.5/3.9', '8.9/5.1', '8.9/4.2', '1.2/1.2', '1.1/1.1', '8.1.1/1.2'];

describe('the guidance table', () => {
  test('has the numbers 1 to 51', () => expect(rows.map(([number]) => number)).toEqual(Array.from({ length: 51 }, (_, at) => at + 1)));

  test.each(rows)('row %i: %s', (_number, codes, where, cause, owners, retry) => {
    for (const code of codes.split(' ')) {
      const meaning = explainStatus(code)!;
      expect(`${meaning.subject}/${meaning.reason}`).toBe(code);
      expect(meaning.cause).toMatch(cause);
      expect(meaning.action.length).toBeGreaterThan(9);
      for (const place of where.split(' ')) expect(meaning.where).toContain(places[place]);
      for (const owner of owners.split(' ')) expect(meaning.owners).toContain(names[owner]);
      expect(meaning.retry).toBe(retry);
    }
  });

  test.each(orderCodes)('ES2+ may answer %s', (code) => expect(explainStatus(code)?.where).toContain('order'));
  test.each(eventCodes)('ES12 may answer %s', (code) => expect(explainStatus(code)?.where).toContain('sm-ds'));
});

describe('what a chip reports', () => {
  test.each(Array.from({ length: 16 }, (_, at) => at))('install reason %i', (reason) => {
    const meaning = explainInstall(reason);
    // 0 is not assigned; it reads like the unknown error, as any number a later version may bring.
    expect(meaning.reason).toBe(reason === 0 ? 127 : reason);
    expect(meaning.cause.length).toBeGreaterThan(9);
    expect(meaning.action.length).toBeGreaterThan(9);
  });

  test('only what the user or the moment caused may simply be tried again', () => {
    expect(installMeanings.filter((meaning) => meaning.retryable).map((meaning) => meaning.reason)).toEqual([10, 11]);
    expect(explainInstall(127).name).toBe('installFailedDueToUnknownError');
  });

  test('every cancel reason is there; postponed and timeout end nothing', () => {
    expect(cancelMeanings.map((meaning) => meaning.reason)).toEqual([0, 1, 2, 3, 4, 5, 127]);
    expect(cancelMeanings.filter((meaning) => !meaning.terminal).map((meaning) => meaning.name)).toEqual(['postponed', 'timeout']);
    for (const meaning of cancelMeanings) expect(meaning.cause.length, meaning.name).toBeGreaterThan(9);
  });

  test('the parts of a package have the names of the messages', () => expect(bppCommandNames).toEqual(BPP_COMMANDS));
});
