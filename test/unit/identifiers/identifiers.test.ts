import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  activationCodeInLink, androidLink, buildActivationCode, eidCheckDigits, group, iosLink, lpaCode, luhnCheckDigit, luhnValid, makeEid, makeMatchingId, mask,
  matchingIdAlphabet, padIccid, parseActivationCode, parseEid, parseIccid, parseImsi, parseMatchingId, parseMsisdn, parsePlmn, parseTac, parseTadig, recognise,
  reversed,
} from '../../../src/shared/identifiers/index.ts';

const digits = (n: number) => fc.stringMatching(new RegExp(`^\\d{${n}}$`));
const body = digits(16).map((d) => `89${d}`);

describe('ICCID', () => {
  it('takes 18 digits and adds the check digit, which 19 digits must carry', () => {
    fc.assert(fc.property(body, (b) => {
      const made = parseIccid(b);
      expect(made).toEqual({ ok: true, value: b + luhnCheckDigit(b) });
      if (!made.ok) return;
      expect(parseIccid(made.value)).toEqual(made);
      expect(parseIccid(padIccid(made.value))).toEqual(made);
      expect(parseIccid(group(made.value))).toEqual(made);
      expect(parseIccid(`${made.value.slice(0, 5)} ${made.value.slice(5)}f`)).toEqual(made);
    }));
  });
  it('finds any single wrong digit', () => {
    fc.assert(fc.property(body, fc.integer({ min: 2, max: 18 }), fc.integer({ min: 1, max: 9 }), (b, at, add) => {
      const good = b + luhnCheckDigit(b);
      const bad = good.slice(0, at) + ((Number(good[at]) + add) % 10) + good.slice(at + 1);
      expect(parseIccid(bad).ok).toBe(false);
    }));
  });
  it('knows a published number', () => expect(luhnValid('79927398713')).toBe(true));
  it('keeps 20 digits, refuses other lengths, letters, foreign beginnings and spreadsheet numbers with a reason', () => {
    expect(parseIccid('89049032000001000012')).toEqual({ ok: true, value: '89049032000001000012' });
    for (const text of ['', '89', '8901234567890123', '890123456789012345678', '8901x34567890123456', '1234567890123456789']) expect(parseIccid(text)).toMatchObject({ ok: false, code: 'ICCID_INVALID' });
    expect(parseIccid('8.90123E+18')).toMatchObject({ ok: false, message: expect.stringContaining('spreadsheet') });
    expect(parseIccid('8,90123e+18')).toMatchObject({ ok: false, message: expect.stringContaining('spreadsheet') });
  });
});

describe('EID', () => {
  it('accepts the EID of the specification’s test eUICC', () => expect(parseEid('89049032123451234512345678901235')).toEqual({ ok: true, value: '89049032123451234512345678901235' }));
  it('round trips its check digits and finds any single wrong digit', () => {
    fc.assert(fc.property(digits(28).map((d) => `89${d}`), fc.integer({ min: 0, max: 31 }), fc.integer({ min: 1, max: 9 }), (first, at, add) => {
      const eid = makeEid(first);
      expect(eid.slice(30)).toBe(eidCheckDigits(first));
      expect(BigInt(eid) % 97n).toBe(1n);
      expect(parseEid(group(eid))).toEqual({ ok: true, value: eid });
      const bad = eid.slice(0, at) + ((Number(eid[at]) + add) % 10) + eid.slice(at + 1);
      expect(parseEid(bad)).toMatchObject({ ok: false, code: 'EID_INVALID' });
    }));
  });
  it('refuses other lengths and spreadsheet numbers', () => {
    expect(parseEid('8904903212345123451234567890123').ok).toBe(false);
    expect(parseEid('8.9049E+31')).toMatchObject({ message: expect.stringContaining('spreadsheet') });
  });
});

describe('numbers', () => {
  it('IMSI', () => {
    expect(parseImsi('262 01 1234567890')).toEqual({ ok: true, value: '262011234567890' });
    expect(parseImsi('001010123456789').ok).toBe(true);
    for (const bad of ['26201', '2620112345678901', '02201123456789', 'abc', '2.62E+14']) expect(parseImsi(bad).ok).toBe(false);
  });
  it('MSISDN', () => {
    for (const text of ['+49 170 1234567', '0049 170 1234567', '491701234567', '+49 (170) 123-4567']) expect(parseMsisdn(text)).toEqual({ ok: true, value: '491701234567' });
    for (const bad of ['01701234567', '1234', '1234567890123456', '']) expect(parseMsisdn(bad).ok).toBe(false);
  });
  it('PLMN keeps its leading zeros', () => {
    expect(parsePlmn('262-01')).toEqual({ ok: true, value: { mcc: '262', mnc: '01' } });
    expect(parsePlmn('310260')).toEqual({ ok: true, value: { mcc: '310', mnc: '260' } });
    expect(parsePlmn('00101').ok).toBe(true);
    for (const bad of ['2620', '26201234', '02201']) expect(parsePlmn(bad).ok).toBe(false);
  });
  it('TADIG and TAC', () => {
    expect(parseTadig('deud1')).toEqual({ ok: true, value: 'DEUD1' });
    expect(parseTadig('DE1D1').ok).toBe(false);
    expect(parseTac('35290611')).toEqual({ ok: true, value: '35290611' });
    expect(parseTac('35-290611-123456-7')).toEqual({ ok: true, value: '35290611' });
    expect(parseTac('3529061').ok).toBe(false);
  });
});

