/** The five ES9+ functions as HTTP sees them: members in, members out. */
import type { EngineContext } from '../../context.ts';
import {
  authenticateClient, cancelSession, getBoundProfilePackage, handleNotification, initiateAuthentication,
} from '../../downloads/index.ts';
import type { Answer, ListenerIdentities, Remote } from '../../downloads/index.ts';
import { bytesMember, MemberError, textMember, transactionMember } from './json.ts';
import type { Members } from './json.ts';

export type Fields = Readonly<Record<string, string | Uint8Array>>;
/** `undefined` is the empty 204 of a notification. */
export type Outcome = Answer<Fields> | undefined;
export type Es9Function = (ctx: EngineContext, listener: ListenerIdentities, members: Members, remote: Remote) => Promise<Outcome>;

/** Longer than any address: what is too long to be ours is answered as not ours (8.8.1/3.8). */
const ADDRESS = 8192;

function fields<T extends object>(answer: Answer<T>): Answer<Fields> {
  return 'ok' in answer ? { ok: answer.ok as unknown as Fields } : answer;
}

export const es9Functions: Readonly<Record<string, Es9Function>> = {
  initiateAuthentication: async (ctx, listener, members, remote) => fields(await initiateAuthentication(ctx, listener, {
    euiccChallenge: bytesMember(members, 'euiccChallenge'), euiccInfo1: bytesMember(members, 'euiccInfo1'), smdpAddress: textMember(members, 'smdpAddress', ADDRESS),
  }, remote)),
  authenticateClient: async (ctx, listener, members, remote) => fields(await authenticateClient(ctx, listener, {
    transactionId: transactionMember(members), authenticateServerResponse: bytesMember(members, 'authenticateServerResponse'),
  }, remote)),
  getBoundProfilePackage: async (ctx, listener, members, remote) => fields(await getBoundProfilePackage(ctx, listener, {
    transactionId: transactionMember(members), prepareDownloadResponse: bytesMember(members, 'prepareDownloadResponse'),
  }, remote)),
  cancelSession: async (ctx, listener, members, remote) => fields(await cancelSession(ctx, listener, {
    transactionId: transactionMember(members), cancelSessionResponse: bytesMember(members, 'cancelSessionResponse'),
  }, remote)),
  handleNotification: async (ctx, listener, members, remote) => {
    let pendingNotification: Uint8Array;
    try {
      pendingNotification = bytesMember(members, 'pendingNotification');
    } catch (error) {
      // An LPA sends a notification until it is acknowledged: what cannot be read must not come again for ever.
      if (error instanceof MemberError) return undefined;
      throw error;
    }
    await handleNotification(ctx, listener, { pendingNotification }, remote);
    return undefined;
  },
};
