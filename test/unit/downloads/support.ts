/** An SM-DP+ in one process for tests: real vault, real database, lab PKI, stock ready to be ordered, virtual devices. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../../../src/shared/contract/workspace.ts';
import type { EngineContext } from '../../../src/main/engine/context.ts';
import { procedures as devices } from '../../../src/main/engine/devices/index.ts';
import { procedures as downloads } from '../../../src/main/engine/downloads/index.ts';
import { loadIdentities, procedures as keys } from '../../../src/main/engine/keys/index.ts';
import { procedures as imports } from '../../../src/main/engine/imports/index.ts';
import { procedures as stock } from '../../../src/main/engine/stock/index.ts';
import { procedures as orders } from '../../../src/main/engine/orders/index.ts';
import { procedures as workspace } from '../../../src/main/engine/workspace/procedures.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { createDevice, VirtualEuicc } from '../../../src/main/lab/device/index.ts';
import type { Misbehaviour, NewDevice } from '../../../src/main/lab/device/index.ts';
import { createLabPki, makeEid, reissueTls } from '../../../src/main/lab/pki/index.ts';
import type { LabCurve, LabPki } from '../../../src/main/lab/pki/index.ts';
import { buildSampleTemplate, compileTemplate } from '../../../src/main/saip/index.ts';
import type { SlotName } from '../../../src/main/saip/index.ts';
import { openVault, vaultInProcess } from '../../../src/main/vault/index.ts';
import { luhnCheckDigit } from '../../../src/shared/identifiers/index.ts';
import { openTestEngine, seededRandom, testClock } from '../../support/engine.ts';
import type { TestClock, TestEngine } from '../../support/engine.ts';

export const ADDRESS = 'smdp.test.example';
export const OID = '2.999.10';
const SLOTS: SlotName[] = ['iccid', 'imsi', 'acc', 'k', 'opc', 'pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'msisdn', 'scp80Kic', 'scp80Kid', 'scp80Kik'];

const pkis = new Map<string, LabPki>();
/** One PKI for all tests of a file: making keys is what takes time. TLS certificates are valid at the real time. */
export function pkiOf(curve: LabCurve = 'P-256', name = ''): LabPki {
  const key = `${curve}${name}`;
  let pki = pkis.get(key);
  if (!pki) {
    const options = { oid: OID, tlsNames: [ADDRESS, 'localhost', '127.0.0.1'], now: new Date(), random: seededRandom(`pki ${key}`) };
    pki = createLabPki({ ...options, curve, ...(curve === 'P-256' ? {} : { tlsIssuedBy: pkiOf('P-256') }) });
    pkis.set(key, pki);
  }
  return pki;
}

export interface World {
  readonly engine: TestEngine;
  readonly ctx: EngineContext;
  readonly clock: TestClock;
  readonly folder: string;
  readonly typeId: number;
  /** ICCIDs of the stock, oldest first. */
  readonly iccids: readonly string[];
  close(): Promise<void>;
  /** The same workspace after a restart of the engine: new context, same database. */
  restart(): Promise<World>;
}

export interface WorldOptions {
  readonly profiles?: number;
  readonly identities?: Readonly<Record<string, LabPki>>;
  readonly type?: { readonly ppr1?: boolean; readonly protection?: 'session-keys' | 'profile-keys'; readonly icon?: Uint8Array };
  readonly environment?: 'lab' | 'test';
}

export const luhn = (digits: string): string => digits + luhnCheckDigit(digits);
const backwards = (text: string): string => [...text].reverse().join('');

export async function importIdentity(engine: TestEngine, name: string, pki: LabPki): Promise<void> {
  const put = (bytes: Uint8Array): string => engine.ctx.uploads.put(Uint8Array.from(bytes));
  await engine.ok('pki.import', { identity: name, role: 'ci', certificate: put(pki.ci.certificate) });
  for (const role of ['dpauth', 'dppb', 'tls'] as const) {
    const issued = role === 'tls' ? pki.dptls : pki[role];
    await engine.ok('pki.import', { identity: name, role, certificate: put(issued.certificate), key: put(issued.privateKeyPkcs8) });
  }
}

export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'desk-es9-test-'));
  const vault = vaultInProcess(openVault({ root: join(folder, 'vault') }));
  const clock = testClock(Date.now());
  const engine = await openTestEngine({
    vault, clock, folder: join(folder, 'workspace'), smdpAddress: ADDRESS, environment: options.environment ?? 'lab', seed: 'es9',
    procedures: [...keys(), ...orders(), ...downloads(), ...devices(), ...stock(), ...imports(), ...workspace()], jobKinds: [],
  });
  for (const [name, pki] of Object.entries(options.identities ?? { nist: pkiOf() })) await importIdentity(engine, name, pki);
  const { typeId, iccids } = await fillStock(engine.ctx, options);
  return worldOf(engine, { folder, typeId, iccids, clock });
}

function worldOf(engine: TestEngine, rest: { folder: string; typeId: number; iccids: readonly string[]; clock: TestClock }): World {
  return {
    engine, ctx: engine.ctx, ...rest,
    async close() {
      await engine.close();
      await engine.vault.close();
      rmSync(rest.folder, { recursive: true, force: true });
    },
    restart: async () => worldOf(await engine.reopen(), rest),
  };
}

