/** An SM-DP+ of a few lines over HTTPS, to test the LPA against: every reply can be changed before it is sent. */
import { createServer } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { certificatePem, reissueTls, tlsAnchor } from '../../../src/main/lab/pki/index.ts';
import type { LabPki } from '../../../src/main/lab/pki/index.ts';
import { bindFor, labPki, makeMetadata, seeded, serverSession } from '../../unit/lab/support.ts';
import type { PackageOptions, ServerOptions } from '../../unit/lab/support.ts';

export interface Call { readonly name: string; readonly headers: IncomingHttpHeaders; readonly body: Record<string, string> }
export interface Reply { status: number; headers: Record<string, string>; body: unknown }

export interface FakeOptions extends ServerOptions {
  readonly pki?: LabPki;
  readonly package?: PackageOptions;
  readonly shownMetadata?: Uint8Array;
  /** Hash the server expects; another one is refused with 8.2.7/3.8. */
  readonly hashCc?: (transactionId: Uint8Array) => Uint8Array;
  readonly change?: (name: string, reply: Reply, count: number) => void;
}

export interface FakeSmdp {
  readonly port: number;
  readonly calls: Call[];
  readonly tls: { readonly caCertificate: Uint8Array; readonly connectTo: { readonly host: string; readonly port: number } };
  close(): Promise<void>;
}

const JSON_HEADERS = { 'Content-Type': 'application/json', 'X-Admin-Protocol': 'gsma/rsp/v2.2.2' };
const success = { functionExecutionStatus: { status: 'Executed-Success' } };
export const failed = (subjectCode: string, reasonCode: string, message = 'refused by the test'): unknown =>
  ({ header: { functionExecutionStatus: { status: 'Failed', statusCodeData: { subjectCode, reasonCode, message } } } });

export async function startFakeSmdp(options: FakeOptions = {}): Promise<FakeSmdp> {
  const pki = options.pki ?? labPki();
  const tls = reissueTls(pki, ['smdp.example', '127.0.0.1'], new Date(), seeded('fake tls'));
  const key = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(tls.privateKeyPkcs8).toString('base64')}\n-----END PRIVATE KEY-----\n`;
  const calls: Call[] = [];
  let session = serverSession(options);
  let authenticated: ReturnType<typeof session.authenticate> | undefined;
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const decode = (body: Record<string, string>, name: string): Buffer => Buffer.from(body[name] ?? '', 'base64');
  const id = (): string => Buffer.from(session.transactionId).toString('hex').toUpperCase();

  const answer = (name: string, body: Record<string, string>): unknown => {
    switch (name) {
      case 'initiateAuthentication': {
        session = serverSession({ ...options, seed: `session ${calls.length}` });
        const parts = session.initiate(decode(body, 'euiccChallenge'));
        return { header: success, transactionId: id(), ...encoded(parts) };
      }
      case 'authenticateClient': {
        authenticated = session.authenticate(decode(body, 'authenticateServerResponse'));
        const { smdpSigned2, smdpSignature2, smdpCertificate } = authenticated;
        const profileMetadata = options.shownMetadata ?? options.package?.metadata ?? makeMetadata();
        return { header: success, transactionId: id(), ...encoded({ profileMetadata, smdpSigned2, smdpSignature2, smdpCertificate }) };
      }
      case 'getBoundProfilePackage': {
        const prepared = session.prepared(decode(body, 'prepareDownloadResponse'), authenticated!);
        const expected = options.hashCc?.(session.transactionId);
        if (expected && !(prepared.hashCc && Buffer.from(expected).equals(prepared.hashCc))) return failed('8.2.7', prepared.hashCc ? '3.8' : '2.2');
        const bpp = bindFor({ transactionId: session.transactionId, eid: authenticated!.eid, euiccOtpk: prepared.euiccOtpk }, { pki, ...options.package });
        return { header: success, transactionId: id(), boundProfilePackage: base64(bpp) };
      }
      default:
        return { header: success };
    }
  };
  /** What the session helper does not accept is refused, like any bad signature. */
  const answered = (name: string, body: Record<string, string>): unknown => {
    try {
      return answer(name, body);
    } catch (error) {
      return failed('8.1', '6.1', (error as Error).message);
    }
  };
  const encoded = (parts: Record<string, Uint8Array>): Record<string, string> => Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [name, base64(bytes)]));

  const server = createServer({ key, cert: certificatePem(tls.certificate) }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const name = request.url!.replace('/gsma/rsp2/es9plus/', '');
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
      const reply: Reply = { status: 200, headers: { ...JSON_HEADERS }, body: undefined };
      if (name === 'handleNotification') reply.status = 204;
      else reply.body = answered(name, body);
      calls.push({ name, headers: request.headers, body });
      options.change?.(name, reply, calls.filter((call) => call.name === name).length);
      response.writeHead(reply.status, reply.headers);
      response.end(reply.body === undefined ? undefined : typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port, calls, tls: { caCertificate: tlsAnchor(pki).certificate, connectTo: { host: '127.0.0.1', port } },
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}
