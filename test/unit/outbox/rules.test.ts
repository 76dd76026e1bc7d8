import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterFailure, laneOf, retryDelay } from '../../../src/main/engine/outbox/rules.ts';
import { judge } from '../../../src/main/engine/outgoing/progress.ts';
import { functionStatus } from '../../../src/main/engine/outgoing/status.ts';
import { checkCallbackUrl, functionUrl, shownUrl, smdsUrl } from '../../../src/main/engine/outgoing/target.ts';
import { failureSentence } from '../../../src/main/engine/outgoing/failures.ts';

describe('when it is tried again', () => {
  test('1 s doubling to 10 min, a fifth more or less, never more than 10 min', () => {
    expect([1, 2, 3, 4, 10, 11].map((n) => retryDelay(n, 0))).toEqual([800, 1600, 3200, 6400, 409_600, 480_000]);
    expect([1, 2, 3, 4, 10, 11].map((n) => retryDelay(n, 255))).toEqual([1200, 2400, 4800, 9600, 600_000, 600_000]);
    fc.assert(fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 0, max: 255 }), (failures, octet) => {
      const delay = retryDelay(failures, octet);
      const base = Math.min(600_000, 1000 * 2 ** Math.min(failures - 1, 30));
      return delay >= base * 0.8 - 1 && delay <= Math.min(600_000, base * 1.2 + 1);
    }));
    expect(retryDelay(3, 0)).not.toBe(retryDelay(3, 255));
  });

  test('given up: refused for good, twelve times, or after two days', () => {
    const now = 1_000_000_000;
    expect(afterFailure({ since: now, refusals: 11 }, now, false)).toBe('retry');
    expect(afterFailure({ since: now, refusals: 12 }, now, false)).toBe('dead');
    expect(afterFailure({ since: now, refusals: 1 }, now, true)).toBe('dead');
    expect(afterFailure({ since: now - 48 * 3_600_000 + 1, refusals: 0 }, now, false)).toBe('retry');
    expect(afterFailure({ since: now - 48 * 3_600_000, refusals: 0 }, now, false)).toBe('dead');
  });

  test('one lane a receiver', () => {
    expect(laneOf({ kind: 'es2plus.handleDownloadProgressInfo', brandId: 3, payload: {} })).toBe('brand:3');
    expect(laneOf({ kind: 'es12.deleteEvent', brandId: 3, payload: { smdsAddress: 'LPA.DS.example' } })).toBe('smds:lpa.ds.example');
    expect(laneOf({ kind: 'es12.deleteEvent', payload: null })).toBe('smds:');
    expect(laneOf({ kind: 'other.thing', payload: {} })).toBe('other.thing');
  });
});

describe('where it goes', () => {
  test('https without user and fragment; plain http in a Lab to this machine only', () => {
    for (const url of ['https://bss.example', 'https://bss.example:8443/progress?k=1', 'https://192.0.2.7/']) expect(checkCallbackUrl(url, 'live')).toMatchObject({ ok: true });
    for (const url of ['http://bss.example', 'http://127.0.0.1:9/', 'ftp://bss.example', 'https://u:p@bss.example', 'https://u@bss.example', 'https://bss.example/#a', 'bss.example', '', 'javascript:1', 'file:///etc/passwd', 'https://']) {
      expect(checkCallbackUrl(url, 'live'), url).toMatchObject({ ok: false });
    }
    expect(checkCallbackUrl('http://127.0.0.1:9/x', 'test')).toMatchObject({ ok: false });
    for (const url of ['http://127.0.0.1:9/x', 'http://localhost:9', 'http://[::1]:9']) expect(checkCallbackUrl(url, 'lab'), url).toMatchObject({ ok: true });
    for (const url of ['http://127.0.0.1.example', 'http://localhost.example', 'http://u@localhost', 'http://10.0.0.1', 'http://0.0.0.0']) expect(checkCallbackUrl(url, 'lab'), url).toMatchObject({ ok: false });
  });

  test("SGP.22's path where the URL has none", () => {
    const path = '/gsma/rsp2/es2plus/handleDownloadProgressInfo';
    const at = (url: string) => functionUrl(new URL(url), path).href;
    expect(at('https://bss.example')).toBe(`https://bss.example${path}`);
    expect(at('https://bss.example:8443/')).toBe(`https://bss.example:8443${path}`);
    expect(at('https://bss.example/hook')).toBe('https://bss.example/hook');
    expect(at('https://bss.example/?k=1')).toBe('https://bss.example/?k=1');
    expect(shownUrl(new URL('https://bss.example/hook?token=secret'))).toBe('https://bss.example/hook?…');
  });

  test('an SM-DS is a host, perhaps with a port', () => {
    expect(smdsUrl('lpa.ds.example', 'registerEvent')?.href).toBe('https://lpa.ds.example/gsma/rsp2/es12/registerEvent');
    expect(smdsUrl('127.0.0.1:8443', 'deleteEvent')?.href).toBe('https://127.0.0.1:8443/gsma/rsp2/es12/deleteEvent');
    for (const address of ['', 'https://lpa.ds.example', 'a b', 'host/path', 'u@host', 'host:0x1', 'host:99999', 'host?x', 'host#x', '-host', 'host\\evil']) expect(smdsUrl(address, 'x'), address).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => {
      const url = smdsUrl(text, 'registerEvent');
      return url === undefined || (url.protocol === 'https:' && url.username === '' && url.pathname === '/gsma/rsp2/es12/registerEvent' && url.search === '');
    }));
  });
});

