/** One RSP session step by step, on the area's functions, with every message open to be changed on its way. */
import { authenticateClient, cancelSession, getBoundProfilePackage, handleNotification, initiateAuthentication } from '../../../src/main/engine/downloads/index.ts';
import type { Answer, AuthenticateOk, InitiateOk, ListenerIdentities, NotificationFate, PackageOk } from '../../../src/main/engine/downloads/index.ts';
import { confirmationHash, segmentBoundPackage } from '../../../src/main/lab/device/index.ts';
import type { VirtualEuicc } from '../../../src/main/lab/device/index.ts';
import { fromHex } from '../../../src/shared/tlv/index.ts';
import { ADDRESS, listener, remote } from './support.ts';
import type { World } from './support.ts';

export const codeOf = (answer: Answer<unknown>): string => ('ok' in answer ? 'ok' : `${answer.failed.subject}/${answer.failed.reason}`);

export interface Driver {
  readonly initiated: InitiateOk;
  authenticate(matchingId: string | undefined, change?: { transactionId?: string; der?: (der: Uint8Array) => Uint8Array }): Promise<Answer<AuthenticateOk>>;
  /** The prepareDownloadResponse of the chip for what the last authenticate answered. */
  prepare(code?: string): Uint8Array;
  package(code?: string, change?: { transactionId?: string; der?: Uint8Array }): Promise<Answer<PackageOk>>;
  /** Loads a package into the chip and posts what it reports; the notifications stay in the chip. */
  load(boundPackage: Uint8Array): Uint8Array;
  cancel(reason: number, change?: { transactionId?: string; der?: Uint8Array }): Promise<Answer<unknown>>;
  /** The same session towards the engine as it is after a restart. */
  moved(world: World): Promise<Driver>;
}

export async function initiate(world: World, chip: VirtualEuicc, change: { address?: string; names?: readonly string[] } = {}): Promise<Answer<InitiateOk>> {
  return initiateAuthentication(world.ctx, await listener(world, change.names), {
    euiccChallenge: chip.getEuiccChallenge(), euiccInfo1: chip.euiccInfo1(), smdpAddress: change.address ?? ADDRESS,
  }, remote);
}

export async function open(world: World, chip: VirtualEuicc, identities?: ListenerIdentities): Promise<Driver> {
  const at = identities ?? await listener(world);
  const answer = await initiate(world, chip);
  if (!('ok' in answer)) throw new Error(`initiateAuthentication: ${codeOf(answer)}`);
  return session(world, chip, at, { initiated: answer.ok, authenticated: undefined });
}

/** What a session remembers on the device's side. */
interface Held { readonly initiated: InitiateOk; authenticated: AuthenticateOk | undefined }

function session(world: World, chip: VirtualEuicc, at: ListenerIdentities, held: Held): Driver {
  const { initiated } = held;
  const driver: Driver = {
    initiated,
    moved: async (next) => session(next, chip, await listener(next), held),
    async authenticate(matchingId, change = {}) {
      const { der } = chip.authenticateServer({ ...initiated, matchingId });
      const reply = await authenticateClient(world.ctx, at, {
        transactionId: change.transactionId ?? initiated.transactionId, authenticateServerResponse: change.der ? change.der(der) : der,
      }, remote);
      if ('ok' in reply) held.authenticated = reply.ok;
      return reply;
    },
    prepare(code) {
      const { authenticated } = held;
      if (!authenticated) throw new Error('not authenticated');
      const hashCc = code === undefined ? undefined : confirmationHash(new TextEncoder().encode(code), fromHex(initiated.transactionId));
      return chip.prepareDownload({ ...authenticated, hashCc }).der;
    },
    async package(code, change = {}) {
      return getBoundProfilePackage(world.ctx, at, {
        transactionId: change.transactionId ?? initiated.transactionId, prepareDownloadResponse: change.der ?? driver.prepare(code),
      }, remote);
    },
    load(boundPackage) {
      const before = new Set(chip.state.notifications.map((one) => one.seqNumber));
      const segments = segmentBoundPackage(boundPackage);
      if (!segments.ok) throw new Error(segments.why);
      for (const segment of segments.segments) if (chip.loadSegment(segment).kind !== 'continue') break;
      const made = chip.state.notifications.find((one) => !before.has(one.seqNumber));
      if (!made) throw new Error('the chip reported nothing');
      return made.der;
    },
    cancel: async (reason, change = {}) => cancelSession(world.ctx, at, {
      transactionId: change.transactionId ?? initiated.transactionId, cancelSessionResponse: change.der ?? chip.cancelSession(fromHex(initiated.transactionId), reason).der,
    }, remote),
  };
  return driver;
}

export async function notify(world: World, der: Uint8Array): Promise<NotificationFate> {
  return handleNotification(world.ctx, await listener(world), { pendingNotification: der }, remote);
}

/** The package of an answer that must be one. */
export function packageOf(answer: Answer<PackageOk>): Uint8Array {
  if (!('ok' in answer)) throw new Error(`getBoundProfilePackage: ${codeOf(answer)}`);
  return answer.ok.boundProfilePackage;
}