describe('MatchingID', () => {
  it('is four groups of five from an alphabet without look-alikes, one symbol an octet', () => {
    expect(new Set(matchingIdAlphabet).size).toBe(32);
    expect(matchingIdAlphabet).not.toMatch(/[IO01]/);
    fc.assert(fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (random) => {
      const id = makeMatchingId(random);
      expect(id).toMatch(/^([A-HJ-NP-Z2-9]{5}-){3}[A-HJ-NP-Z2-9]{5}$/);
      expect(parseMatchingId(id)).toEqual({ ok: true, value: id });
      expect(id.replaceAll('-', '')).toBe([...random].map((b) => matchingIdAlphabet[b % 32]).join(''));
    }));
    expect(() => makeMatchingId(new Uint8Array(19))).toThrow(RangeError);
  });
});

describe('activation code', () => {
  const reference = [
    '1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815', '1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815$$1', '1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815$1.3.6.1.4.1.31746$1',
    '1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815$1.3.6.1.4.1.31746', '1$SMDP.GSMA.COM$$1.3.6.1.4.1.31746', '1$localhost:8443$',
  ];
  it.each(reference)('writes back what it read: %s', (code) => {
    for (const text of [code, lpaCode(code), `lpa:${code}`, ` ${code}\n`]) {
      const parsed = parseActivationCode(text);
      expect(parsed.ok).toBe(true);
      if (parsed.ok) expect(buildActivationCode(parsed.value)).toBe(code);
    }
    expect(activationCodeInLink(iosLink(code))).toBe(lpaCode(code));
    expect(activationCodeInLink(androidLink(code))).toBe(lpaCode(code));
  });
  it('keeps parts it does not know', () => {
    const parsed = parseActivationCode('LPA:1$h.example$T$$1$abcd$1');
    expect(parsed).toMatchObject({ ok: true, value: { confirmationRequired: true, extra: ['abcd', '1'] } });
    if (parsed.ok) expect(buildActivationCode(parsed.value)).toBe('1$h.example$T$$1$abcd$1');
  });
  it('refuses what is none', () => {
    for (const bad of ['', '1', '1$', '1$host', '2$host$T', '1$ho st$T', '1$-h$T', '1$host$T_T', '1$host$T$x', '1$host$T$$2', `1$host$${'A'.repeat(250)}`]) expect(parseActivationCode(bad)).toMatchObject({ ok: false, code: 'ACTIVATION_CODE_INVALID' });
    expect(() => buildActivationCode({ smdpAddress: 'a$b', matchingId: '', confirmationRequired: false })).toThrow(RangeError);
    expect(activationCodeInLink('https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=%zz')).toBeUndefined();
  });
  it('round trips any parts', () => {
    const host = fc.stringMatching(/^[a-z][a-z0-9]{0,20}(\.[a-z][a-z0-9]{0,10}){0,3}(:[1-9]\d{0,3})?$/);
    fc.assert(fc.property(host, fc.stringMatching(/^[0-9A-Z-]{0,60}$/), fc.option(fc.stringMatching(/^[0-2](\.\d{1,5}){1,6}$/), { nil: undefined }), fc.boolean(), (smdpAddress, matchingId, oid, confirmationRequired) => {
      const code = { smdpAddress, matchingId, confirmationRequired, ...(oid === undefined ? {} : { oid }) };
      expect(parseActivationCode(buildActivationCode(code))).toEqual({ ok: true, value: code });
    }));
  });
  it('never throws on any text', () => fc.assert(fc.property(fc.string(), (text) => { parseActivationCode(text); recognise(text); parseIccid(text); parseEid(text); mask(text); })));
});

describe('recognise', () => {
  it.each([
    ['8901 4103 2111 1851 0720F', 'iccid'], ['89014103211118510720', 'iccid'], ['LPA:1$h.example$ABC-DEF', 'activation-code'], ['1$h.example$', 'activation-code'],
    [iosLink('1$h.example$AB'), 'activation-code'], ['lpa://LPA:1$h.example$AB', 'activation-code'], ['LPA://1$h.example$AB', 'activation-code'], ['lpa:lpa:1%24h.example%24AB', 'activation-code'], ['lpa:1%zz', 'text'], ['8904 9032 1234 5123 4512 3456 7890 1235', 'eid'], ['262011234567890', 'number'], ['+49 170 1234567', 'number'],
    ['8901 41', 'digits'], ['4711', 'digits'], ['04386-AGYFT-A74Y8-3F815', 'matching-id'], ['AABBCCDDEEFF00112233445566778899', 'transaction-id'], ['Mueller', 'text'], ['ord_12ab34cd', 'order-id'],
  ])('%s is %s', (text, kind) => expect(recognise(text).kind).toBe(kind));
  it('leaves the zeros in front of the IMSI of a test network', () => expect(recognise('00101 00000')).toMatchObject({ kind: 'number', value: '0010100000' }));
});

describe('showing', () => {
  it('masks and groups', () => {
    expect(mask('8901410321111851072')).toBe('890141•••••••••1072');
    expect(mask('1234')).toBe('••34');
    expect(group('890141032')).toBe('8901\u20094103\u20092');
    expect(reversed('123')).toBe('321');
  });
});
