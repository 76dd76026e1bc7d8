/** Transport keys and the columns under them. Vectors of other programs where there are some; keys are visibly test material. */
import { createCipheriv, createHmac, createSecretKey, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { openVault } from '../../../src/main/vault/index.ts';
import type { OpenVault } from '../../../src/main/vault/open-vault.ts';
import { decodeSecrets } from '../../../src/main/vault/subscribers.ts';
import { openProfile } from '../../../src/main/vault/sealing.ts';
import { kcvMatches, makeTransportKey, openTransportKey, unwrapColumn, wrapValue } from '../../../src/main/vault/transport-keys.ts';
import type { TransportAlgorithm } from '../../../src/main/vault-link/operations.ts';
import { readAnswers, readRows, RowWriter } from '../../../src/main/vault-link/import-rows.ts';
import type { ImportName } from '../../../src/main/vault-link/import-rows.ts';
import { openBlob, temporaryFolder } from './support.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const hex = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'hex'));
const text = (octets: Uint8Array | undefined): string | undefined => octets && Buffer.from(octets).toString('hex');
const file = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits));
const random = (length: number): Uint8Array => new Uint8Array(length).fill(0x5a);
const sealingKey = createSecretKey(new Uint8Array(32).fill(3));

const K4 = '000102030405060708090a0b0c0d0e0f';
const KI = '465b5ce8b199b49faa5f0a2ee238a6bc';
const key = (algorithm: TransportAlgorithm, octets = K4) => ({ algorithm, octets: hex(octets) });

describe('columns under a transport key', () => {
  it.each([
    ['aes-128', 'ecb', K4, 'e42c646c9acaacd57c8480a02a3dee8e'],
    ['aes-128', 'cbc', K4, 'e42c646c9acaacd57c8480a02a3dee8e'],
    ['aes-128', 'cbc-23', K4, '82916286ee3bf17274b425ab2cce7f91'],
    ['3des-2key', 'ecb', K4, '796655d3d41a36d7e2dea5ecc18b8f87'],
    ['3des-2key', 'cbc', K4, '796655d3d41a36d73540817170990646'],
  ] as const)('%s %s opens the published vector', (algorithm, mode, octets, wrapped) => {
    expect(unwrapColumn(key(algorithm, octets), { mode, reversed: 'no' }, [hex(wrapped)]).map(text)).toEqual([KI]);
    expect(text(wrapValue(key(algorithm, octets), { mode, reversed: 'no' }, hex(KI)))).toBe(wrapped);
  });

  it('AES-256 and 192 are those of node:crypto, block by block chained', () => {
    for (const [algorithm, size] of [['aes-256', 32], ['aes-192', 24]] as const) {
      const octets = Uint8Array.from({ length: size }, (_, i) => i);
      const two = hex(KI + KI);
      const reference = createCipheriv(`aes-${8 * size}-cbc`, octets, new Uint8Array(16)).setAutoPadding(false);
      const wrapped = reference.update(two);
      expect(unwrapColumn({ algorithm, octets }, { mode: 'cbc', reversed: 'no' }, [wrapped]).map(text)).toEqual([KI + KI]);
    }
  });

  it('single DES is DES: the vector of FIPS 81', () => {
    expect(text(wrapValue(key('des', '0123456789abcdef'), { mode: 'ecb', reversed: 'no' }, file('Now is t')))).toBe('3fa40e8a984d4815');
  });

  it.each(['no', 'clear', 'encrypted'] as const)('what was wrapped opens again, octets reversed: %s', (reversed) => {
    fc.assert(fc.property(
      fc.constantFrom<TransportAlgorithm>('aes-128', 'aes-192', 'aes-256', '3des-2key', 'des'), fc.constantFrom('ecb', 'cbc', 'cbc-23'),
      fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.array(fc.uint8Array({ minLength: 0, maxLength: 40 }), { maxLength: 6 }),
      (algorithm, mode, material, values) => {
        const size = { 'aes-128': 16, 'aes-192': 24, 'aes-256': 32, '3des-2key': 16, des: 8 }[algorithm];
        const own = { algorithm, octets: material.subarray(0, size) };
        const block = algorithm.startsWith('aes') ? 16 : 8;
        const fits = (value: Uint8Array) => value.length > 0 && value.length % block === 0;
        const wrapped = values.map((value) => (fits(value) ? wrapValue(own, { mode, reversed }, value) : value));
        expect(unwrapColumn(own, { mode, reversed }, wrapped).map(text)).toEqual(values.map((value) => (fits(value) ? text(value) : undefined)));
      },
    ), { seed: 20_260_122 });
  });
});

