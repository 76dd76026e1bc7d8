import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { es2FunctionNames } from '../../../src/main/engine/wire/es2plus/codes.ts';
import type { Es2FunctionName } from '../../../src/main/engine/wire/es2plus/codes.ts';
import { plainIccid, readRequest } from '../../../src/main/engine/wire/es2plus/request.ts';
import type { Es2Members } from '../../../src/main/engine/wire/es2plus/request.ts';

const header = { functionRequesterIdentifier: '2.999.20', functionCallIdentifier: 'FCI-1700000000-1' };
const ICCID = '8949449999999990007';
const EID = '89049032123451234512345678901235';
const good: Readonly<Record<Es2FunctionName, Es2Members>> = {
  downloadOrder: { header, iccid: ICCID },
  confirmOrder: { header, iccid: ICCID, releaseFlag: true },
  cancelOrder: { header, iccid: ICCID, finalProfileStatusIndicator: 'Available' },
  releaseProfile: { header, iccid: ICCID },
  getProfileStatus: { header, iccidList: [{ iccid: ICCID }] },
};

const outcome = (name: Es2FunctionName, change: object, environment: 'lab' | 'test' | 'live' = 'lab'): string => {
  const read = readRequest(name, environment, { ...good[name], ...change });
  return read.ok ? 'ok' : `${read.refusal.status.subject}/${read.refusal.status.reason} ${read.refusal.status.message}`;
};

describe('requests that are right', () => {
  test.each(es2FunctionNames)('%s as small as it may be', (name) => {
    expect(outcome(name, {})).toBe('ok');
  });
  test.each<[string, Es2FunctionName, object]>([
    ['ICCID padded with F', 'releaseProfile', { iccid: `${ICCID}F` }],
    ['ICCID padded with f', 'releaseProfile', { iccid: `${ICCID}f` }],
    ['ICCID of 18 digits', 'releaseProfile', { iccid: '894944999999999000' }],
    ['ICCID of 18 digits, padded', 'releaseProfile', { iccid: '894944999999999000FF' }],
    ['ICCID of 20 digits', 'releaseProfile', { iccid: '89000000000000001010' }],
    ['ICCID whose Luhn digit is wrong', 'releaseProfile', { iccid: '8900000000000099999' }],
    ['EID whose check digits are wrong', 'confirmOrder', { eid: '89049032123451234512345678901236' }],
    ['empty MatchingID', 'confirmOrder', { matchingId: '' }],
    ['MatchingID with underscores in a Lab', 'confirmOrder', { matchingId: 'MATCHING_ID_CONFLICT_TEST' }],
    ['members nobody knows', 'confirmOrder', { x: 1, resellerId: {}, flags: [[[]]] }],
    ['null where nothing is needed', 'confirmOrder', { eid: null, matchingId: null, confirmationCode: null, smdsAddress: null }],
    ['empty texts where they say nothing', 'confirmOrder', { confirmationCode: '', smdsAddress: '' }],
    ['type alone', 'downloadOrder', { iccid: undefined, profileType: 'consumer' }],
    ['empty ICCID beside a type', 'downloadOrder', { iccid: '', profileType: 'consumer' }],
    ['further members in the header', 'releaseProfile', { header: { ...header, validityPeriod: 1 } }],
  ])('%s', (_what, name, change) => {
    expect(outcome(name, change)).toBe('ok');
  });
  test('an empty MatchingID stays, other empty texts are gone', () => {
    const read = readRequest('confirmOrder', 'lab', { ...good.confirmOrder, matchingId: '', smdsAddress: '', confirmationCode: '' });
    expect(read.ok && read.body).toEqual({ iccid: ICCID, releaseFlag: true, matchingId: '' });
  });
});

