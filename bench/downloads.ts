/** ES9+ on NIST and brainpool: complete downloads, the second try after a lost package, notifications. */
import { download } from '../src/main/lab/device/index.ts';
import type { LabCurve } from '../src/main/lab/pki/index.ts';
import type { Figure } from './index.ts';
import { downloadCrypto, inBenchWorld, measure, notificationCrypto, rawCryptoMs } from './world.ts';
import type { BenchDevice, BenchWorld, Measurement } from './world.ts';

const warmUp = 160;
const measured = 160;

const names: Record<LabCurve, string> = { 'P-256': 'NIST', brainpoolP256r1: 'brainpool' };

export async function run(): Promise<Figure[]> {
  return [...await onCurve('P-256'), ...await onCurve('brainpoolP256r1')];
}

/** Each measurement stands between two readings of its reference, and is compared with their mean. */
async function between<T>(reference: () => number, work: () => Promise<T>): Promise<{ result: T; raw: number }> {
  const before = reference();
  const result = await work();
  return { result, raw: (before + reference()) / 2 };
}

async function onCurve(curve: LabCurve): Promise<Figure[]> {
  return inBenchWorld({ curve, profiles: warmUp + 3 * measured }, async (world) => {
    const raw = () => rawCryptoMs(curve, downloadCrypto);
    const whole = async (fleet: readonly Partial<BenchDevice>[], count: number): Promise<Measurement> => {
      const codes = await world.order(count);
      return measure(world, fleet, count, (one, i) => fetch(world, one, codes[i]!));
    };
    await whole(world.fleet, warmUp);
    const own = await between(raw, () => whole(world.fleet.map(({ euicc }) => ({ euicc })), measured));
    const kept = await between(raw, () => whole(world.fleet, measured));
    const again = await between(raw, () => retries(world));
    const told = await between(() => rawCryptoMs(curve, notificationCrypto), () => notifications(world));
    const name = names[curve];
    return [
      ...figuresOf(`downloads (${name}), 8 devices on the same machine, one TLS connection each`, own, 'its signatures, checks and key agreement alone'),
      ...figuresOf(`downloads (${name}), TLS connections kept`, kept, 'its signatures, checks and key agreement alone'),
      ...figuresOf(`downloads again after a lost package (${name})`, again, 'the signatures, checks and key agreement of a fresh one'),
      ...figuresOf(`notifications (${name})`, told, 'one signature check'),
    ];
  });
}

function figuresOf(what: string, { result: { rate, engine, vault }, raw }: { result: Measurement; raw: number }, reference: string): Figure[] {
  return [
    { name: `ES9+ ${what}`, value: rate, unit: '1/s', reference: `one core doing nothing but ${reference}`, ratio: rate / (1000 / raw) },
    { name: '  server CPU for each', value: engine + vault, unit: 'ms', reference, ratio: (engine + vault) / raw },
    { name: '  of it the engine with TLS', value: engine, unit: 'ms', reference, ratio: engine / raw },
    { name: '  of it the vault', value: vault, unit: 'ms', reference, ratio: vault / raw },
  ];
}

async function fetch(world: BenchWorld, { euicc, client }: Partial<BenchDevice>, activationCode: string): Promise<void> {
  const done = await download({ activationCode, device: euicc!, tls: world.tls, ...(client ? { client } : {}) });
  if (!done.ok) throw new Error(`a download failed: ${JSON.stringify(done.result)}`);
}

/** Every package was lost once on its way; only the second session of each is measured, which gets the kept one. */
async function retries(world: BenchWorld): Promise<Measurement> {
  const codes = await world.order(measured);
  const lost = codes.map((code, i) => ({ code, device: world.fleet[i % world.fleet.length]! }));
  for (const { code, device } of lost) {
    await download({ activationCode: code, device: device.euicc, tls: world.tls, client: device.client, cancel: 'never', misbehaviour: { dropReplyOf: 'getBoundProfilePackage' } });
  }
  const queues = world.fleet.map((device) => lost.filter((one) => one.device === device));
  return measure(world, queues, measured, async (queue) => {
    const next = queue.pop();
    if (!next) return 'done';
    await fetch(world, next.device, next.code);
    return undefined;
  });
}

/** Signed switch-on and switch-off messages of profiles the devices hold, a few thousand of them. */
async function notifications(world: BenchWorld): Promise<Measurement> {
  const waiting: { readonly device: BenchDevice; readonly der: Uint8Array }[][] = world.fleet.map(() => []);
  for (const [i, device] of world.fleet.entries()) {
    device.euicc.state.notifications = [];
    for (const profile of device.euicc.state.profiles.slice(0, 20)) {
      for (let turn = 0; turn < 4; turn++) {
        device.euicc.enableProfile(profile.iccid);
        device.euicc.disableProfile(profile.iccid);
      }
    }
    waiting[i]!.push(...device.euicc.state.notifications.map(({ der }) => ({ device, der })));
    device.euicc.state.notifications = [];
  }
  const count = waiting.reduce((sum, one) => sum + one.length, 0);
  return measure(world, waiting, count, async (queue) => {
    const next = queue.shift();
    if (!next) return 'done';
    const reply = await next.device.client.notify(next.der);
    if (reply.kind !== 'ok') throw new Error(`a notification was not taken: ${JSON.stringify(reply)}`);
    return undefined;
  });
}

