/**
 * How a window reaches the engine. In Electron the preload script puts a `DeskBridge` on `window.desk`; in the browser
 * console the same calls go over HTTP: `POST /rpc/<procedure>` with `{ input, commandId? }`, `POST /uploads` with raw bytes,
 * `GET /streams/<procedure>?input=<json>` as server-sent events.
 */
import type { Reply } from './define.ts';

export interface DeskBridge {
  readonly host: 'desktop' | 'console';
  call(procedure: string, input: unknown, commandId?: string): Promise<Reply<unknown>>;
  upload(bytes: Uint8Array): Promise<Reply<{ handle: string }>>;
  /** Calls `onData` for each message; the returned function ends the stream. Streams reconnect by themselves. */
  subscribe(procedure: string, input: unknown, onData: (data: unknown) => void): () => void;
}
