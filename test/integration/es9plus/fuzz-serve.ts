/**
 * Each ES9+ function in each binding under mutated recordings, without sockets: what came over HTTPS is given to `serve`
 * directly. Seeded: the same seed makes the same cases. A failing case is printed whole.
 */
import { loadIdentities } from '../../../src/main/engine/keys/index.ts';
import type { Es9Name } from '../../../src/main/engine/wire/es9plus/functions.ts';
import { serve } from '../../../src/main/engine/wire/es9plus/serve.ts';
import type { Reply } from '../../../src/main/engine/wire/es9plus/serve.ts';
import { BodyError } from '../../../src/main/engine/wire/https-listener.ts';
import { decodeAsn1Reply, encodeAsn1Request } from '../../../src/main/lab/device/asn1-binding.ts';
import { fromHex } from '../../../src/shared/tlv/index.ts';
import { open, packageOf } from '../../unit/downloads/driver.ts';
import { chance, mutateDer, mutateJson } from './mutations.ts';
import type { Chance } from './mutations.ts';
import { ADDRESS, device, makeWorld, order } from './support.ts';
import type { World } from './support.ts';

export const names: readonly Es9Name[] = ['initiateAuthentication', 'authenticateClient', 'getBoundProfilePackage', 'cancelSession', 'handleNotification'];
export const bindings = ['json', 'asn1'] as const;
export type Binding = (typeof bindings)[number];

const binary: Readonly<Record<Es9Name, readonly string[]>> = {
  initiateAuthentication: ['euiccChallenge', 'euiccInfo1'], authenticateClient: ['authenticateServerResponse'], getBoundProfilePackage: ['prepareDownloadResponse'],
  cancelSession: ['cancelSessionResponse'], handleNotification: ['pendingNotification'],
};

export interface Recording {
  readonly body: Readonly<Record<string, string>>;
  /** Session whose state the request needs, and the states in which it still reaches the depth of the function. */
  readonly session?: { readonly transactionId: string; readonly phases: readonly string[] };
}

const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** A world whose database forgets at a crash: what is tested is what is answered. */
export async function fuzzWorld(): Promise<World> {
  const world = await makeWorld({ profiles: 300 });
  world.ctx.sqlite.pragma('synchronous = OFF');
  return world;
}

/** An order is asked for again by the same device, so that a long run needs few of them; each is good for 1,000 attempts. */
interface Line { readonly chip: ReturnType<typeof device>; readonly matchingId: string; left: number }
const lines = new WeakMap<World, Map<Es9Name, Line>>();
let serial = 0;

async function lineOf(world: World, name: Es9Name): Promise<Line> {
  let own = lines.get(world);
  if (!own) lines.set(world, own = new Map());
  let line = own.get(name);
  if (!line || line.left === 0) own.set(name, line = { chip: device(1 + serial++), matchingId: (await order(world, { downloadLimit: 1000 })).matchingId, left: name === 'handleNotification' ? 1 : 900 });
  line.left -= 1;
  return line;
}

/** A request as an honest device sends it, fresh. */
export async function record(world: World, name: Es9Name): Promise<Recording> {
  const { chip, matchingId } = await lineOf(world, name);
  if (name === 'initiateAuthentication') return { body: { euiccChallenge: b64(chip.getEuiccChallenge()), euiccInfo1: b64(chip.euiccInfo1()), smdpAddress: ADDRESS } };
  const session = await open(world, chip);
  const { transactionId } = session.initiated;
  if (name === 'authenticateClient') {
    const { der } = chip.authenticateServer({ ...session.initiated, matchingId });
    return { body: { transactionId, authenticateServerResponse: b64(der) }, session: { transactionId, phases: ['initiated', 'refused'] } };
  }
  await session.authenticate(matchingId);
  if (name === 'cancelSession') {
    return { body: { transactionId, cancelSessionResponse: b64(chip.cancelSession(fromHex(transactionId), 1).der) }, session: { transactionId, phases: ['authenticated'] } };
  }
  const prepared = session.prepare();
  if (name === 'getBoundProfilePackage') return { body: { transactionId, prepareDownloadResponse: b64(prepared) }, session: { transactionId, phases: ['authenticated', 'bound'] } };
  return { body: { pendingNotification: b64(session.load(packageOf(await session.package()))) } };
}