describe('what the answer means', () => {
  const http = (status: number, text = '', retryAfter?: number) => judge({ ok: true, status, text, ...(retryAfter === undefined ? {} : { retryAfter }) });
  test.each([
    [204, '', { done: true }], [200, '', { done: true }], [200, '{}', { done: true }], [200, 'not json', { done: true }], [202, '', { done: true }],
    [200, '{"header":{"functionExecutionStatus":{"status":"Executed-Success"}}}', { done: true }],
    [200, '{"header":{"functionExecutionStatus":{"status":"Failed","statusCodeData":{"subjectCode":"8.2.1","reasonCode":"3.9","message":"who"}}}}', { done: false, permanent: true, why: 'It refused: 8.2.1/3.9 who.' }],
    [301, '', { done: false, permanent: true }], [400, '', { done: false, permanent: true }], [401, '', { done: false, permanent: true }], [403, '', { done: false, permanent: true }],
    [404, '', { done: false, permanent: true }], [422, '', { done: false, permanent: true }],
    [408, '', { done: false, why: 'It answers HTTP 408.' }], [429, '', { done: false, unreachable: true }], [500, '', { done: false, why: 'It answers HTTP 500.' }],
    [502, '', { done: false, unreachable: true }], [503, '', { done: false, unreachable: true }], [504, '', { done: false, unreachable: true }],
  ])('HTTP %i %s', (status, text, expected) => {
    expect(http(status, text)).toMatchObject(expected);
  });
  test('only 4xx, 3xx and Failed are for good', () => {
    for (const status of [408, 429, 500, 503]) expect(http(status)).not.toHaveProperty('permanent');
    expect(http(503, '', 7000)).toMatchObject({ retryAfter: 7000 });
    expect(judge({ ok: false, why: 'x', reached: true })).toEqual({ done: false, unreachable: true, why: 'x' });
  });

  test('a function status, whatever strangers write into it', () => {
    const body = (execution: unknown) => JSON.stringify({ header: { functionExecutionStatus: execution } });
    expect(functionStatus(body({ status: 'Executed-WithWarning' }))).toEqual({ ok: true });
    expect(functionStatus(body({ status: 'Failed', statusCodeData: { subjectCode: '8.9.5', reasonCode: '3.3' } }))).toEqual({ ok: false, code: '8.9.5/3.3' });
    expect(functionStatus(body({ status: 'Failed' }))).toEqual({ ok: false, code: 'Failed' });
    expect(functionStatus(body({ status: 'Expired', statusCodeData: null }))).toEqual({ ok: false, code: 'Expired' });
    expect(functionStatus(body({ status: 'Failed', statusCodeData: { subjectCode: '<b>', reasonCode: 1, message: `a\n\u0000b${'x'.repeat(999)}` } }))).toMatchObject({ ok: false, code: 'Failed', message: expect.stringMatching(/^a {2}bx{1,156}$/) });
    for (const text of ['', 'x', 'null', '[]', '{}', '{"header":1}', body({}), body({ status: 'executed-success' }), body('Failed')]) expect(functionStatus(text), text).toBeUndefined();
    fc.assert(fc.property(fc.json(), (text) => {
      functionStatus(text);
      functionStatus(JSON.stringify({ header: { functionExecutionStatus: JSON.parse(text) as unknown } }));
    }));
  });

  test('a foreign error speaks by its code, not by its text', () => {
    const url = new URL('https://bss.example:8443/x?token=secret');
    const said = (code: string | undefined) => failureSentence(Object.assign(new Error('text with secret'), code === undefined ? {} : { code }), url);
    for (const code of ['ENOTFOUND', 'ECONNREFUSED', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'ERR_SSL_X', 'ESTRANGE', 'text with secret', undefined]) {
      expect(said(code)).toMatch(/^[A-Z].*\.$/);
      expect(said(code)).not.toContain('secret');
    }
    expect(said('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA')).toBe('It does not accept our TLS certificate.');
    expect(said('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')).toBe('It does not accept our TLS certificate.');
    expect(failureSentence(Object.assign(new Error('write EPROTO 40ED:error:0A00010B:SSL routines::wrong version number:x.c:77:'), { code: 'EPROTO' }), url)).toBe('It does not speak TLS on this port.');
    expect(said('ERR_TLS_CERT_ALTNAME_INVALID')).toBe('Its TLS certificate is not for bss.example:8443.');
  });
});
