import { describe, expect, test } from 'vitest';
import { cancelMeanings, explainCancel, explainInstall, explainStatus, installMeanings, nameStatus, reasonNames, statusEntry, statusMeanings, subjectNames } from '../../../src/shared/rsp-status/index.ts';
import { BPP_COMMANDS, CANCEL_REASONS, INSTALL_ERRORS } from '../../../src/main/rsp/index.ts';

describe('status codes in plain language', () => {
  test('every code is there once, with a cause, an action, an owner, and names of its halves', () => {
    const codes = statusMeanings.map((meaning) => `${meaning.subject}/${meaning.reason}`);
    expect(new Set(codes).size).toBe(codes.length);
    for (const meaning of statusMeanings) {
      const code = `${meaning.subject}/${meaning.reason}`;
      expect(meaning.cause.length, code).toBeGreaterThan(5);
      expect(meaning.action.length, code).toBeGreaterThan(5);
      expect(meaning.owners.every((owner) => owner !== undefined) && meaning.owners.length > 0, code).toBe(true);
      expect(meaning.where.every((place) => place !== undefined) && meaning.where.length > 0, code).toBe(true);
      expect(reasonNames[meaning.reason], code).toBeDefined();
      if (!code.startsWith('1.2.')) expect(subjectNames[meaning.subject], code).toBeDefined();
    }
  });

  test('codes are text: 3.10 is not 3.1', () => {
    expect(explainStatus('8.1.1/3.10')!.cause).not.toBe(explainStatus('8.1.1/3.8')!.cause);
    expect(explainStatus('8.8.2/3.1')!.cause).toMatch(/root/);
    expect(explainStatus('8.8.2/3.10')).toBeUndefined();
    expect(statusEntry('8.8.5', '4.10')!.cause).toMatch(/expired/);
  });

  test('a lost trailing zero is read as what was meant', () => {
    expect(explainStatus('8.8.5/4.1')).toBe(explainStatus('8.8.5/4.10'));
    expect(explainStatus(' 8.2.6 / 3.1 ')).toBe(explainStatus('8.2.6/3.10'));
    expect(explainStatus('9.9/9.9')).toBeUndefined();
  });

  test('an unknown code still has a name', () => {
    expect(nameStatus('8.1.1/4.8')).toBe('EID: Insufficient memory');
    expect(nameStatus('7/7')).toBe('Subject 7: reason 7');
  });

  test('every install reason and cancel reason of the messages is explained', () => {
    for (const [number, name] of Object.entries(INSTALL_ERRORS)) expect(explainInstall(Number(number)).name).toBe(name);
    expect(installMeanings).toHaveLength(Object.keys(INSTALL_ERRORS).length);
    expect(explainInstall(99)).toBe(explainInstall(127));
    for (const [number, name] of Object.entries(CANCEL_REASONS)) expect(explainCancel(Number(number)).name).toBe(name);
    expect(explainCancel(99).name).toBe('undefinedReason');
    expect(Object.keys(BPP_COMMANDS)).toHaveLength(6);
  });

  test('the codes of cancel reasons are the ones of table 32b', () => {
    expect(Object.fromEntries(cancelMeanings.map((meaning) => [meaning.reason, meaning.code]))).toEqual({
      0: '8.8.5/3.8', 1: undefined, 2: undefined, 3: '8.2.8/1.2', 4: '8.2.9/3.11', 5: '8.2.10/4.2', 127: '8/4.2',
    });
    for (const meaning of cancelMeanings) {
      expect(meaning.terminal).toBe(meaning.code !== undefined);
      if (meaning.code) expect(explainStatus(meaning.code)).toBeDefined();
    }
  });
});

describe('what can be done', () => {
  test('is something this product can do', () => {
    const missing = /extend it|reset the attempts|with approval|re-arm|unbind it|map the type|threshold|release it again|new code/i;
    expect(statusMeanings.filter((meaning) => missing.test(meaning.action)).map((meaning) => `${meaning.subject}/${meaning.reason}`)).toEqual([]);
    for (const code of ['8.8.5/4.10', '8.8.5/6.4']) expect(explainStatus(code)?.action).toMatch(/cancel the order and order again/i);
  });
});
