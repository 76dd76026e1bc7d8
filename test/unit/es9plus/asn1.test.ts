import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asn1Code, asn1Codes } from '../../../src/main/engine/wire/es9plus/asn1-codes.ts';
import { readAsn1Call, writeAsn1 } from '../../../src/main/engine/wire/es9plus/asn1.ts';
import type { AnsweredName } from '../../../src/main/engine/wire/es9plus/functions.ts';
import { route } from '../../../src/main/engine/wire/es9plus/serve.ts';
import { BodyError } from '../../../src/main/engine/wire/https-listener.ts';
import { decodeAsn1Reply, encodeAsn1Request } from '../../../src/main/lab/device/asn1-binding.ts';
import { fromHex, tlv, toHex } from '../../../src/shared/tlv/index.ts';

const hex = (bytes: Uint8Array | undefined): string => toHex(bytes ?? new Uint8Array(0));
const b64 = (text: string): string => Buffer.from(text, 'hex').toString('base64');
const signature = `5f3740${'11'.repeat(64)}`;

describe('requests, octet by octet (SGP.22 v2.2, 6.6.2 and annex H)', () => {
  test('initiateAuthentication', () => {
    const body = fromHex(`a231bf392e8110${'aa'.repeat(16)}830a736d64702e78797a3432bf200e8203020200a90404020102aa0180`.replace('aa0180', 'aa00'));
    // The outer lengths are written by hand above; the encoder of the device has to agree with them.
    const made = encodeAsn1Request('initiateAuthentication', { euiccChallenge: b64('aa'.repeat(16)), smdpAddress: 'smdp.xyz42', euiccInfo1: b64('bf200d8203020200a90404020102aa00') });
    expect(() => readAsn1Call(body)).toThrow(BodyError);
    expect(hex(made)).toBe(`a231bf392e8110${'aa'.repeat(16)}830a736d64702e78797a3432bf200d8203020200a90404020102aa00`);
    expect(readAsn1Call(made)).toEqual({
      name: 'initiateAuthentication', request: { euiccChallenge: fromHex('aa'.repeat(16)), smdpAddress: 'smdp.xyz42', euiccInfo1: fromHex('bf200d8203020200a90404020102aa00') },
    });
  });

  test('authenticateClient and getBoundProfilePackage carry the TLV of the eUICC', () => {
    expect(readAsn1Call(fromHex('a20fbf3b0c8002abcdbf3805a103800101'))).toEqual({
      name: 'authenticateClient', request: { transactionId: 'ABCD', authenticateServerResponse: fromHex('bf3805a103800101') },
    });
    expect(readAsn1Call(fromHex('a20fbf3a0c8002abcdbf2105a103800101'))).toEqual({
      name: 'getBoundProfilePackage', request: { transactionId: 'ABCD', prepareDownloadResponse: fromHex('bf2105a103800101') },
    });
  });

  test('cancelSession: the automatic [1] stands where BF41 stood, and comes back for the eUICC\'s structure', () => {
    const expected = { name: 'cancelSession', request: { transactionId: 'ABCD', cancelSessionResponse: fromHex('bf4103810105') } };
    expect(readAsn1Call(fromHex('a20cbf41098002abcda103810105'))).toEqual(expected);
    expect(hex(encodeAsn1Request('cancelSession', { transactionId: 'ABCD', cancelSessionResponse: b64('bf4103810105') }))).toBe('a20cbf41098002abcda103810105');
    // Peers that keep the tag of the structure.
    expect(readAsn1Call(fromHex('a20dbf410a8002abcdbf4103810105'))).toEqual(expected);
    expect(readAsn1Call(fromHex('a20fbf410c8002abcda106bf4103810105'))).toEqual(expected);
  });

  test('handleNotification: the CHOICE stands in an explicit [0]', () => {
    for (const given of ['a20cbf3d09a007bf370430020500', 'a20abf3d07bf370430020500']) {
      expect(readAsn1Call(fromHex(given))).toEqual({ name: 'handleNotification', request: { pendingNotification: fromHex('bf370430020500') } });
    }
    expect(hex(encodeAsn1Request('handleNotification', { pendingNotification: b64('3003020101') }))).toBe('a20abf3d07a0053003020101');
  });

  test.each([
    ['nothing', ''], ['another outer tag', 'a30fbf3b0c8002abcdbf3805a103800101'], ['trailing octets', 'a20cbf41098002abcda10381010500'], ['no such function', 'a204bf3e0100'],
    ['the response to a client of another interface', 'a205bf40028000'], ['two functions', 'a20abf3d0230 00bf3d023000'.replace(' ', '')], ['cut off', 'a20cbf41098002abcda1038101'],
    ['indefinite length', 'a280bf41098002abcda1038101050000'], ['members in another order', 'a20cbf4109a1038101058002abcd'], ['no transaction', 'a208bf4105a103810105'],
    ['a length of five octets', 'a2850000000003bf4100'], ['no UTF-8', `a21bbf39188110${'aa'.repeat(16)}8301ffbf2000`], ['17 members', `a225bf3d22${'0500'.repeat(17)}`],
  ])('%s is HTTP 400', (_name, body) => {
    expect(() => readAsn1Call(fromHex(body))).toThrow(BodyError);
  });

  test('whatever comes, it is read or is a 400', () => {
    const good = fromHex('a20cbf41098002abcda103810105');
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.tuple(fc.nat(13), fc.nat(255)).map(([at, octet]) => good.with(at, octet))), (body) => {
      try {
        readAsn1Call(body);
      } catch (error) {
        expect(error).toBeInstanceOf(BodyError);
      }
    }), { numRuns: 3000 });
  });

  test('ten thousand levels deep and ten thousand elements side by side cost nothing', () => {
    let deep: Uint8Array = tlv(0x30);
    for (let i = 0; i < 2000; i++) deep = tlv(0x30, deep);
    const nested = tlv(0xa2, tlv(0xbf3d, tlv(0xa0, deep)));
    expect(readAsn1Call(nested)).toMatchObject({ name: 'handleNotification' });
    expect(() => readAsn1Call(tlv(0xa2, tlv(0xbf3d, new Uint8Array(60_000))))).toThrow(BodyError);
    // Views of the body, not copies: the buffer under the member is the body's.
    const call = readAsn1Call(nested);
    expect(call.name === 'handleNotification' && call.request.pendingNotification.buffer).toBe(nested.buffer);
  });
});