describe('key check values', () => {
  // AES-128 under key 00..0F: of zeros c6a13b…, of ones 03dd1e…; 3DES of zeros 2b3b4c… are made here by node:crypto alone.
  const reference = (cipher: string, octets: Uint8Array, block: Uint8Array): Uint8Array => Uint8Array.from(createCipheriv(cipher, octets, null).setAutoPadding(false).update(block).subarray(0, 3));
  it('are known by all conventions', () => {
    const octets = hex(K4);
    expect(text(reference('aes-128-ecb', octets, new Uint8Array(16)))).toBe('c6a13b');
    expect(kcvMatches(octets, hex('c6a13b'))).toBe('aes-zero');
    expect(kcvMatches(octets, reference('aes-128-ecb', octets, new Uint8Array(16).fill(1)))).toBe('aes-one');
    expect(kcvMatches(octets, reference('des-ede-ecb', octets, new Uint8Array(8)))).toBe('des-zero');
    expect(kcvMatches(new Uint8Array(24).fill(7), reference('des-ede3-ecb', new Uint8Array(24).fill(7), new Uint8Array(8)))).toBe('des-zero');
    expect(kcvMatches(octets, hex('c6a13c'))).toBeUndefined();
    expect(kcvMatches(octets, hex('c6a1'))).toBeUndefined();
  });
});

describe('a transport key', () => {
  const a = '11223344556677889900aabbccddeeff';
  const b = Buffer.from(hex(a).map((octet, i) => octet ^ hex(K4)[i]!)).toString('hex');

  it('is the XOR of its components, and opens only as what it is', () => {
    const made = makeTransportKey(sealingKey, { algorithm: 'aes-128', components: [{ value: file(`${a.slice(0, 16)} ${a.slice(16)}\r\n`) }, { value: file(b.toUpperCase()) }], kcv: hex('c6a13b'), weak: false }, random);
    expect(made).toMatchObject({ convention: 'aes-zero', checked: true });
    expect(text(made.kcv)).toBe('c6a13b');
    expect(text(openTransportKey(sealingKey, 'aes-128', made.sealed).octets)).toBe(K4);
    expect(() => openTransportKey(sealingKey, '3des-2key', made.sealed)).toThrow(expect.objectContaining({ code: 'SEAL_BROKEN' }) as Error);
    expect(Buffer.from(made.sealed).includes(Buffer.from(K4, 'hex'))).toBe(false);
  });

  it.each([
    ['a component whose check value does not fit', { components: [{ value: file(a), kcv: hex('000000') }, { value: file(b) }] }, 'KCV_MISMATCH', /component 1/],
    ['a whole key whose check value does not fit', { components: [{ value: file(a) }, { value: file(b) }], kcv: hex('c6a13c') }, 'KCV_MISMATCH', /whole key/],
    ['one component twice', { components: [{ value: file(a) }, { value: file(a) }] }, 'TRANSPORT_KEY_MALFORMED', /all zeros/],
    ['a short component', { components: [{ value: file(a.slice(2)) }] }, 'TRANSPORT_KEY_MALFORMED', /30 hexadecimal digits; it must have 32/],
    ['a long component', { components: [{ value: file(`${a}00`) }] }, 'TRANSPORT_KEY_MALFORMED', /more than 32/],
    ['something else', { components: [{ value: file('hello') }] }, 'TRANSPORT_KEY_MALFORMED', /something else/],
    ['single DES', { algorithm: 'des', components: [{ value: file('0123456789abcdef') }] }, 'ALGORITHM_WEAK', /DES/],
    ['DES in two-key clothes', { algorithm: '3des-2key', components: [{ value: file('0123456789abcdef'.repeat(2)) }] }, 'ALGORITHM_WEAK', /halves/],
  ])('of %s is refused, without a digit of it', (_what, given, code, sentence) => {
    const make = () => makeTransportKey(sealingKey, { algorithm: 'aes-128', weak: false, ...(given as object) } as never, random);
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringMatching(sentence) as string }) as Error);
    expect(make).toThrow(expect.objectContaining({ message: expect.not.stringContaining(a.slice(0, 6)) as string }) as Error);
  });
});

