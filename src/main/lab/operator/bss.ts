/** A brand's system as receiver of ES2+.HandleDownloadProgressInfo. */
import { progressInfo, type ProgressInfo, readMessage } from './messages.ts';
import { type LabServer, type LabServerOptions, startLabServer } from './server.ts';

const PATH = '/gsma/rsp2/es2plus/handleDownloadProgressInfo';

export interface LabBss extends LabServer {
  /** What a brand gives as its callback: the server alone, SGP.22's path follows. */
  readonly url: string;
  /** Messages taken, each once, in the order they came. */
  readonly taken: readonly ProgressInfo[];
  /** Messages that came again under a functionCallIdentifier taken before. */
  readonly repeats: readonly ProgressInfo[];
  /** Why requests were answered with 400. */
  readonly faults: readonly string[];
}

export interface LabBssOptions extends LabServerOptions {
  /** Name in `url`, where the certificate is not for the address. */
  readonly name?: string;
  /** Path the brand asked for instead of SGP.22's. */
  readonly path?: string;
}

export async function startLabBss(options: LabBssOptions): Promise<LabBss> {
  const taken: ProgressInfo[] = [];
  const repeats: ProgressInfo[] = [];
  const faults: string[] = [];
  const known = new Set<string>();
  const server = await startLabServer(options, (request) => {
    const read = readMessage(request, options.path ?? PATH, progressInfo);
    if (!read.ok) {
      faults.push(read.fault);
      return { status: 400, body: { fault: read.fault } };
    }
    const call = `${read.message.header.functionRequesterIdentifier} ${read.message.header.functionCallIdentifier}`;
    (known.has(call) ? repeats : taken).push(read.message);
    known.add(call);
    return { status: 204 };
  });
  return Object.assign(Object.create(server) as LabServer, { url: `https://${options.name ?? server.host}:${server.port}${options.path ?? ''}`, taken, repeats, faults });
}
