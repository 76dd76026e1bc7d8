/** Files the engine hands out, under the window's own origin: `app://desk/files/<handle>` becomes a download. */
import { Readable } from 'node:stream';
import type { EngineClient } from '../hosting/client.ts';
import { windowOrigin } from './content.ts';

const address = new RegExp(`^${windowOrigin}/files/(fl_[0-9a-f]{32})$`);

/** The handle an address of the window names; undefined for every other address and method. */
export function offeredFile(method: string, url: string): string | undefined {
  return method === 'GET' ? address.exec(url)?.[1] : undefined;
}

/** The engine's answer as it comes: nothing of the file is kept here. */
export async function fileResponse(client: Pick<EngineClient, 'openFile'>, handle: string): Promise<Response> {
  const plain = { 'content-type': 'text/plain', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
  try {
    const answer = await client.openFile(handle);
    if (answer.statusCode !== 200) {
      answer.resume();
      return new Response('not found', { status: 404, headers: plain });
    }
    const headers: Record<string, string> = { ...plain };
    for (const name of ['content-type', 'content-disposition', 'content-length'] as const) {
      const value = answer.headers[name];
      if (value !== undefined) headers[name] = value;
    }
    return new Response(Readable.toWeb(answer) as ReadableStream<Uint8Array>, { status: 200, headers });
  } catch {
    return new Response('the engine does not answer', { status: 503, headers: plain });
  }
}