describe('rows of an import', () => {
  let vault: OpenVault;
  let folder: string;
  beforeAll(() => {
    folder = temporaryFolder();
    vault = openVault({ root: folder });
  });
  const purpose = (name: string): Uint8Array => new Uint8Array(hkdfSync('sha256', readFileSync(join(folder, 'kek')).subarray(2), new Uint8Array(0), `mvne-desk vault ${name}`, 32));
  const OPC = 'cd63cb71954a9f4e48a5994e37a02baf';
  const kcvOf = (digits: string): Uint8Array => Uint8Array.from(createCipheriv('aes-128-ecb', hex(digits), null).setAutoPadding(false).update(new Uint8Array(16)).subarray(0, 3));

  async function sealed(rows: { iccid: string; values: [ImportName, Uint8Array, boolean?][] }[], extra: object = {}) {
    const writer = new RowWriter();
    for (const row of rows) {
      writer.begin(row.iccid);
      for (const [name, octets, kcv] of row.values) writer.value(name, octets, kcv);
    }
    const { batchKey } = await vault.handle('createBatchKey', {});
    const { answers } = await vault.handle('sealImport', { batchKey, keys: [], wrapped: [], shared: [], rows: Uint8Array.from(writer.octets), count: rows.length, ...extra });
    const key = createSecretKey(openBlob(purpose('batch'), ['batch key'], batchKey));
    return readAnswers(answers).map((one, i) => ({ ...one, secrets: one.sealed && decodeSecrets(openProfile(key, ['subscriber', rows[i]!.iccid], one.sealed)) }));
  }

  it('are opened, checked and sealed; each answer stands for itself', async () => {
    const transport = await vault.handle('createTransportKey', { algorithm: 'aes-128', components: [{ value: file(K4) }], weak: false });
    const keys = [{ algorithm: 'aes-128' as const, sealed: transport.sealed }];
    const wrapped = [{ name: 'k', key: 0, mode: 'ecb' as const, reversed: 'no' as const }, { name: 'opc', key: 0, mode: 'cbc' as const, reversed: 'no' as const }];
    const wrap = (digits: string) => wrapValue({ algorithm: 'aes-128', octets: hex(K4) }, { mode: 'ecb', reversed: 'no' }, hex(digits));
    const rows = [
      { iccid: '8988211000000000003', values: [['k', wrap(KI)], ['opc', wrap(OPC)], ['pin1', file('1234')], ['k', kcvOf(KI), true]] },
      { iccid: '8988211000000000011', values: [['k', wrap(OPC)], ['opc', wrap(KI)], ['k', kcvOf(KI), true], ['opc', kcvOf(OPC), true]] },
      { iccid: '8988211000000000029', values: [['k', wrap(KI)], ['k', hex('abcdef'), true]] },
      { iccid: '8988211000000000037', values: [['k', hex('00112233')]] },
      { iccid: '8988211000000000045', values: [['pin1', file('12')]] },
      { iccid: '8988211000000000052', values: [['opc', wrap(OPC)]] },
      { iccid: '', values: [['k', wrap(KI)]] },
      { iccid: '8988211000000000060', values: [] },
    ] as Parameters<typeof sealed>[0];
    const answers = await sealed(rows, { keys, wrapped });
    expect(answers.map((one) => one.problems.map((problem) => `${problem.name} ${problem.reason}`))).toEqual([
      [], ['k KEYS_SWAPPED', 'opc KEYS_SWAPPED'], ['k KCV_MISMATCH'], ['k WRAPPED_LENGTH'], ['pin1 CODE_INVALID'], ['opc KEY_MISSING'], [], [],
    ]);
    expect([text(answers[0]!.secrets?.k), text(answers[0]!.secrets?.opc), Buffer.from(answers[0]!.secrets!.pin1!).toString()]).toEqual([KI, OPC, '1234']);
    expect(answers.map((one) => one.sealed !== undefined)).toEqual([true, false, false, false, false, false, false, false]);
    expect(text(answers[0]!.fingerprint)).toBe(createHmac('sha256', purpose('fingerprint')).update(hex(KI)).digest('hex'));
    expect(text(answers[6]!.fingerprint)).toBe(text(answers[0]!.fingerprint));
  });

  it('take the OP of the whole file, also under the key', async () => {
    const transport = await vault.handle('createTransportKey', { algorithm: '3des-2key', components: [{ value: file(K4) }], weak: false });
    const shared = [{ name: 'op', value: wrapValue({ algorithm: '3des-2key', octets: hex(K4) }, { mode: 'cbc', reversed: 'no' }, hex(OPC)) }];
    const extra = { keys: [{ algorithm: '3des-2key' as const, sealed: transport.sealed }], wrapped: [{ name: 'op', key: 0, mode: 'cbc' as const, reversed: 'no' as const }], shared };
    const [one, two] = await sealed([{ iccid: '8988211000000000003', values: [['k', hex(KI)]] }, { iccid: '8988211000000000011', values: [['pin1', file('1234')]] }], extra);
    expect([text(one!.secrets?.k), text(one!.secrets?.op)]).toEqual([KI, OPC]);
    expect([two!.problems, two!.secrets?.op]).toEqual([[], undefined]);
  });

  it('that are not packed as they must be are refused', async () => {
    const { batchKey } = await vault.handle('createBatchKey', {});
    const base = { batchKey, keys: [], wrapped: [], shared: [] };
    for (const [rows, count] of [[new Uint8Array(3), 1], [hex('00'), 1], [hex('0001'), 1], [hex('00017f00'), 1], [hex('0000'), 2], [hex('000000'), 1]] as const) {
      await expect(vault.handle('sealImport', { ...base, rows, count })).rejects.toMatchObject({ code: 'VAULT_INPUT_INVALID' });
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 0, max: 4 }), (rows, count) => {
      try {
        readRows(rows, count);
      } catch (error) {
        expect(error).toMatchObject({ code: 'VAULT_INPUT_INVALID' });
      }
    }), { seed: 20_260_123 });
    await expect(vault.handle('sealImport', { ...base, wrapped: [{ name: 'k', key: 0, mode: 'ecb', reversed: 'no' }], rows: new Uint8Array(0), count: 0 })).rejects.toMatchObject({ code: 'VAULT_INPUT_INVALID' });
    await expect(vault.handle('sealImport', { ...base, shared: [{ name: 'iccid', value: new Uint8Array(1) }], rows: new Uint8Array(0), count: 0 })).rejects.toMatchObject({ code: 'VAULT_INPUT_INVALID' });
  });

  it('leave a writer empty and zeroed', () => {
    const writer = new RowWriter();
    writer.begin('8988211000000000003');
    for (let i = 0; i < 600; i++) writer.value('k', new Uint8Array(200).fill(0xaa));
    const octets = writer.octets;
    writer.wipe();
    expect(octets.every((octet) => octet === 0)).toBe(true);
    expect([writer.rows, writer.octets.length]).toEqual([0, 0]);
  });
});