async function fillStock(ctx: EngineContext, options: WorldOptions): Promise<{ typeId: number; iccids: string[] }> {
  const der = buildSampleTemplate();
  const compiled = compileTemplate(der, { slots: SLOTS, constants: { spn: 'TEST ONLY' }, late: [] });
  const slots = JSON.stringify(compiled.slots);
  const { batchKey } = await ctx.vault.call('createBatchKey', {});
  await ctx.vault.call('loadTemplate', { digest: compiled.digest, base: compiled.base, slots });
  const numbers = Array.from({ length: options.profiles ?? 6 }, (_, i) => ({ iccid: luhn(`89445000000000${String(i).padStart(4, '0')}`), imsi: `00101${String(i).padStart(10, '0')}`, msisdn: `+4470000${String(i).padStart(5, '0')}` }));
  const { items } = await ctx.vault.call('prepare', { template: compiled.digest, batchKey, items: numbers });
  const at = ctx.clock.now();
  return write(ctx, async (tx) => {
    const template = await tx.insertInto('templates').values({
      name: 'sample', version: 1, der, digest: compiled.digest, base: compiled.base, slots, size_bytes: compiled.size, algorithm: 'milenage', saip_version: '2.3',
      elements: 10, errors: 0, warnings: 0, findings: '[]', created_at: at,
    }).returning('id').executeTakeFirstOrThrow();
    const type = await tx.insertInto('profile_types').values({
      name: 'consumer', template_id: template.id, service_provider_name: 'TEST ONLY', profile_name: 'Test profile', profile_class: 'operational',
      icon_type: options.type?.icon ? 'png' : null, icon: options.type?.icon ?? null, ppr1: options.type?.ppr1 ? 1 : 0, ppr2: 0,
      owner: JSON.stringify({ mccMnc: '00101' }), notification_addresses: JSON.stringify([ADDRESS]), protection: options.type?.protection ?? 'session-keys', created_at: at,
    }).returning('id').executeTakeFirstOrThrow();
    const batch = await tx.insertInto('batches').values({ kind: 'preparation', type_id: type.id, batch_key: batchKey, job_id: null, created_at: at }).returning('id').executeTakeFirstOrThrow();
    for (const [i, { iccid, imsi, msisdn }] of numbers.entries()) {
      const digits = msisdn.slice(1);
      await tx.insertInto('profiles').values({
        iccid, iccid_rev: backwards(iccid), imsi, imsi_rev: backwards(imsi), msisdn: digits, msisdn_rev: backwards(digits), type_id: type.id, template_id: template.id,
        eid: null, eid_rev: null, order_state: 'available', network_state: 'absent', stock_state: 'sellable', device_state: 'unknown', stock_reason: null, held_until: null,
        device_source: null, device_at: null, import_id: null, import_batch_id: null, subscriber: null, batch_id: batch.id, slots: items[i]!.sealed,
        package_digest: items[i]!.digest, package_bytes: items[i]!.packageBytes, key_fingerprint: items[i]!.fingerprint, prepared_at: at, bpp_delivered_at: null,
        order_id: null, created_at: at, last_event_at: null, last_event: null,
      }).execute();
    }
    return { typeId: type.id, iccids: numbers.map((one) => one.iccid) };
  });
}

export interface MadeOrder { readonly orderId: string; readonly iccid: string; readonly matchingId: string; readonly activationCode: string; readonly state: string }

export async function order(world: World, input: Record<string, unknown> = {}, code?: string): Promise<MadeOrder> {
  return world.engine.ok<MadeOrder>('orders.create' as never, {
    type: 'consumer', ...input, ...(code === undefined ? {} : { confirmationCode: world.ctx.uploads.put(Buffer.from(code)) }),
  }) as Promise<MadeOrder>;
}

export const eidOf = (serial: number): string => makeEid('89049032', serial);

export function device(serial = 1, options: { pkis?: readonly LabPki[]; misbehaviour?: Misbehaviour; now?: () => Date } & Partial<Omit<NewDevice, 'pkis' | 'now' | 'random'>> = {}): VirtualEuicc {
  const { pkis: own = [pkiOf()], misbehaviour, now = () => new Date(), ...rest } = options;
  const random = seededRandom(`device ${serial}`);
  const state = createDevice({ eid: eidOf(serial), pkis: own, random, now: now(), ...rest });
  return new VirtualEuicc(state, { now, random, misbehaviour });
}

/** The same chip behaving differently: its state is shared. */
export const behaving = (chip: VirtualEuicc, misbehaviour: Misbehaviour, serial = 1): VirtualEuicc =>
  new VirtualEuicc(chip.state, { now: () => new Date(), random: seededRandom(`again ${serial} ${JSON.stringify(Object.keys(misbehaviour))}`), misbehaviour });

export async function changeSettings(world: World, settings: Partial<Settings>): Promise<void> {
  await world.engine.ok('workspace.saveSettings' as never, { settings } as never);
}

export async function profileRow(world: World, iccid: string) {
  return world.ctx.reader.selectFrom('profiles').selectAll().where('iccid', '=', iccid).executeTakeFirstOrThrow();
}
export async function orderRow(world: World, orderId: string) {
  return world.ctx.reader.selectFrom('orders').selectAll().where('id', '=', orderId).executeTakeFirstOrThrow();
}
export async function stages(world: World, orderId: string): Promise<string[]> {
  return (await world.ctx.reader.selectFrom('activation_events').select('stage').where('order_id', '=', orderId).orderBy('id').execute()).map((row) => row.stage);
}

export const listener = async (world: World, names?: readonly string[]) => ({ identities: await loadIdentities(world.ctx, names), ownAddresses: ['127.0.0.1:8443', 'localhost:8443'] });
export const remote = { address: '192.0.2.1', requestBytes: 100, elapsed: () => 1 };
export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
export { reissueTls };
