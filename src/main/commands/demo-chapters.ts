/** The chapters of the demo. Each orders a profile, has a device download it, and proves what it claims. */
import { randomBytes } from 'node:crypto';
import { contract } from '../../shared/contract/index.ts';
import { createDevice, download, VirtualEuicc } from '../lab/device/index.ts';
import type { DownloadOptions, DownloadOutcome } from '../lab/device/index.ts';
import { callEs2plus, createOperatorCa, issueTlsCertificate, startLabBss } from '../lab/operator/index.ts';
import type { Es2plusFunction } from '../lab/operator/index.ts';
import { certificatePem } from '../lab/pki/index.ts';
import type { LabCurve } from '../lab/pki/index.ts';
import { downloadRefusal, downloadToDevice } from './device.ts';
import { ensureLabIdentity, labEid, loadPki, openDevice } from './lab-folder.ts';
import { createOutput, refuse } from './output.ts';
import type { Options } from './program.ts';
import { ensureSampleType, sampleStockFile, sampleType } from './sample.ts';
import { createSession, type Session, startHost } from './session.ts';

export type Timed = <T>(step: string, work: () => Promise<T>, say: (done: T) => string) => Promise<T>;

export interface Demo {
  readonly session: Session;
  readonly workspace: string;
  readonly timed: Timed;
  readonly listeners: Readonly<Record<LabCurve, { readonly host: string; readonly port: number } | undefined>>;
  readonly es2plus: { readonly host: string; readonly port: number } | undefined;
  close(): Promise<void>;
}

interface Chapter { readonly title: string; readonly run: (demo: Demo) => Promise<void> }

const PROFILES = 12;

/** A workspace with its own PKI, stock ready for sale, and the listeners the chapters need. */
export async function prepareDemo(options: Options & { workspace: string }, wanted: readonly ChapterName[], timed: Timed): Promise<Demo> {
  const quiet = createOutput(true);
  const { workspace } = options;
  const brainpool = wanted.includes('brainpool');
  await timed('make a workspace with its own PKI', async () => {
    const host = await startHost(options, {}, quiet);
    try {
      const session = createSession(host, quiet);
      const made = [await ensureLabIdentity(session, 'P-256', '127.0.0.1')];
      if (brainpool) made.push(await ensureLabIdentity(session, 'brainpoolP256r1', '127.0.0.1'));
      return made;
    } finally {
      await host.close();
    }
  }, (identities) => `identities ${identities.join(' and ')}`);

  const local = { host: '127.0.0.1', port: 0 };
  const engine = {
    es9plus: [{ ...local, identities: ['lab'] }, ...(brainpool ? [{ ...local, identities: ['lab-brainpool'] }] : [])],
    ...(wanted.includes('es2plus') ? { es2plus: [local] } : {}),
  };
  const host = await timed('start engine, vault and listeners', () => startHost(options, { engine }, quiet),
    ({ ready }) => [...(ready?.es9plus ?? []).map((one) => `ES9+ ${one.host}:${one.port} (${one.identities.join()})`), ...(ready?.es2plus ?? []).map((one) => `ES2+ ${one.host}:${one.port}`)].join(', '));
  try {
    const session = createSession(host, quiet);
    const { call, uploadBytes, finish } = session;
    await timed('import a template, create a profile type', () => ensureSampleType(session), () => sampleType);
    const imported = await timed('import stock from a file', async () => {
      const report = await call(contract.stock.importFile, { file: await uploadBytes(sampleStockFile(PROFILES)), fileName: 'demo.csv', type: sampleType });
      if (report.job) await finish(report.job);
      return report;
    }, (report) => `${report.accepted} profiles`);
    if (imported.accepted !== PROFILES) refuse('DEMO_FAILED', `${PROFILES} rows were given, ${imported.accepted} imported`);
    await timed('prepare profiles', async () => finish(await call(contract.stock.prepare, { type: sampleType, count: PROFILES })), (job) => `${job.done} prepared`);
    const at = (identity: string) => host.ready?.es9plus.find((one) => one.identities.includes(identity));
    return {
      session, workspace, timed, es2plus: host.ready?.es2plus[0],
      listeners: { 'P-256': at('lab'), brainpoolP256r1: at('lab-brainpool') }, close: () => host.close(),
    };
  } catch (error) {
    await host.close();
    throw error;
  }
}

const stepTimes = (done: DownloadOutcome): string => done.steps.map((step) => `${step.name} ${step.ms.toFixed(0)} ms`).join(', ');

