/** What the command line promises its callers: one JSON object on stdout, exit 0 done, 1 refused, 2 usage; never a stack trace. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSampleTemplate } from '../../../src/main/saip/index.ts';
import { cleanUp, ensureBuilt, must, newFolder, run, serve, type Serving } from './product.ts';

let serving: Serving;
let workspace: string;
let files: string;
let at: string[];
const file = (name: string, content: string | Uint8Array) => {
  const path = join(files, name);
  writeFileSync(path, content);
  return path;
};

beforeAll(async () => {
  ensureBuilt();
  workspace = newFolder();
  files = newFolder();
  at = ['--workspace', workspace];
  serving = await serve(workspace, ['--sample', '--es9plus', '127.0.0.1:0']);
});
afterAll(async () => {
  await serving?.stop();
  cleanUp();
});

/** Runs a few at a time: each is a process of its own. */
async function all<T>(cases: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...cases];
  await Promise.all([0, 1, 2].map(async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  }));
}

const type = ['--type', 'Lab consumer'];

describe('the chain by commands alone', () => {
  test('every command answers with the fields its callers read', async () => {
    const csv = file('stock.csv', 'iccid,imsi,ki,opc,pin1,puk1\n8988211000009000012,001010000900001,000102030405060708090A0B0C0D0E0F,0F0E0D0C0B0A09080706050403020100,1234,12345678\n');
    expect(await must(['stock', 'import', csv, ...type, '--dry-run', ...at])).toMatchObject({ accepted: 1, rejected: 0 });
    expect(await must(['stock', 'import', csv, ...type, ...at])).toMatchObject({ accepted: 1, rejected: 0 });
    const twice = await run(['stock', 'import', csv, ...type, '--json', ...at]);
    expect([twice.code, twice.json().error?.code]).toEqual([1, 'FILE_ALREADY_IMPORTED']);
    expect(await must(['range', 'create', ...type, '--iccid-first', '898821100001000000', '--imsi-first', '001010001000000', '--count', '5', ...at])).toMatchObject({ imsiLast: '001010001000004' });
    expect(await must(['prepare', ...type, '--count', '1', ...at])).toMatchObject({ prepared: 1, state: 'done' });
    const added = await must<{ iccid: string; state: object }>(['profile', 'add', ...type, '--iccid', '898821100000910001', '--imsi', '001010000910001', '--secrets', '-', ...at], { stdin: 'ki=100102030405060708090A0B0C0D0E0F\nopc=1F0E0D0C0B0A09080706050403020100\n' });
    expect(Object.keys(added.state).sort()).toEqual(['device', 'network', 'order', 'stock']);
    expect(await must(['profile', 'show', added.iccid, ...at])).toMatchObject({ iccid: added.iccid });
    const order = await must<{ orderId: string; iccid: string; matchingId: string; activationCode: string; state: string }>(['order', 'create', ...type, '--no-release', '--download-limit', '3', '--expires', '30d', '--confirmation-code-file', '-', ...at], { stdin: '4711\n' });
    expect(order.state).toBe('confirmed');
    expect(order.activationCode.split('$')).toContain(order.matchingId);
    const code = file('code', '4711');
    const early = await run(['device', 'download', order.activationCode, '--confirmation-code-file', code, '--json', ...at]);
    expect([early.code, early.json().error?.code]).toEqual([1, 'DOWNLOAD_REFUSED']);
    expect(await must(['order', 'release', order.orderId, ...at])).toMatchObject({ state: 'released' });
    for (const name of [order.matchingId.toLowerCase(), order.iccid]) expect(await must(['order', 'show', name, ...at])).toMatchObject({ orderId: order.orderId });
    const shown = (await run(['order', 'show', order.orderId, ...at])).stdout;
    for (const part of [`LPA:${order.activationCode}`, /Download attempts  \d of 3/, /Confirmation code  required; 0 of \d+/, /EID {16}any/, /Expires {12}\d{4}-/]) expect(shown).toMatch(part);
    expect(await must(['device', 'download', `LPA:${order.activationCode}`, '--confirmation-code-file', code, ...at])).toMatchObject({ ok: true, iccid: order.iccid });
    expect(await must(['order', 'show', order.orderId, ...at])).toMatchObject({ state: 'installed' });
    const second = await must<{ orderId: string }>(['order', 'create', ...type, ...at]);
    expect(await must(['order', 'cancel', second.orderId, ...at])).toMatchObject({ state: 'available' });
    expect((await must<{ rows: unknown[] }>(['order', 'list', '--limit', '2', ...at])).rows).toHaveLength(2);
    expect((await run(['order', 'list', '--limit', '2', ...at])).stdout).toMatch(/\n2 of \d+ \(--limit\)\n$/);
    expect(await must(['lab', 'fill', '--profiles', '50', ...at])).toMatchObject({ profiles: 50 });
    const whole = await must<{ verified: boolean; head: string; records: number }>(['audit', 'verify', ...at]);
    expect(whole.verified).toBe(true);
    const kept = `${whole.head.toUpperCase()}:${whole.records}`;
    expect(await must(['audit', 'verify', '--expect-head', kept, ...at])).toMatchObject({ verified: true });
    expect((await run(['audit', 'verify', '--expect-head', whole.head, ...at])).stdout).toMatch(/^Audit log: .+ verified[^]+outside this machine/);
    for (const other of ['0'.repeat(64), `${whole.head}:1`]) {
      const differs = await run(['audit', 'verify', '--expect-head', other, '--json', ...at]);
      expect([differs.code, differs.json()['verified']]).toEqual([1, false]);
    }
  });
});

