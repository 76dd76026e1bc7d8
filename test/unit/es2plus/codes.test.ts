import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { es2Codes, es2FunctionNames, statusCodeOf, statusCodesOf } from '../../../src/main/engine/wire/es2plus/codes.ts';
import type { Es2FunctionName } from '../../../src/main/engine/wire/es2plus/codes.ts';
import { failedReplyOf, successReply } from '../../../src/main/engine/wire/es2plus/reply.ts';
import { es2Replies, failedReply } from '../../../src/main/engine/wire/es2plus/schemas.ts';

const engine = join(import.meta.dirname, '../../../src/main/engine');

/** Codes a file refuses with: `new DeskProblem('CODE'` and `no('CODE'`. */
function codesIn(path: string): string[] {
  return [...readFileSync(join(engine, path), 'utf8').matchAll(/(?:DeskProblem|\bno)\(\s*'([A-Z0-9_]+)'/g)].map((match) => match[1]!);
}

/** Nothing ES2+ calls throws them: they are of procedures and of what operators type. */
const notOverEs2plus = new Set(['RANGE_INVALID', 'CALLBACK_INVALID']);

describe('every refusal of the order functions has its status code', () => {
  const files = [...readdirSync(join(engine, 'orders')).filter((name) => name.endsWith('.ts') && name !== 'procedures.ts').map((name) => `orders/${name}`), 'brands/rules.ts', 'profiles/transition.ts'];
  const found = [...new Set(files.flatMap(codesIn))].filter((code) => !notOverEs2plus.has(code)).sort();
  test('the search finds them', () => {
    expect(found).toEqual(expect.arrayContaining(['PROFILE_UNKNOWN', 'STOCK_EMPTY', 'MATCHING_ID_USED', 'EID_REQUIRED', 'EID_MISMATCH', 'QUOTA_EXCEEDED', 'TRANSITION_REFUSED']));
  });
  test.each(found)('%s', (code) => {
    expect(es2Codes).toContain(code);
  });
});

describe('the codes of tables 24, 27, 30 and 32', () => {
  test.each<[Es2FunctionName, string, string]>([
    ['downloadOrder', 'PROFILE_UNKNOWN', '8.2.1/3.9'], ['downloadOrder', 'ICCID_NOT_ENTITLED', '8.2.1/1.2'], ['downloadOrder', 'PROFILE_NOT_AVAILABLE', '8.2.1/3.3'],
    ['downloadOrder', 'TYPE_UNKNOWN', '8.2.5/3.9'], ['downloadOrder', 'TYPE_NOT_ENTITLED', '8.2.5/1.2'], ['downloadOrder', 'STOCK_EMPTY', '8.2.5/3.7'], ['downloadOrder', 'TYPE_MISMATCH', '8.2.5/3.8'],
    ['confirmOrder', 'PROFILE_UNKNOWN', '8.2.1/3.9'], ['confirmOrder', 'ICCID_NOT_ENTITLED', '8.2.1/1.2'], ['confirmOrder', 'MATCHING_ID_USED', '8.2.6/3.3'],
    ['confirmOrder', 'SMDS_UNREACHABLE', '8.9/5.1'], ['confirmOrder', 'SMDS_REFUSED', '8.9/4.2'], ['confirmOrder', 'EID_REQUIRED', '8.1.1/2.2'], ['confirmOrder', 'EID_MISMATCH', '8.1.1/3.10'],
    ['cancelOrder', 'PROFILE_UNKNOWN', '8.2.1/3.9'], ['cancelOrder', 'ICCID_NOT_ENTITLED', '8.2.1/1.2'], ['cancelOrder', 'PROFILE_DELIVERED', '8.2.1/3.3'],
    ['cancelOrder', 'EID_MISMATCH', '8.2.1/3.10'], ['cancelOrder', 'MATCHING_ID_MISMATCH', '8.2.6/3.10'], ['cancelOrder', 'EID_REQUIRED', '8.1.1/2.2'],
    ['releaseProfile', 'PROFILE_UNKNOWN', '8.2.1/3.9'], ['releaseProfile', 'ICCID_NOT_ENTITLED', '8.2.1/1.2'], ['releaseProfile', 'TRANSITION_REFUSED', '8.2.1/3.5'],
  ])('%s %s is %s', (name, problem, expected) => {
    const { subject, reason } = statusCodeOf(name, problem);
    expect(`${subject}/${reason}`).toBe(expected);
  });

  test.each(['SOMETHING_NEW', 'constructor', '__proto__', ''])('%j, which nobody put into the table, is a fault of ours', (problem) => {
    expect(statusCodeOf('confirmOrder', problem)).toMatchObject({ subject: '1.2', reason: '4.2' });
  });
});

describe('replies', () => {
  test.each(es2FunctionNames)('every failure of %s is header only, with codes and a message', (name) => {
    for (const problem of es2Codes) {
      const reply = failedReplyOf(statusCodeOf(name, problem));
      expect(failedReply.safeParse(reply).success).toBe(true);
      expect(Object.keys(reply)).toEqual(['header']);
      expect(statusCodeOf(name, problem).message).toMatch(/^[A-Z].*\.$/);
    }
  });
  test('a success has no member more and none that is undefined', () => {
    const reply = successReply({ eid: undefined, matchingId: '', smdpAddress: 'smdp.example' });
    expect(Object.keys(reply)).toEqual(['header', 'matchingId', 'smdpAddress']);
    expect(es2Replies.confirmOrder.safeParse(reply).success).toBe(true);
    expect(es2Replies.confirmOrder.safeParse({ ...reply, more: 1 }).success).toBe(false);
  });
  test('no code is told twice', () => {
    for (const name of es2FunctionNames) {
      const codes = statusCodesOf(name).map((one) => `${one.subject}/${one.reason}`);
      expect(new Set(codes).size).toBe(codes.length);
    }
  });
});