/** A factory-new virtual device of its own, on one curve, behind the listener of that curve. */
function device(demo: Demo, serial: number, curve: LabCurve): { euicc: VirtualEuicc; eid: string; fetch(activationCode: string, more?: Partial<DownloadOptions>): Promise<DownloadOutcome> } {
  const pki = loadPki(demo.workspace, curve);
  // The TLS certificates of both identities stand under the NIST root: browsers and most LPAs know no brainpool.
  const anchor = loadPki(demo.workspace, 'P-256');
  const listener = demo.listeners[curve];
  if (!pki || !anchor || !listener) refuse('DEMO_FAILED', `There is no listener for ${curve}`);
  const eid = labEid(serial);
  const random = (length: number) => randomBytes(length);
  const euicc = new VirtualEuicc(createDevice({ eid, pkis: [pki], now: new Date(), random }), { now: () => new Date(), random });
  const tls = { caCertificate: anchor.ci.certificate, connectTo: { host: listener.host, port: listener.port } };
  return { euicc, eid, fetch: (activationCode, more = {}) => download({ activationCode, device: euicc, tls, clock: () => performance.now(), ...more }) };
}

/** The device holds the profile and the order says so; everything else is a failure. */
async function proven(demo: Demo, made: { orderId: string; iccid: string }, held: readonly { iccid: string }[]): Promise<void> {
  if (!held.some((profile) => profile.iccid === made.iccid)) refuse('DEMO_FAILED', `The device does not hold profile ${made.iccid}`);
  const shown = await demo.timed('read the order back', () => demo.session.call(contract.orders.show, { orderId: made.orderId }), (found) => found.state);
  if (shown.state !== 'installed') refuse('DEMO_FAILED', `The order says ${shown.state}, not installed`);
}

async function chain(demo: Demo): Promise<void> {
  const { session, timed, workspace } = demo;
  const order = await timed('order a profile', () => session.call(contract.orders.create, { type: sampleType }), (made) => `${made.orderId}, ${made.state}`);
  const outcome = await timed('download and install in the virtual device', () => downloadToDevice(session, { activationCode: `LPA:${order.activationCode}` }), stepTimes);
  if (!outcome.ok) throw downloadRefusal(outcome);
  await proven(demo, order, openDevice(workspace, labEid(1)).profiles);
}

async function brainpool(demo: Demo): Promise<void> {
  const { session, timed } = demo;
  const order = await timed('order a profile', () => session.call(contract.orders.create, { type: sampleType }), (made) => `${made.orderId}, ${made.state}`);
  const phone = device(demo, 2, 'brainpoolP256r1');
  const outcome = await timed('download in a device that knows brainpoolP256r1 alone', () => phone.fetch(order.activationCode), stepTimes);
  if (!outcome.ok) throw downloadRefusal(outcome);
  const shown = await session.call(contract.sessions.show, { transactionId: outcome.transactionId! });
  if (shown.identity !== 'lab-brainpool') refuse('DEMO_FAILED', `The session was served by ${shown.identity}, not by the brainpool identity`);
  await proven(demo, order, phone.euicc.state.profiles);
}

async function confirmationCode(demo: Demo): Promise<void> {
  const { session, timed } = demo;
  const code = () => Uint8Array.from(Buffer.from('LAB-4711'));
  const order = await timed('order a profile with a confirmation code', async () => session.call(contract.orders.create, { type: sampleType, confirmationCode: await session.uploadBytes(code()) }), (made) => made.orderId);
  const phone = device(demo, 3, 'P-256');
  const outcome = await timed('type a wrong code, then the right one, in one session', () => phone.fetch(order.activationCode, { confirmationCode: [Buffer.from('wrong'), code()] }), stepTimes);
  if (!outcome.ok) throw downloadRefusal(outcome);
  const refusals = outcome.steps.filter((step) => step.status === '8.2.7/3.8').length;
  if (refusals !== 1) refuse('DEMO_FAILED', `The wrong code was refused ${refusals} times, not once`);
  await proven(demo, order, phone.euicc.state.profiles);
}

async function lostPackage(demo: Demo): Promise<void> {
  const { session, timed } = demo;
  const order = await timed('order a profile', () => session.call(contract.orders.create, { type: sampleType }), (made) => made.orderId);
  const phone = device(demo, 4, 'P-256');
  const first = await timed('download, and lose the package on its way', () => phone.fetch(order.activationCode, { cancel: 'never', misbehaviour: { dropReplyOf: 'getBoundProfilePackage' } }), stepTimes);
  if (first.ok) refuse('DEMO_FAILED', 'The package was to be lost and was not');
  const stranger = device(demo, 5, 'P-256');
  const other = await timed('another device tries the same code', () => stranger.fetch(order.activationCode), (done) => (done.result.kind === 'refused' ? `refused with ${done.result.subjectCode}/${done.result.reasonCode}` : done.result.kind));
  if (other.result.kind !== 'refused' || other.result.subjectCode !== '8.1.1') refuse('DEMO_FAILED', 'Another device got a profile that was handed out before');
  const second = await timed('the first device comes again', () => phone.fetch(order.activationCode), stepTimes);
  if (!second.ok) throw downloadRefusal(second);
  const { timeline } = await session.call(contract.orders.show, { orderId: order.orderId });
  if (!timeline.some((event) => event.text.startsWith('The kept package'))) refuse('DEMO_FAILED', 'The package was bound afresh instead of being kept');
  await proven(demo, order, phone.euicc.state.profiles);
}