test('a list of wrong rows that was cut says how many more there are', async () => {
  const rows = Array.from({ length: 1_500 }, (_, at) => `${at},1`);
  const wrong = file('many-wrong.csv', `iccid,imsi,ki,opc\n${rows.map((row) => `${row},,`).join('\n')}\n`);
  const report = await run(['stock', 'import', wrong, ...type, '--dry-run', '--json', ...at]);
  const { rejected, errors } = report.json() as unknown as { rejected: number; errors: { row: number }[] };
  expect([report.code, rejected]).toEqual([1, 1_500]);
  const named = new Set(errors.map((one) => one.row)).size;
  expect(named).toBeLessThan(1_500);
  expect((await run(['stock', 'import', wrong, ...type, '--dry-run', ...at])).stdout).toContain(`\n… and ${(1_500 - named).toLocaleString('en')} more\n`);
});

describe('refusals', () => {
  test('usage: exit 2, one object, nothing started', { timeout: 180_000 }, async () => {
    const cases: string[][] = [
      ['nonsense'], ['serve', '--es9plus', 'nowhere'], ['serve', '--es9plus', '127.0.0.1:70000'], ['serve', '--es9plus', '127.0.0.1:0='], ['serve', '--console', 'x'], ['serve', '--smdp-address', 'a b'], ['serve', 'surplus'],
      ['serve', '--nonsense'], ['pki'], ['pki', 'import'], ['pki', 'import', '--identity', 'x', '--role', 'king', '--cert', 'f'], ['pki', 'import', '--identity', 'x', '--role', 'ci'],
      ['template', 'import'], ['template', 'import', 'f'], ['template', 'check'], ['type', 'create'], ['type', 'create', 'n'], ['type', 'create', 'n', '--template', 't', '--ppr', '3'], ['type', 'create', 'n', '--template', 't', '--class', 'x'],
      ['stock', 'import'], ['stock', 'import', 'f'], ['range', 'create', ...type], ['range', 'create', ...type, '--iccid-first', '1', '--imsi-first', '1', '--count', '-1'], ['prepare'], ['prepare', ...type], ['prepare', ...type, '--count', 'many'], ['prepare', ...type, '--count', '1.5'],
      ['profile', 'add'], ['profile', 'show'], ['order', 'create'], ['order', 'create', ...type, '--download-limit', 'x'], ['order', 'release'], ['order', 'cancel'], ['order', 'show'], ['order', 'list', '--limit', 'x'],
      ['device', 'download'], ['lab', 'fill'], ['lab', 'fill', '--profiles', '1e9'], ['audit'], ['audit', 'verify', '--expect-head', 'abc'], ['bench', '--only', 'nothing'], ['rsp', 'replay'], ['rsp', 'replay', 'd', '--keys', 'k'], ['demo', '--workspace', 'x'], ['session', 'list', '--limit', '501'], ['outbox', 'list', '--limit', '0'], ['lab', 'setup', '--curve', 'P-521'],
      ['pki', 'export', '--identity', 'lab', '--role', 'ci'], ['pki', 'export', '--identity', 'lab', '--role', 'ci', '--out', 'f', '--pem', '--der'], ['pki', 'list', '--workspace', ''], ['pki', 'list', '--passphrase-fd', 'x'],
    ];
    await all(cases, async (args) => {
      const done = await run([...args, '--json']);
      expect([args, done.code, done.json().error?.code]).toEqual([args, 2, 'USAGE']);
      expect(done.stderr).not.toMatch(/\n\s+at /);
    });
  });

  test('refused: exit 1, one object with a stable code and a sentence', { timeout: 180_000 }, async () => {
    const missing = join(files, 'missing');
    const rubbish = file('rubbish', Buffer.from([0x30, 0x82, 0xff, 0xff, 1, 2, 3]));
    const empty = file('empty', '');
    const csv = file('bad.csv', 'iccid,imsi\n123,456\n');
    const noColumn = file('none.csv', 'a,b\n1,2\n');
    const code = file('wrong-code', '0000');
    const order = await must<{ orderId: string; activationCode: string }>(['order', 'create', ...type, '--confirmation-code-file', file('right-code', '4711'), ...at]);
    const ended = await must<{ orderId: string }>(['order', 'create', ...type, ...at]);
    await must(['order', 'cancel', ended.orderId, ...at]);
    const unknown = [...order.activationCode.split('$').slice(0, 2), 'AAAA-BBBB-CCCC-DDDD'].join('$');
    const cases: [string[], string | RegExp][] = [
      [['pki', 'import', '--identity', 'x', '--role', 'ci', '--cert', missing], 'FILE_UNREADABLE'],
      [['pki', 'import', '--identity', 'x', '--role', 'ci', '--cert', files], 'FILE_UNREADABLE'],
      [['pki', 'import', '--identity', 'x', '--role', 'ci', '--cert', rubbish], 'CERTIFICATE_MALFORMED'],
      [['pki', 'import', '--identity', 'x', '--role', 'ci', '--cert', empty], /^(CERTIFICATE_MALFORMED|INPUT_INVALID)$/],
      [['pki', 'import', '--identity', 'no/slash', '--role', 'ci', '--cert', rubbish], 'INPUT_INVALID'],
      [['template', 'import', rubbish, '--name', 'x'], /^(TEMPLATE|PACKAGE|SAIP|DER)_/],
      [['type', 'create', 'n', '--template', 'unknown'], /UNKNOWN/],
      [['order', 'list', '--brand', 'Nobody'], 'BRAND_UNKNOWN'], [['outbox', 'list', '--brand', 'Nobody'], 'BRAND_UNKNOWN'], [['outbox', 'list', '--order', 'o-none'], 'ORDER_UNKNOWN'],
      [['outbox', 'list', '--kind', 'none'], 'KIND_UNKNOWN'], [['outbox', 'replay', '99'], 'NOT_FOUND'], [['outbox', 'discard', '99', '--reason', 'not there'], 'NOT_FOUND'], [['session', 'list', '--identity', 'nobody'], 'IDENTITY_UNKNOWN'],
      [['pki', 'export', '--identity', 'lab', '--role', 'ci', '--out', rubbish], 'FILE_NOT_WRITTEN'], [['pki', 'export', '--identity', 'nobody', '--role', 'ci', '--out', missing], 'NOT_FOUND'],
      [['type', 'create', 'Lab consumer', '--template', 'Lab sample'], /(EXISTS|CONFLICT|TAKEN|USED)/],
      [['type', 'create', 'iconic', '--template', 'Lab sample', '--icon', rubbish], /ICON/],
      [['stock', 'import', noColumn, ...type], 'COLUMN_MISSING'],
      [['stock', 'import', csv, '--type', 'unknown'], 'TYPE_UNKNOWN'],
      [['range', 'create', ...type, '--iccid-first', '12', '--imsi-first', '34', '--count', '5'], /INVALID/],
      [['prepare', ...type, '--count', '100000'], /STOCK|RANGE|EMPTY|SHORT/],
      [['prepare', '--type', 'unknown', '--count', '1'], 'TYPE_UNKNOWN'],
      [['profile', 'add', ...type, '--iccid', '123', '--imsi', '001010000910001'], /ICCID/],
      [['profile', 'add', ...type, '--iccid', '898821100000920001', '--imsi', '001010000920001', '--secrets', rubbish], 'SECRETS_INVALID'],
      [['profile', 'show', '8988211000099999996'], /(PROFILE_UNKNOWN|NOT_FOUND)/],
      [['order', 'create', '--type', 'unknown'], 'TYPE_UNKNOWN'],
      [['order', 'create', '--iccid', '8988211000099999996'], 'PROFILE_UNKNOWN'],
      [['order', 'create', ...type, '--eid', '1'], 'EID_INVALID'],
      [['order', 'create', ...type, '--matching-id', ''], 'EID_REQUIRED'],
      [['order', 'create', ...type, '--matching-id', 'small'], 'INPUT_INVALID'],
      [['order', 'create', ...type, '--expires', 'soon'], 'EXPIRY_INVALID'],
      [['order', 'create', ...type, '--confirmation-code-file', empty], /CONFIRMATION_CODE_INVALID|INPUT_INVALID/],
      [['order', 'show', 'o-unknown'], 'ORDER_UNKNOWN'], [['order', 'cancel', 'o-unknown'], 'ORDER_UNKNOWN'], [['order', 'release', 'o-unknown'], 'ORDER_UNKNOWN'],
      [['order', 'release', ended.orderId], 'TRANSITION_REFUSED'],
      [['device', 'download', 'nonsense'], 'ACTIVATION_CODE_INVALID'],
      [['device', 'download', order.activationCode, '--eid', '12'], 'EID_INVALID'],
      [['device', 'download', order.activationCode], 'CONFIRMATION_CODE_NEEDED'],
      [['device', 'download', unknown], 'DOWNLOAD_REFUSED'],
      [['rsp', 'replay', files, '--keys', files, '--out', join(files, 'out.bin')], 'FILE_UNREADABLE'],
    ];
    await all(cases, async ([args, expected]) => {
      const done = await run([...args, ...(args[0] === 'rsp' ? [] : at), '--json']);
      const { error } = done.json();
      expect([args, done.code, error?.code]).toEqual([args, 1, typeof expected === 'string' ? expected : expect.stringMatching(expected)]);
      expect(error!.message.length).toBeGreaterThan(10);
      expect(done.stderr + done.stdout).not.toMatch(/\n\s+at |undefined|\[object/);
    });
    // What to do about it stands in the hint.
    expect((await run(['device', 'download', order.activationCode, ...at])).stderr).toContain('--confirmation-code-file');
    const nobody = await run(['device', 'download', '1$127.0.0.1:1$AAAA-BBBB-CCCC-DDDD', '--json', ...at]);
    expect([nobody.code, nobody.json().error]).toMatchObject([1, { code: 'NO_CONNECTION', hint: expect.stringContaining('serve --es9plus') as string }]);
    const wrong = await run(['device', 'download', order.activationCode, '--confirmation-code-file', code, '--json', ...at]);
    expect([wrong.code, wrong.json().error]).toMatchObject([1, { code: 'DOWNLOAD_REFUSED', field: '8.2.7/3.8' }]);
    // Half-written, nothing: the engine lives and the chain holds.
    expect(await must(['audit', 'verify', ...at])).toMatchObject({ verified: true });
  });

  test('for people: the sentence and the code on stderr, nothing on stdout', async () => {
    const done = await run(['order', 'show', 'o-unknown', ...at]);
    expect([done.code, done.stdout]).toEqual([1, '']);
    expect(done.stderr).toMatch(/^mvne-desk: .+ \[ORDER_UNKNOWN\]/);
    const help = await run(['order', 'create', '--help']);
    expect([help.code, help.stdout.includes('--confirmation-code-file')]).toEqual([0, true]);
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('results that are refusals', () => {
  test('a profile package is checked without a workspace, and none is made; a broken one carries report and error', async () => {
    const nowhere = join(newFolder(), 'not-there');
    const good = file('good.der', buildSampleTemplate());
    const checked = await run(['template', 'check', good, '--json', '--workspace', nowhere]);
    expect([checked.code, checked.json()]).toMatchObject([0, { valid: true }]);
    // Without its last element, the trailer, the package breaks rule V01.
    const cut = buildSampleTemplate();
    const broken = await run(['template', 'check', file('cut.der', cut.subarray(0, cut.length - 9)), '--json', '--workspace', nowhere]);
    expect([broken.code, broken.json()]).toMatchObject([1, { valid: false, findings: expect.arrayContaining([expect.objectContaining({ rule: 'V01' })]) as unknown, error: { code: 'TEMPLATE_REFUSED' } }]);
    expect(existsSync(nowhere)).toBe(false);
  });

  test('a dry run with wrong rows', async () => {
    const csv = file('wrong.csv', 'iccid,imsi\n8.98E+18,001010000900002\n');
    const refused = await run(['stock', 'import', csv, ...type, '--dry-run', '--json', ...at]);
    expect([refused.code, refused.json()]).toMatchObject([1, { accepted: 0, rejected: 1, error: { code: 'ROWS_INVALID' } }]);
  });
});
