/** Calls of a window, forwarded to the engine. The engine checks name, input and permission; here it is who asks and how much. */
import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import type { EngineClient } from '../hosting/client.ts';
import { EngineUnreachable } from '../hosting/client.ts';
import { isOwnUrl } from './lockdown.ts';

export const channels = { call: 'desk:call', upload: 'desk:upload', subscribe: 'desk:subscribe', unsubscribe: 'desk:unsubscribe', data: 'desk:data' } as const;

const maxInputOctets = 1_048_576;
const maxUploadOctets = 512 * 1_048_576;
const maxStreamsPerWindow = 16;

export interface BridgeOptions {
  readonly ipc: IpcMain;
  readonly client: EngineClient;
  /** Windows this application made. */
  readonly isOwnWindow: (contents: WebContents) => boolean;
}

const refusal = (code: string, message: string) => ({ ok: false as const, error: { code, message, correlationId: 'desktop' } });

export function openBridge({ ipc, client, isOwnWindow }: BridgeOptions): void {
  const streams = new Map<string, () => void>();

  const isAllowed = (event: IpcMainInvokeEvent | IpcMainEvent): boolean => {
    const frame = event.senderFrame;
    // The main frame of one of our windows, still on our origin: not an iframe, not a window somebody else made.
    return frame !== null && frame === event.sender.mainFrame && isOwnUrl(frame.url) && isOwnWindow(event.sender);
  };

  const guarded = async (work: () => Promise<unknown>): Promise<unknown> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof EngineUnreachable) return refusal('ENGINE_UNAVAILABLE', 'The engine is restarting; what was acknowledged is kept. Try again in a moment.');
      return refusal('INTERNAL', 'The window\'s request could not be handed on');
    }
  };

  ipc.handle(channels.call, (event, name: unknown, input: unknown, commandId: unknown) => {
    if (!isAllowed(event)) return refusal('NOT_PERMITTED', 'This window may not ask the engine');
    if (typeof name !== 'string' || name.length > 100 || (commandId !== undefined && (typeof commandId !== 'string' || commandId.length > 100))) {
      return refusal('INPUT_INVALID', 'The request has no valid name');
    }
    return guarded(async () => {
      if (Buffer.byteLength(JSON.stringify(input) ?? '') > maxInputOctets) return refusal('INPUT_INVALID', 'The request is too large');
      return client.callByName(name, input, commandId);
    });
  });

  ipc.handle(channels.upload, (event, bytes: unknown) => {
    if (!isAllowed(event)) return refusal('NOT_PERMITTED', 'This window may not ask the engine');
    if (!(bytes instanceof Uint8Array) || bytes.length > maxUploadOctets) return refusal('UPLOAD_TOO_LARGE', 'A file of at most 512 MiB is needed');
    return guarded(async () => {
      const copy = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      try {
        return await client.upload(copy);
      } finally {
        copy.fill(0);
      }
    });
  });

  ipc.on(channels.subscribe, (event, id: unknown, name: unknown, input: unknown) => {
    if (!isAllowed(event) || typeof id !== 'string' || id.length > 64 || typeof name !== 'string' || name.length > 100) return;
    const contents = event.sender;
    const prefix = `${contents.id}:`;
    const key = prefix + id;
    if (streams.has(key) || [...streams.keys()].filter((one) => one.startsWith(prefix)).length >= maxStreamsPerWindow) return;
    const end = client.subscribe(name, input, (data) => {
      if (!contents.isDestroyed()) contents.send(channels.data, id, data);
    });
    streams.set(key, end);
    const forget = () => {
      end();
      streams.delete(key);
    };
    contents.once('destroyed', forget);
    contents.once('did-start-navigation', (details) => {
      if (details.isMainFrame && !details.isSameDocument) forget();
    });
  });

  ipc.on(channels.unsubscribe, (event, id: unknown) => {
    if (!isAllowed(event) || typeof id !== 'string') return;
    const key = `${event.sender.id}:${id}`;
    streams.get(key)?.();
    streams.delete(key);
  });
}
