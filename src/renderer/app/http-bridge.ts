/** The bridge of the browser console: the contract over loopback HTTP, the session held in an HttpOnly cookie. */
import type { DeskBridge } from '../../shared/contract/bridge.ts';
import type { Reply } from '../../shared/contract/define.ts';
import { noteSessionEnd, sessionEnded } from './session-end.ts';

const reconnectAfterMs = 3_000;

export function httpBridge(): DeskBridge {
  return {
    host: 'console',
    call: (procedure, input, commandId) =>
      post(`/rpc/${procedure}`, 'application/json', JSON.stringify({ input, ...(commandId === undefined ? {} : { commandId }) })),
    upload: (bytes) => post('/uploads', 'application/octet-stream', new Blob([bytes as Uint8Array<ArrayBuffer>])),
    subscribe,
  };
}

/** The door of the console refuses every path without its session; a refusal of the contract leaves the page itself readable. */
async function isOver(): Promise<boolean> {
  try {
    const { status } = await fetch('/', { credentials: 'same-origin', cache: 'no-store' });
    return status === 401 || status === 403;
  } catch {
    return false; // away, not refused
  }
}

async function post<T>(path: string, type: string, body: BodyInit): Promise<Reply<T>> {
  if (sessionEnded()) return over();
  let response: Response;
  try {
    response = await fetch(path, { method: 'POST', headers: { 'content-type': type, 'x-desk-host': 'console' }, credentials: 'same-origin', body });
  } catch {
    return unavailable('The engine does not answer. It may be restarting.', 'This window tries again by itself; a program that was started again prints a new address.');
  }
  if (response.status === 401 || (response.status === 403 && (await isOver()))) {
    noteSessionEnd();
    return over();
  }
  try {
    return (await response.json()) as Reply<T>;
  } catch {
    return unavailable(`The engine gave an answer that could not be read (HTTP ${response.status}).`);
  }
}

function subscribe(procedure: string, input: unknown, onData: (data: unknown) => void): () => void {
  const address = `/streams/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`;
  let source: EventSource | undefined;
  let timer: number | undefined;
  let ended = false;
  const open = (): void => {
    source = new EventSource(address);
    source.onmessage = (message: MessageEvent<string>) => {
      let data: unknown;
      try {
        data = JSON.parse(message.data);
      } catch {
        return; // a keep-alive without JSON carries nothing for the window
      }
      onData(data);
    };
    source.onerror = () => {
      // EventSource goes on by itself after a broken connection, but gives up after an HTTP refusal.
      if (source?.readyState === EventSource.CLOSED && !ended && !sessionEnded()) timer = window.setTimeout(open, reconnectAfterMs);
    };
  };
  open();
  return () => {
    ended = true;
    window.clearTimeout(timer);
    source?.close();
  };
}

const over = (): Reply<never> => refused('NOT_SIGNED_IN', 'This console ended when the program restarted.', 'Open the new address it printed.');

function unavailable(message: string, hint?: string): Reply<never> {
  return refused('ENGINE_UNAVAILABLE', message, hint);
}

function refused(code: string, message: string, hint?: string): Reply<never> {
  return { ok: false, error: { code, message, correlationId: '', ...(hint === undefined ? {} : { hint }) } };
}
