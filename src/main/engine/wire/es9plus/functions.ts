/** The five ES9+ functions as both bindings call them: a request that was read, an outcome to be written. */
import type { EngineContext } from '../../context.ts';
import {
  authenticateClient, cancelSession, getBoundProfilePackage, handleNotification, initiateAuthentication,
} from '../../downloads/index.ts';
import type {
  Answer, AuthenticateOk, AuthenticateRequest, CancelRequest, InitiateOk, InitiateRequest, ListenerIdentities, NotificationRequest, PackageOk, PackageRequest, Remote,
} from '../../downloads/index.ts';

export type Es9Call =
  | { readonly name: 'initiateAuthentication'; readonly request: InitiateRequest }
  | { readonly name: 'authenticateClient'; readonly request: AuthenticateRequest }
  | { readonly name: 'getBoundProfilePackage'; readonly request: PackageRequest }
  | { readonly name: 'cancelSession'; readonly request: CancelRequest }
  | { readonly name: 'handleNotification'; readonly request: NotificationRequest };
export type Es9Name = Es9Call['name'];
/** The functions that answer something; a notification is only acknowledged. */
export type AnsweredName = Exclude<Es9Name, 'handleNotification'>;

export type Es9Outcome =
  | { readonly name: 'initiateAuthentication'; readonly answer: Answer<InitiateOk> }
  | { readonly name: 'authenticateClient'; readonly answer: Answer<AuthenticateOk> }
  | { readonly name: 'getBoundProfilePackage'; readonly answer: Answer<PackageOk> }
  | { readonly name: 'cancelSession'; readonly answer: Answer<Record<string, never>> }
  | { readonly name: 'handleNotification' };

export async function run(ctx: EngineContext, listener: ListenerIdentities, { name, request }: Es9Call, remote: Remote): Promise<Es9Outcome> {
  switch (name) {
    case 'initiateAuthentication': return { name, answer: await initiateAuthentication(ctx, listener, request, remote) };
    case 'authenticateClient': return { name, answer: await authenticateClient(ctx, listener, request, remote) };
    case 'getBoundProfilePackage': return { name, answer: await getBoundProfilePackage(ctx, listener, request, remote) };
    case 'cancelSession': return { name, answer: await cancelSession(ctx, listener, request, remote) };
    case 'handleNotification':
      await handleNotification(ctx, listener, request, remote);
      return { name };
  }
}
