/** Mutated recordings thrown at a real listener. Seeded: the same seed sends the same requests. */
import { Agent, request } from 'node:https';
import { expect } from 'vitest';
import { open } from '../../unit/downloads/driver.ts';
import { ADDRESS, code, device, fetchProfile, listen, makeWorld, order } from './support.ts';
import { chance } from './mutations.ts';

type Body = Record<string, unknown>;

/** Sends `count` cases and answers what came back, by status and code. Fails on anything but a well-formed answer. */
export async function fuzzEndpoint(seed: string, count: number): Promise<Map<string, number>> {
  const world = await makeWorld({ profiles: 8 });
  Object.assign(world.ctx, { settings: (settings => () => ({ ...settings, limits: { ...settings.limits, requestsPerMinutePerAddress: 1_000_000_000 } }))(world.ctx.settings()) });
  const listener = await listen(world);
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const { below, byte } = chance(seed);
  const seen = new Map<string, number>();
  try {
    const recordings = await record(world);
    const names = Object.keys(recordings);
    const one = async (): Promise<void> => {
      const name = names[below(names.length)]!;
      const body = mutate(recordings[name]!, name, below, byte);
      const { status, text } = await send(agent, listener.port, name, body);
      expect([200, 204, 400, 413], `${name} ${status}`).toContain(status);
      let key = `${name} ${status}`;
      if (status === 200) {
        const answer = JSON.parse(text) as { header: { functionExecutionStatus: { status: string; statusCodeData?: { subjectCode: string; reasonCode: string; message: string } } } };
        const { functionExecutionStatus: execution } = answer.header;
        if (execution.status === 'Failed') {
          expect(Object.keys(answer)).toEqual(['header']);
          const { subjectCode, reasonCode } = execution.statusCodeData!;
          // A fault of ours would say 8.8/4.2.
          expect(`${subjectCode}/${reasonCode}`, `${name} ${String(body).slice(0, 300)}`).not.toBe('8.8/4.2');
          key += ` ${subjectCode}/${reasonCode}`;
        } else expect(execution.status).toBe('Executed-Success');
      } else if (name === 'handleNotification' && status === 204) expect(text).toBe('');
      seen.set(key, (seen.get(key) ?? 0) + 1);
    };
    for (let i = 0; i < count; i += 8) await Promise.all(Array.from({ length: Math.min(8, count - i) }, one));
    expect(code(await fetchProfile(listener, { activationCode: (await order(world)).activationCode, device: device(999) }))).toBe('installed');
    expect(world.engine.log.lines.filter((line) => JSON.stringify(line).includes('ES9+ function failed'))).toEqual([]);
  } finally {
    agent.destroy();
    await listener.close();
    await world.close();
  }
  return seen;
}

const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

async function record(world: Awaited<ReturnType<typeof makeWorld>>): Promise<Record<string, Body>> {
  const made = await order(world, { downloadLimit: 1000 }, '1234');
  const chip = device(1);
  const fresh = device(2);
  const session = await open(world, chip);
  const waiting = await open(world, fresh);
  const first = fresh.authenticateServer({ ...waiting.initiated, matchingId: made.matchingId });
  await session.authenticate(made.matchingId);
  const prepare = session.prepare('1235');
  const done = await order(world);
  const ready = device(3);
  const finished = await open(world, ready);
  await finished.authenticate(done.matchingId);
  const bound = await finished.package();
  if (!('ok' in bound)) throw new Error('the recording failed');
  const result = finished.load(bound.ok.boundProfilePackage);
  const challenge = device(4);
  return {
    initiateAuthentication: { euiccChallenge: b64(challenge.getEuiccChallenge()), euiccInfo1: b64(challenge.euiccInfo1()), smdpAddress: ADDRESS },
    authenticateClient: { transactionId: waiting.initiated.transactionId, authenticateServerResponse: b64(first.der) },
    getBoundProfilePackage: { transactionId: session.initiated.transactionId, prepareDownloadResponse: b64(prepare) },
    cancelSession: { transactionId: session.initiated.transactionId, cancelSessionResponse: b64(Buffer.from('bf4103810105', 'hex')) },
    handleNotification: { pendingNotification: b64(result) },
  };
}

function mutate(body: Body, name: string, below: (n: number) => number, byte: () => number): Buffer {
  const copy: Body = { ...body };
  const members = Object.keys(copy);
  const member = members[below(members.length)]!;
  const value = copy[member];
  switch (below(12)) {
    case 0: delete copy[member]; break;
    case 1: copy[member] = [null, 0, -1, true, [], {}, '', ' ', '\u0000', 'ÿ'][below(10)]; break;
    case 2: copy['header'] = [null, 1, {}, 'x'][below(4)]; break;
    case 3: {
      const text = Buffer.from(JSON.stringify(copy));
      text[below(text.length)] = byte();
      return text;
    }
    case 4: return Buffer.from(JSON.stringify(copy)).subarray(0, below(400));
    case 5: copy['transactionId'] = Buffer.from(Array.from({ length: below(20) }, byte)).toString('hex'); break;
    case 6: copy[member] = b64(Buffer.from(Array.from({ length: below(80) }, byte))); break;
    default: {
      const target = members.find((one) => one !== 'transactionId' && one !== 'smdpAddress' && (name !== 'initiateAuthentication' || below(2) === 0 || one === 'euiccInfo1')) ?? member;
      const der = Buffer.from(String(copy[target] ?? value), 'base64');
      if (der.length > 0) {
        for (let i = below(3); i >= 0; i--) der[below(der.length)] = byte();
        if (below(6) === 0) copy[target] = b64(der.subarray(0, below(der.length)));
        else if (below(8) === 0) copy[target] = b64(Buffer.concat([der, der.subarray(0, below(der.length))]));
        else copy[target] = b64(der);
      }
    }
  }
  return Buffer.from(JSON.stringify(copy));
}

function send(agent: Agent, port: number, name: string, body: Buffer): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const out = request({
      agent, host: '127.0.0.1', port, path: `/gsma/rsp2/es9plus/${name}`, method: 'POST', servername: ADDRESS, rejectUnauthorized: false,
      headers: { 'Content-Type': 'application/json', 'Content-Length': body.length },
    }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      incoming.on('error', reject);
    });
    out.on('error', reject);
    out.end(body);
  });
}