describe('replies', () => {
  const T = 'ABCDEF0123456789ABCDEF0123456789';
  test('the OK arm is A0, members in their order, signatures with their header', () => {
    const ok = { transactionId: T, serverSigned1: fromHex('3003020101'), serverSignature1: fromHex(signature), euiccCiPKIdToBeUsed: fromHex('04021234'), serverCertificate: fromHex('3000') };
    const der = writeAsn1({ name: 'initiateAuthentication', answer: { ok } });
    expect(hex(der)).toBe(`a265bf3962a0608010${T.toLowerCase()}3003020101${signature}040212343000`);
    expect(decodeAsn1Reply('initiateAuthentication', der!)).toEqual({
      kind: 'ok', body: { transactionId: T, serverSigned1: b64('3003020101'), serverSignature1: b64(signature), euiccCiPKIdToBeUsed: b64('04021234'), serverCertificate: b64('3000') },
    });
    expect(hex(writeAsn1({ name: 'getBoundProfilePackage', answer: { ok: { transactionId: 'AB', boundProfilePackage: fromHex('bf3600') } } }))).toBe('a20bbf3a08a0068001abbf3600');
    expect(hex(writeAsn1({ name: 'cancelSession', answer: { ok: {} } }))).toBe('a205bf4102a000');
    expect(writeAsn1({ name: 'handleNotification' })).toBeUndefined();
  });

  test('the error arm is 81 with the number of the type', () => {
    const fail = (name: AnsweredName, code: string): string => {
      const [subject = '', reason = ''] = code.split('/');
      return hex(writeAsn1({ name, answer: { failed: { subject, reason, message: 'x' } } } as never));
    };
    expect(fail('authenticateClient', '8.2.6/3.8')).toBe('a206bf3b03810106');
    expect(fail('getBoundProfilePackage', '8.10.1/3.9')).toBe('a206bf3a0381015f');
    expect(fail('cancelSession', '8.8/3.10')).toBe('a206bf410381017f');
    expect(fail('initiateAuthentication', '8.8.4/3.7')).toBe('a206bf3903810103');
  });

  test('every number of the tables, read by the device, gives the code back; what is missing is undefinedError', () => {
    for (const [name, table] of Object.entries(asn1Codes) as [AnsweredName, Record<string, number>][]) {
      for (const [code, number] of Object.entries(table)) {
        const [subject = '', reason = ''] = code.split('/');
        expect(asn1Code(name, { subject, reason })).toBe(number);
        const read = decodeAsn1Reply(name, writeAsn1({ name, answer: { failed: { subject, reason, message: '' } } } as never)!);
        // Two codes of initiateAuthentication share one number.
        if (code !== '8.8.4/3.7') expect(read, `${name} ${code}`).toMatchObject({ kind: 'failed', subjectCode: subject, reasonCode: reason });
      }
      expect(asn1Code(name, { subject: '8.8', reason: '4.2' })).toBe(127);
    }
  });
});

describe('what a request is for', () => {
  const to = (method: string, target: string, type?: string): string => {
    const found = route(method, target, type);
    return 'refused' in found ? String(found.refused.status) : found.binding === 'json' ? found.name : 'asn1';
  };
  const asn1 = 'application/x-gsma-rsp-asn1';
  test.each([
    ['POST', '/gsma/rsp2/asn1', asn1, 'asn1'], ['POST', '/gsma/rsp2/asn1', 'Application/X-GSMA-RSP-ASN1; x=y', 'asn1'], ['POST', '/gsma/rsp2/asn1', 'application/json', '415'], ['POST', '/gsma/rsp2/asn1', undefined, '415'],
    ['GET', '/gsma/rsp2/asn1', asn1, '405'], ['HEAD', '/gsma/rsp2/asn1', asn1, '405'], ['OPTIONS', '/gsma/rsp2/asn1', undefined, '405'], ['POST', '/gsma/rsp2/asn1/', asn1, '404'],
    ['POST', '/gsma/rsp2/es9plus/cancelSession', undefined, 'cancelSession'], ['POST', '/gsma/rsp2/es9plus/cancelSession?x', 'application/json', 'cancelSession'],
    ['POST', '/gsma/rsp2/es9plus/cancelSession', asn1, '415'], ['POST', 'https://smdp.example/gsma/rsp2/es9plus/cancelSession', 'application/json', 'cancelSession'],
    ['POST', 'https://smdp.example:443?/gsma/rsp2/asn1', asn1, '404'], ['POST', '/gsma/rsp2/es9plus/constructor', undefined, '404'], ['POST', '/gsma/rsp2/es9plus/../asn1', asn1, '404'],
    ['OPTIONS', '*', undefined, '404'], ['POST', '', undefined, '404'], ['POST', '//gsma/rsp2/asn1', asn1, '404'], ['POST', '/gsma/rsp2/es9plus/cancelSession', 'text/json', '415'],
    ['POST', '/gsma/rsp2/es9plus/cancelSession', 'application/jsonx', '415'],
  ])('%s %s as %s: %s', (method, target, type, expected) => expect(to(method, target, type)).toBe(expected));
});
