/** A world whose brands order over a real ES2+ listener with mutual TLS. */
import { createHash, createPrivateKey } from 'node:crypto';
import type { EngineContext } from '../../../src/main/engine/context.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { answerEs2plus } from '../../../src/main/engine/wire/es2plus/answer.ts';
import type { Es2FunctionName } from '../../../src/main/engine/wire/es2plus/codes.ts';
import { startEs2plus } from '../../../src/main/engine/wire/es2plus/index.ts';
import type { Es2plusListener, Es2plusOptions } from '../../../src/main/engine/wire/es2plus/index.ts';
import { callEs2plus, createOperatorCa, es2plusAgent, issueTlsCertificate } from '../../../src/main/lab/operator/index.ts';
import type { Es2plusAnswer, Es2plusClientOptions, OperatorCa, TlsKeyPair } from '../../../src/main/lab/operator/index.ts';
import { certificatePem, generateLabKey, issueCertificate, keyIdentifier } from '../../../src/main/lab/pki/index.ts';
import type { CertificateRequest, LabCurve, LabKey, Name } from '../../../src/main/lab/pki/index.ts';
import { seededRandom } from '../../support/engine.ts';
import { ADDRESS, pkiOf } from '../../unit/downloads/support.ts';
import type { World } from '../../unit/downloads/support.ts';

export * from '../../unit/downloads/support.ts';
export { callEs2plus, es2plusAgent };
export type { Es2plusAnswer, Es2plusListener };

export const now = new Date();
export const brandCa: OperatorCa = createOperatorCa({ name: 'Brand A', now, random: seededRandom('brand a') });
export const otherCa: OperatorCa = createOperatorCa({ name: 'Brand B', now, random: seededRandom('brand b') });
export const strangeCa: OperatorCa = createOperatorCa({ name: 'Nobody', now, random: seededRandom('nobody') });
export const clientOf = (ca: OperatorCa, options: Partial<Parameters<typeof issueTlsCertificate>[1]> = {}): TlsKeyPair => issueTlsCertificate(ca, { now, commonName: 'bss', ...options });
export const brandClient = clientOf(brandCa);
export const otherClient = clientOf(otherCa);

export interface NewBrand {
  readonly ca?: Uint8Array;
  readonly certificate?: Uint8Array;
  /** Ids of profile types; every type when absent. */
  readonly types?: readonly number[];
  readonly ranges?: readonly (readonly [string, string])[];
  readonly openOrders?: number;
  readonly perDay?: number;
}

const credential = (kind: 'ca' | 'certificate', der: Uint8Array) => ({ kind, der: Buffer.from(der), sha256: createHash('sha256').update(der).digest(), subject: 'CN=test', not_after: now.getTime() + 86_400_000, created_at: now.getTime() });

/** A brand as its rows: tests of the interface do not depend on how brands are kept. Answers its id. */
export function addBrand(ctx: EngineContext, name: string, brand: NewBrand): Promise<number> {
  return write(ctx, async (tx) => {
    const { id } = await tx.insertInto('brands').values({
      name, state: 'active', all_types: brand.types ? 0 : 1, open_orders: brand.openOrders ?? null, orders_per_day: brand.perDay ?? null, callback_url: null, callback_ca: null,
      callback_identity: null, callback_points: '{}', created_at: ctx.clock.now(),
    }).returning('id').executeTakeFirstOrThrow();
    if (brand.ca) await tx.insertInto('brand_credentials').values({ brand_id: id, ...credential('ca', brand.ca) }).execute();
    if (brand.certificate) await tx.insertInto('brand_credentials').values({ brand_id: id, ...credential('certificate', brand.certificate) }).execute();
    for (const type_id of brand.types ?? []) await tx.insertInto('brand_types').values({ brand_id: id, type_id }).execute();
    for (const [first, last] of brand.ranges ?? []) await tx.insertInto('brand_iccids').values({ brand_id: id, first, last }).execute();
    return id;
  });
}

export const listenEs2 = (world: World, options: Partial<Es2plusOptions> = {}): Promise<Es2plusListener> => startEs2plus(world.ctx, { host: '127.0.0.1', port: 0, ...options });

export function connection(listener: Es2plusListener, client: { cert: string; key: string } | undefined = brandClient): Es2plusClientOptions {
  return { host: '127.0.0.1', port: listener.port, ca: certificatePem(pkiOf().ci.certificate), serverName: ADDRESS, ...(client ? { cert: client.cert, key: client.key } : {}) };
}

export const call = (listener: Es2plusListener, name: string, body: object | string | Uint8Array, options: Partial<Es2plusClientOptions> = {}): Promise<Es2plusAnswer> =>
  callEs2plus({ ...connection(listener), ...options }, name, body as Record<string, unknown>);

let calls = 0;
export const header = (callId = `call-${++calls}`, requester = '2.999.20') => ({ functionRequesterIdentifier: requester, functionCallIdentifier: callId });

export interface Answered { readonly code: string; readonly body: Record<string, unknown> }

/** A call in process, without sockets. */
export async function ask(ctx: EngineContext, brandId: number, name: Es2FunctionName, members: Record<string, unknown>, brand = 'A'): Promise<Answered> {
  const body = JSON.parse(await answerEs2plus(ctx, { brandId, name: brand }, name, { header: header(), ...members })) as Record<string, unknown>;
  return { code: codeIn(body), body };
}

export function codeIn(body: Record<string, unknown>): string {
  const { status, statusCodeData } = (body['header'] as { functionExecutionStatus: { status: string; statusCodeData?: { subjectCode: string; reasonCode: string; message: string } } }).functionExecutionStatus;
  return status === 'Executed-Success' ? 'ok' : `${statusCodeData!.subjectCode}/${statusCodeData!.reasonCode}`;
}

/** A client certificate on a curve of one's choice, directly under `ca` or under an intermediate of it. */
export function certificateOn(curve: LabCurve, ca: { name: Name; publicPoint: Uint8Array; privateKeyPkcs8: Uint8Array }, options: Partial<CertificateRequest> = {}): TlsKeyPair & LabKey & { name: Name } {
  const random = seededRandom(`client ${curve} ${JSON.stringify(options.subject ?? '')}`);
  const key = generateLabKey(curve, random);
  const name: Name = options.subject ?? [['CN', `test client ${curve}`]];
  const certificate = issueCertificate({
    role: 'dptls', subject: name, curve, publicPoint: key.publicPoint, issuer: { name: ca.name, keyId: keyIdentifier(ca.publicPoint), privateKeyPkcs8: ca.privateKeyPkcs8 },
    privateKeyPkcs8: key.privateKeyPkcs8, notBefore: new Date(now.getTime() - 3_600_000), notAfter: new Date(now.getTime() + 86_400_000), random, ...options,
  });
  return {
    ...key, name, certificate, cert: certificatePem(certificate),
    key: createPrivateKey({ key: Buffer.from(key.privateKeyPkcs8), format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }) as string,
  };
}

export async function auditRows(ctx: EngineContext, event: string) {
  const rows = await ctx.reader.selectFrom('audit').selectAll().where('event', 'like', event).orderBy('seq').execute();
  return rows.map((row) => ({ ...row, fields: (JSON.parse(row.record) as { fields: Record<string, unknown> }).fields }));
}

export const orders = (ctx: EngineContext) => ctx.reader.selectFrom('orders').selectAll().orderBy('created_at').execute();
