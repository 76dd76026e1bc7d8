/** An SM-DP+ with its TLS identity, a brand, and real systems to talk to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { procedures as keys } from '../../../src/main/engine/keys/index.ts';
import { enqueue, procedures as outbox, startOutbox, type OutboxWorker } from '../../../src/main/engine/outbox/index.ts';
import { closeOutgoing, deleteEventHandler, PROGRESS_KIND, progressHandler } from '../../../src/main/engine/outgoing/index.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { createOperatorCa, issueTlsCertificate, startLabBss } from '../../../src/main/lab/operator/index.ts';
import type { LabBss, LabBssOptions, OperatorCa } from '../../../src/main/lab/operator/index.ts';
import { certificatePem, createLabPki, type LabPki } from '../../../src/main/lab/pki/index.ts';
import { openVault, vaultInProcess } from '../../../src/main/vault/index.ts';
import { openTestEngine, seededRandom, testClock } from '../../support/engine.ts';
import type { TestEngine } from '../../support/engine.ts';

export const OID = '2.999.10';
export const EID = '89049032123451234512345678901235';
export const quick = { connect: 400, whole: 800 };

export const pki: LabPki = createLabPki({ curve: 'P-256', oid: OID, tlsNames: ['smdp.test.example'], now: new Date(), random: seededRandom('outbox pki') });
/** The brand's own CA, which has nothing to do with ours. */
export const brandCa: OperatorCa = createOperatorCa({ now: new Date(), random: seededRandom('brand ca') });
export const otherCa: OperatorCa = createOperatorCa({ name: 'Other CA', now: new Date(), random: seededRandom('other ca') });
export const ours = [certificatePem(pki.ci.certificate)];
const serverNames = ['127.0.0.1', 'localhost'];
export const serverTls = (ca = brandCa, options: Partial<Parameters<typeof issueTlsCertificate>[1]> = {}) => issueTlsCertificate(ca, { now: new Date(), names: serverNames, ...options });

export const startBss = (options: Partial<LabBssOptions> = {}): Promise<LabBss> => startLabBss({ tls: serverTls(), clientCa: ours, ...options });

export interface Sender {
  readonly engine: TestEngine;
  worker: OutboxWorker;
  brand(id: number, callback: { url: string | null; ca?: Uint8Array | null; identity?: string }): Promise<void>;
  /** Progress message `n` of a brand; of its own order unless told. */
  say(brandId: number, n: number, options?: { orderId?: string; payload?: object }): Promise<void>;
  tick(milliseconds?: number): Promise<void>;
  rows(): Promise<{ id: number; kind: string; state: string; attempts: number; last_error: string | null; next_at: number; dedupe: string; lane: string }[]>;
  close(): Promise<void>;
}

export async function openSender(options: { environment?: 'lab' | 'test'; withTls?: boolean } = {}): Promise<Sender> {
  const folder = mkdtempSync(join(tmpdir(), 'desk-outbox-'));
  const vault = vaultInProcess(openVault({ root: join(folder, 'vault') }));
  const handlers = [progressHandler(quick), deleteEventHandler(quick)];
  const engine = await openTestEngine({
    vault, clock: testClock(Date.now()), folder: join(folder, 'workspace'), smdpAddress: 'smdp.test.example', environment: options.environment ?? 'lab',
    procedures: [...keys(), ...outbox(handlers)], jobKinds: [],
  });
  const put = (bytes: Uint8Array): string => engine.ctx.uploads.put(Uint8Array.from(bytes));
  await engine.ok('pki.import', { identity: 'nist', role: 'ci', certificate: put(pki.ci.certificate) });
  for (const role of ['dpauth', 'tls'] as const) {
    if (role === 'tls' && options.withTls === false) continue;
    const issued = role === 'tls' ? pki.dptls : pki[role];
    await engine.ok('pki.import', { identity: 'nist', role, certificate: put(issued.certificate), key: put(issued.privateKeyPkcs8) });
  }
  const sender: Sender = {
    engine, worker: startOutbox(engine.ctx, handlers, { poll: 0 }),
    async brand(id, { url, ca = brandCa.certificate, identity }) {
      await write(engine.ctx, (tx) => tx.insertInto('brands').values({
        id, name: `Brand ${id}`, callback_url: url, callback_ca: ca === null ? null : Buffer.from(ca), callback_identity: identity ?? null, callback_points: '{}', created_at: 1,
      }).onConflict((conflict) => conflict.column('id').doUpdateSet({ callback_url: url, callback_ca: ca === null ? null : Buffer.from(ca), callback_identity: identity ?? null })).execute().then(() => undefined));
    },
    async say(brandId, n, { orderId = `order ${n}`, payload = {} } = {}) {
      await write(engine.ctx, (tx) => enqueue(tx, {
        kind: PROGRESS_KIND, dedupe: `progress ${brandId} ${n}`, brandId, orderId, at: engine.clock.now(), summary: `Download (point 3) of ${n}`,
        payload: {
          brandId, eid: EID, iccid: `8988001200000000${String(n).padStart(3, '0')}`, profileType: 'consumer', timestamp: '2026-01-15T12:00:00Z', notificationPointId: 3,
          notificationPointStatus: { status: 'Executed-Success' }, ...payload,
        },
      }));
    },
    async tick(milliseconds = 0) {
      engine.clock.advance(milliseconds);
      await sender.worker.idle();
    },
    rows: () => engine.ctx.reader.selectFrom('outbox').select(['id', 'kind', 'state', 'attempts', 'last_error', 'next_at', 'dedupe', 'lane']).orderBy('id').execute(),
    async close() {
      await sender.worker.stop();
      closeOutgoing(engine.ctx);
      await engine.close();
      await vault.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return sender;
}