const BRAND = 'Demo brand';

/** A brand's own system orders, is told how it went, and gets the same answer when it asks twice. */
async function es2plus(demo: Demo): Promise<void> {
  const { session, timed, workspace } = demo;
  const listener = demo.es2plus;
  const root = loadPki(workspace, 'P-256')?.ci.certificate;
  if (!listener || !root) refuse('DEMO_FAILED', 'There is no ES2+ listener');
  const now = new Date();
  const ca = createOperatorCa({ now });
  const client = issueTlsCertificate(ca, { now, commonName: 'demo brand – not for production' });
  const bss = await startLabBss({ tls: issueTlsCertificate(ca, { now, names: ['localhost', '127.0.0.1'] }), clientCa: [certificatePem(root)] });
  try {
    await timed('add a brand by the CA of its client certificates', async () => session.call(contract.brands.add, {
      name: BRAND, clientCa: await session.uploadBytes(Uint8Array.from(ca.certificate)), types: [sampleType], openOrders: 10,
      callbackUrl: bss.url, callbackCa: await session.uploadBytes(Uint8Array.from(ca.certificate)),
    }), (brand) => `${brand.name}, ${brand.types.join()}`);
    const ask = async (step: string, name: Es2plusFunction, body: Record<string, unknown>, callId?: string) => {
      const answer = await timed(step, () => callEs2plus({
        ...listener, ca: certificatePem(root), cert: client.cert, key: client.key, ...(callId === undefined ? {} : { functionCallIdentifier: callId }),
      }, name, body), ({ body: reply, code }) => (code === 'ok' ? Object.entries(reply ?? {}).flatMap(([member, value]) => (typeof value === 'string' ? `${member} ${value}` : [])).join(', ') || 'ok' : code));
      if (answer.code !== 'ok') refuse('DEMO_FAILED', `${name} was answered with ${answer.code}`);
      return answer.body as Record<string, string>;
    };
    const { iccid } = await ask('ES2+ DownloadOrder by type', 'downloadOrder', { profileType: sampleType }, 'demo-1');
    const again = await ask('the same call once more, as after a lost reply', 'downloadOrder', { profileType: sampleType }, 'demo-1');
    if (again['iccid'] !== iccid) refuse('DEMO_FAILED', 'A repeated call took a second profile');
    const confirmed = await ask('ES2+ ConfirmOrder', 'confirmOrder', { iccid, releaseFlag: false });
    await ask('ES2+ ReleaseProfile', 'releaseProfile', { iccid });
    const phone = device(demo, 6, 'P-256');
    const outcome = await timed('download with what the brand was given', () => phone.fetch(`1$${confirmed['smdpAddress']}$${confirmed['matchingId']}`), stepTimes);
    if (!outcome.ok) throw downloadRefusal(outcome);
    const points = await timed('the brand hears of it', () => eventually(() => {
      const heard = bss.taken.map((info) => info.notificationPointId);
      return heard.includes(4) ? heard : undefined;
    }), (heard) => `notification points ${heard.join(', ')}`);
    if (points.join() !== '1,3,4') refuse('DEMO_FAILED', `The brand heard of points ${points.join()}, not 1, 3 and 4`);
    const orderId = (await session.call(contract.orders.list, { filter: { brand: BRAND } })).rows[0]?.orderId ?? '';
    await proven(demo, { orderId, iccid: iccid! }, phone.euicc.state.profiles);
  } finally {
    await bss.close();
  }
}

/** Waits for what another program does in its own time. */
async function eventually<T>(look: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 200; tries++) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  return refuse('DEMO_FAILED', 'What was waited for did not come in 20 seconds');
}

export const chapters = {
  chain: { title: 'The walking chain', run: chain },
  brainpool: { title: 'The same on brainpoolP256r1', run: brainpool },
  'confirmation-code': { title: 'With a confirmation code', run: confirmationCode },
  'lost-package': { title: 'A package is lost on its way', run: lostPackage },
  es2plus: { title: 'Ordered by a brand over ES2+', run: es2plus },
} as const satisfies Record<string, Chapter>;
export type ChapterName = keyof typeof chapters;
