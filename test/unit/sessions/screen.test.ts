import { describe, expect, test } from 'vitest';
import { messageLimits, messageRows } from '../../../src/renderer/sessions/message-rows.ts';
import { stepMeaning } from '../../../src/renderer/sessions/step-meaning.ts';
import { makeEid } from '../../../src/shared/identifiers/index.ts';

const eid = makeEid('890490320040088826000000000001');

describe('a message as lines', () => {
  test('members in their order, lists of plain values in one line, dates as dates', () => {
    expect(messageRows({ ok: { versions: ['2.2.0', '2.1.0'], flags: [], notAfter: Date.UTC(2030, 0, 2), segments: [{ octets: 4 }], empty: '', gone: null } }, false)).toEqual([
      { depth: 0, name: 'ok' }, { depth: 1, name: 'versions', value: '2.2.0, 2.1.0' }, { depth: 1, name: 'flags', value: 'none' }, { depth: 1, name: 'notAfter', value: '2030-01-02' },
      { depth: 1, name: 'segments', note: '1' }, { depth: 2, name: '1' }, { depth: 3, name: 'octets', value: '4' }, { depth: 1, name: 'empty', value: 'empty' }, { depth: 1, name: 'gone', value: 'null' },
    ]);
  });

  test('an EID is hidden wherever it stands until it is asked for', () => {
    const message = { euiccCertificate: { eid, subject: `CN=Test, SN=${eid}` }, list: [eid] };
    expect(JSON.stringify(messageRows(message, false))).not.toContain(eid);
    expect(JSON.stringify(messageRows(message, true)).split(eid)).toHaveLength(4);
  });

  test('it is bounded', () => {
    let deep: unknown = 'end';
    for (let i = 0; i < 200; i++) deep = { deep };
    expect(Math.max(...messageRows(deep, true).map((row) => row.depth))).toBeLessThanOrEqual(messageLimits.depth);
    expect(messageRows(Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`m${at}`, at])), true).length).toBeLessThanOrEqual(messageLimits.rows + 1);
  });
});

test('what a device reported has its meaning, though the step was executed', () => {
  expect(stepMeaning({ function: 'handleNotification', request: { pendingNotification: { finalResult: { error: { bppCommandId: 5, errorReason: 12 } } } } })).toMatchObject({ tone: 'danger', said: 'reason 12 at loadProfileElements' });
  expect(stepMeaning({ function: 'handleNotification', request: { pendingNotification: { finalResult: { success: {} } } } })).toBeUndefined();
  expect(stepMeaning({ function: 'cancelSession', request: { cancelSessionResponse: { ok: { reason: 1 } } } })).toMatchObject({ tone: 'warning', said: 'postponed (1)' });
  expect(stepMeaning({ function: 'cancelSession' })).toBeUndefined();
});