function mutated(binding: Binding, name: Es9Name, body: Recording['body'], by: Chance): Buffer {
  if (binding === 'json') return mutateJson(body, binary[name], by);
  // The outer structure, or what the eUICC wrote inside it.
  if (by.below(2) === 0) return Buffer.from(mutateDer(encodeAsn1Request(name, body), by));
  const target = binary[name][by.below(binary[name].length)]!;
  // The request to cancel is rebuilt by the device's coder, which wants its structure whole.
  if (name === 'cancelSession') return Buffer.from(mutateDer(encodeAsn1Request(name, body), by));
  return Buffer.from(encodeAsn1Request(name, { ...body, [target]: b64(mutateDer(Buffer.from(body[target]!, 'base64'), by)) }));
}

/** What is wrong with a reply, or the key it is counted under. */
function judge(binding: Binding, name: Es9Name, reply: Reply): { readonly wrong: string } | { readonly key: string } {
  const text = reply.body?.toString('latin1') ?? '';
  if (reply.status === 204) return name === 'handleNotification' && text === '' ? { key: '204' } : { wrong: `204 with ${text.length} octets` };
  if (reply.status !== 200 || name === 'handleNotification') return { wrong: `HTTP ${reply.status}` };
  if (binding === 'asn1') {
    const read = decodeAsn1Reply(name, reply.body!);
    return read.kind === 'broken' ? { wrong: read.message } : { key: read.kind === 'ok' ? 'ok' : `${read.subjectCode}/${read.reasonCode}` };
  }
  const answer = JSON.parse(reply.body!.toString('utf8')) as { header: { functionExecutionStatus: { status: string; statusCodeData?: { subjectCode: string; reasonCode: string; message: string } } } };
  const { status, statusCodeData: data } = answer.header.functionExecutionStatus;
  if (status === 'Executed-Success') return data === undefined ? { key: 'ok' } : { wrong: 'success with a status code' };
  if (status !== 'Failed' || !data || data.message === '' || Object.keys(answer).length !== 1) return { wrong: 'a failure of another form' };
  return { key: `${data.subjectCode}/${data.reasonCode}` };
}

/** Runs `count` cases; answers how often each outcome came. Throws with the whole case at the first that is not answered as it must be. */
export async function fuzzServe(world: World, seed: string, binding: Binding, name: Es9Name, count: number): Promise<Map<string, number>> {
  const by = chance(`${seed} ${binding} ${name}`);
  const listener = { identities: await loadIdentities(world.ctx), ownAddresses: [] };
  const seen = new Map<string, number>();
  const { lines } = world.engine.log;
  let recording = await record(world, name);
  for (let i = 0; i < count; i++) {
    if (recording.session && i % 5 === 0) {
      const row = await world.ctx.reader.selectFrom('sessions').select('phase').where('transaction_id', '=', recording.session.transactionId).executeTakeFirstOrThrow();
      if (!recording.session.phases.includes(row.phase)) recording = await record(world, name);
    }
    const body = mutated(binding, name, recording.body, by);
    const said = lines.length;
    let outcome: { readonly wrong: string } | { readonly key: string };
    try {
      outcome = judge(binding, name, await serve(world.ctx, listener, binding === 'json' ? { binding, name } : { binding }, body, { address: '192.0.2.1', requestBytes: body.length, elapsed: () => 1 }));
    } catch (error) {
      outcome = error instanceof BodyError && error.status === 400 ? { key: '400' } : { wrong: String((error as Error).stack) };
    }
    const logged = lines.slice(said).find((line) => line.level === 'error');
    if (logged) outcome = { wrong: `logged ${JSON.stringify(logged)}` };
    if ('wrong' in outcome) throw new Error(`seed "${seed}", ${binding} ${name}, case ${i}: ${outcome.wrong}\nbody (base64): ${body.toString('base64')}`);
    seen.set(outcome.key, (seen.get(outcome.key) ?? 0) + 1);
  }
  return seen;
}