describe('requests that are wrong, by SGP.02 common codes, with the name of the member', () => {
  test.each<[string, Es2FunctionName, object, string]>([
    ['an empty EID', 'downloadOrder', { eid: '' }, '1.6/2.1 The parameter eid '],
    ['no header', 'downloadOrder', { header: undefined }, '1.6/2.2 The parameter header is missing.'],
    ['header null', 'downloadOrder', { header: null }, '1.6/2.2 The parameter header is missing.'],
    ['header a text', 'downloadOrder', { header: 'x' }, '1.6/2.1 The parameter header '],
    ['no requester', 'downloadOrder', { header: { functionCallIdentifier: 'x' } }, '1.6/2.2 The parameter header.functionRequesterIdentifier is missing.'],
    ['empty call identifier', 'downloadOrder', { header: { ...header, functionCallIdentifier: '' } }, '1.6/2.2 The parameter header.functionCallIdentifier is missing.'],
    ['call identifier a number', 'downloadOrder', { header: { ...header, functionCallIdentifier: 7 } }, '1.6/2.1 The parameter header.functionCallIdentifier '],
    ['call identifier endless', 'downloadOrder', { header: { ...header, functionCallIdentifier: 'x'.repeat(256) } }, '1.6/2.1 The parameter header.functionCallIdentifier '],
    ['neither ICCID nor type', 'downloadOrder', { iccid: undefined }, '1.6/2.3 Either iccid or profileType is needed.'],
    ['both empty', 'downloadOrder', { iccid: '', profileType: '' }, '1.6/2.3 Either iccid or profileType is needed.'],
    ['ICCID a number', 'releaseProfile', { iccid: Number(ICCID) }, '1.6/2.1 The parameter iccid '],
    ['ICCID missing', 'releaseProfile', { iccid: undefined }, '1.6/2.2 The parameter iccid is missing.'],
    ['ICCID empty', 'releaseProfile', { iccid: '' }, '1.6/2.2 The parameter iccid is missing.'],
    ['ICCID too short', 'releaseProfile', { iccid: '89494499999999900' }, '1.6/2.1 The parameter iccid '],
    ['ICCID of 21', 'releaseProfile', { iccid: `${'8'.repeat(20)}F` }, '1.6/2.1 The parameter iccid '],
    ['ICCID with a line end', 'releaseProfile', { iccid: `${ICCID}\n` }, '1.6/2.1 The parameter iccid '],
    ['EID of 31 digits', 'confirmOrder', { eid: EID.slice(1) }, '1.6/2.1 The parameter eid '],
    ['release flag as text', 'confirmOrder', { releaseFlag: 'true' }, '1.6/2.1 The parameter releaseFlag must be true or false.'],
    ['release flag as number', 'confirmOrder', { releaseFlag: 1 }, '1.6/2.1 The parameter releaseFlag '],
    ['release flag missing', 'confirmOrder', { releaseFlag: undefined }, '1.6/2.2 The parameter releaseFlag is missing.'],
    ['MatchingID in small letters', 'confirmOrder', { matchingId: 'abc' }, '1.6/2.1 The parameter matchingId '],
    ['MatchingID of 256', 'confirmOrder', { matchingId: 'A'.repeat(256) }, '1.6/2.1 The parameter matchingId '],
    ['confirmation code a number', 'confirmOrder', { confirmationCode: 4711 }, '1.6/2.1 The parameter confirmationCode must be text of 1 to 64 characters.'],
    ['SM-DS that is no host', 'confirmOrder', { smdsAddress: 'https://smds.example/x' }, '8.9/5.1 '],
    ['indicator missing', 'cancelOrder', { finalProfileStatusIndicator: undefined }, '1.6/2.2 The parameter finalProfileStatusIndicator is missing.'],
    ['indicator in small letters', 'cancelOrder', { finalProfileStatusIndicator: 'available' }, '1.6/2.1 The parameter finalProfileStatusIndicator '],
    ['list empty', 'getProfileStatus', { iccidList: [] }, '1.6/2.1 The parameter iccidList '],
    ['list of texts', 'getProfileStatus', { iccidList: [ICCID] }, '1.6/2.1 The parameter iccidList '],
    ['list too long', 'getProfileStatus', { iccidList: Array.from({ length: 1001 }, () => ({ iccid: ICCID })) }, '1.6/2.1 The parameter iccidList '],
    ['half a character in the type', 'downloadOrder', { profileType: 'a\ud800' }, '1.6/2.1 The parameter profileType '],
    ['half a character in the code', 'confirmOrder', { confirmationCode: '\udc00' }, '1.6/2.1 The parameter confirmationCode '],
    ['half a character in the call identifier', 'downloadOrder', { header: { ...header, functionCallIdentifier: '\ud800' } }, '1.6/2.1 The parameter header.functionCallIdentifier '],
    ['members inherited', 'releaseProfile', { iccid: undefined, __proto__: { iccid: ICCID } }, '1.6/2.2 The parameter iccid is missing.'],
  ])('%s', (_what, name, change, expected) => {
    expect(outcome(name, change)).toContain(expected);
  });

  test('underscores outside a Lab', () => {
    expect(outcome('confirmOrder', { matchingId: 'A_B' }, 'live')).toContain('1.6/2.1 The parameter matchingId');
  });

  test('a confirmation code is never in a message', () => {
    for (const confirmationCode of ['S3CRET'.repeat(60), { S3CRET: 1 }, ['S3CRET']]) expect(outcome('confirmOrder', { confirmationCode })).not.toContain('S3CRET');
  });
});

test('whatever the members are, they are read or refused with a code and a sentence', () => {
  fc.assert(fc.property(fc.constantFrom(...es2FunctionNames), fc.dictionary(fc.constantFrom('header', 'iccid', 'eid', 'profileType', 'matchingId', 'confirmationCode', 'smdsAddress', 'releaseFlag', 'finalProfileStatusIndicator', 'iccidList', '__proto__'), fc.jsonValue()), fc.boolean(), (name, members, whole) => {
    const read = readRequest(name, 'test', whole ? { ...good[name], ...members } : members);
    if (read.ok) return;
    expect(read.refusal.status).toEqual({ subject: expect.stringMatching(/^\d+(\.\d+)*$/), reason: expect.stringMatching(/^\d+\.\d+$/), message: expect.stringMatching(/.\.$/) });
  }), { numRuns: 2000 });
});

test('padding is not part of an ICCID', () => {
  fc.assert(fc.property(fc.stringMatching(/^\d{18,20}$/), fc.constantFrom('', 'F', 'FF', 'f'), (digits, padding) => {
    expect(plainIccid(digits + padding)).toBe(digits);
  }));
});
