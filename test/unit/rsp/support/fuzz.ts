// Feeds decoders with spoiled forms of good input. A decoder may answer or refuse with its own error; nothing else may come out.
import * as rsp from '../../../../src/main/rsp/index.ts';
import { children, isConstructed, readAll, readOne, readTlv, tlv, TlvError, utf8Bytes } from '../../../../src/shared/tlv/index.ts';
import type { TlvNode } from '../../../../src/shared/tlv/index.ts';
import { readPprIds } from '../../../../src/main/rsp/messages/euicc-info.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DURING, keyId, makeCertificate, recipes } from './make-certificate.ts';

type Bytes = Uint8Array;

/** A small generator with a 32-bit seed (mulberry32). */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** One spoiled form: flipped bits, cut, doubled, spliced, altered lengths, or plain noise. */
export function spoil(corpus: readonly Bytes[], next: (below: number) => number): Bytes {
  const base = corpus[next(corpus.length)]!;
  switch (next(7)) {
    case 0: {
      const out = Uint8Array.from(base);
      for (let i = next(4); i >= 0; i--) out[next(out.length)]! ^= 1 << next(8);
      return out;
    }
    case 1: return base.slice(0, next(base.length));
    case 2: {
      const at = next(base.length);
      return Uint8Array.from([...base.subarray(0, at), ...base.subarray(Math.max(0, at - next(40)))]);
    }
    case 3: {
      const other = corpus[next(corpus.length)]!;
      return Uint8Array.from([...base.subarray(0, next(base.length)), ...other.subarray(next(other.length))]);
    }
    case 4: return Uint8Array.from({ length: next(64) }, () => next(256));
    case 5: {
      const out = Uint8Array.from(base);
      out[next(Math.min(out.length, 24))] = [0, 1, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff][next(8)]!;
      return out;
    }
    default: return rewrite(base, next);
  }
}

/** Keeps the lengths right and spoils one element inside: reaches further than flipping bits does. */
function rewrite(base: Bytes, next: (below: number) => number): Bytes {
  let node: TlvNode;
  let nodes: TlvNode[];
  try {
    node = readOne(base);
    nodes = isConstructed(node.tag) ? children(node) : [];
  } catch {
    return base;
  }
  if (nodes.length === 0 || next(6) === 0) {
    const content = [new Uint8Array(), Uint8Array.from(node.value).fill(0xff), node.value.subarray(1), utf8Bytes('x'.repeat(next(300)))];
    return tlv(node.tag, content[next(content.length)]!);
  }
  const at = next(nodes.length);
  const parts = nodes.map((child) => child.raw);
  const action = next(5);
  if (action === 0) parts.splice(at, 1);
  else if (action === 1) parts.splice(at, 0, parts[next(parts.length)]!);
  else parts[at] = rewrite(parts[at]!, next);
  return tlv(node.tag, ...parts);
}

function deep(nodes: readonly TlvNode[], level = 0): void {
  if (level < 8) for (const node of nodes) if (isConstructed(node.tag)) deep(children(node), level + 1);
}

export interface Target {
  readonly name: string;
  readonly corpus: readonly Bytes[];
  readonly decode: (octets: Bytes) => unknown;
  /** Some are slower and get a share of the cases. */
  readonly share: number;
}

export function targets(): Target[] {
  const fixture = (file: string): Bytes => new Uint8Array(readFileSync(join(process.cwd(), 'test/fixtures/rsp/p256', file)));
  const all = recipes('P-256');
  const certificates = [all.ci, all.eum, all.euicc, all.dpauth, all.tls].map((recipe) => makeCertificate(recipe));
  const auth = fixture('session/auth-server-response.der');
  const parsed = rsp.parseAuthenticateServerResponse(auth);
  if (parsed.kind !== 'ok') throw new Error('fixture');
  const bpp = fixture('../p256/bound-package.der');
  const tid = Uint8Array.of(1, 2, 3);
  const signature64 = new Uint8Array(64).fill(1);
  const metadata = rsp.buildNotificationMetadata({ seqNumber: 7, operation: 'enable', address: 'a.example', iccid: '89000000000000000778' });
  const other = rsp.buildOtherSignedNotification({ metadata, signature64, euiccCertificate: certificates[2]!, eumCertificate: certificates[1]! });
  const failed = rsp.buildInstallResult({
    data: rsp.buildInstallResultData({
      transactionId: tid, notification: { seqNumber: 1, operation: 'install', address: 'a' }, smdpOid: '2.999.1', outcome: { ok: false, bppCommandId: 2, errorReason: 9 },
    }), signature64,
  });
  const cancel = rsp.buildCancelSessionResponse({ cancelSessionSigned: rsp.buildCancelSessionSigned({ transactionId: tid, smdpOid: '2.999.1', reason: 1 }), signature64 });
  const ownMetadata = rsp.buildMetadata({
    iccid: '89000000000000000778', serviceProviderName: 'a', profileName: 'b', profileClass: 'test', icon: { type: 'png', bytes: tid },
    notifications: [{ events: ['enable'], address: 'a.example' }], owner: { mcc: '001', mnc: '01', gid1: tid }, ppr: { ppr1: true },
  });
  const ci = { keyId: keyId('P-256', all.ci.scalar), curve: 'P-256' as const, publicPoint: rsp.publicPoint('P-256', all.ci.scalar) };
  const server1 = rsp.buildServerSigned1({ transactionId: tid, euiccChallenge: new Uint8Array(16), serverAddress: 'a', serverChallenge: new Uint8Array(16) });
  const smdp2 = rsp.buildSmdpSigned2({ transactionId: tid, ccRequired: true, bppEuiccOtpk: ci.publicPoint });
  const everything = [auth, ...certificates, bpp, other, failed, cancel, ownMetadata, server1, smdp2, parsed.euiccInfo2.raw, fixture('session/euicc-info1.der')];
  return [
    { name: 'TLV', corpus: everything, share: 1, decode: (octets) => { readTlv(octets); deep(readAll(octets)); } },
    { name: 'TLV, strict', corpus: everything, share: 1, decode: (octets) => readAll(octets, { strict: true }) },
    { name: 'euiccInfo1', corpus: [fixture('session/euicc-info1.der')], share: 1, decode: rsp.parseEuiccInfo1 },
    { name: 'euiccInfo2', corpus: [parsed.euiccInfo2.raw], share: 1, decode: rsp.parseEuiccInfo2 },
    { name: 'serverSigned1', corpus: [server1], share: 1, decode: rsp.parseServerSigned1 },
    { name: 'smdpSigned2', corpus: [smdp2], share: 1, decode: rsp.parseSmdpSigned2 },
    { name: 'authenticateServerResponse', corpus: [auth, rsp.buildAuthenticateServerError({ transactionId: tid, errorCode: 1 })], share: 1, decode: rsp.parseAuthenticateServerResponse },
    { name: 'prepareDownloadResponse', corpus: [fixture('session/prepare-download-response.der'), rsp.buildPrepareDownloadError({ transactionId: tid, errorCode: 1 })], share: 1, decode: rsp.parsePrepareDownloadResponse },
    { name: 'cancelSessionResponse', corpus: [cancel, rsp.buildCancelSessionError(5)], share: 1, decode: rsp.parseCancelSessionResponse },
    { name: 'pendingNotification', corpus: [fixture('session/pending-notification.der'), other, failed], share: 1, decode: rsp.parsePendingNotification },
    { name: 'profile metadata', corpus: [ownMetadata, fixture('session/store-metadata.der')], share: 1, decode: rsp.parseMetadata },
    { name: 'boundProfilePackage', corpus: [bpp], share: 1, decode: (octets) => { rsp.segmentBoundPackage(octets); rsp.parseBoundPackage(octets); } },
    { name: 'kept segments', corpus: [bpp.slice(200)], share: 1, decode: rsp.decodeSegments },
    { name: 'signature', corpus: [rsp.signatureTlv(signature64)], share: 1, decode: rsp.readSignatureTlv },
    { name: 'policy rule bits', corpus: [Uint8Array.of(6, 0x40)], share: 1, decode: readPprIds },
    { name: 'certificate', corpus: certificates, share: 1, decode: rsp.parseCertificate },
    { name: 'private key', corpus: [fixture('keys/dpauth-key.pem'), fixture('keys/dppb-key.pem')], share: 0.05, decode: rsp.readPrivateKey },
    {
      name: 'eUICC certificate chain', corpus: [certificates[1]!, certificates[2]!], share: 0.05,
      decode: (octets) => {
        const chain = { euicc: certificates[2]!, eum: certificates[1]!, ci, at: DURING };
        const results = [rsp.checkEuiccChain({ ...chain, euicc: octets }), rsp.checkEuiccChain({ ...chain, eum: octets })];
        const same = (der: Bytes): boolean => Buffer.compare(octets, der) === 0;
        if ((results[0]!.ok && !same(chain.euicc)) || (results[1]!.ok && !same(chain.eum))) throw new Error('a spoiled certificate was accepted');
      },
    },
  ];
}

/** Runs `cases` spoiled inputs through a decoder and returns how many it answered. */
export function run(target: Target, cases: number, seed: number): { answered: number; refused: number } {
  const next = random(seed);
  let answered = 0;
  let refused = 0;
  for (let i = 0; i < cases * target.share; i++) {
    const octets = spoil(target.corpus, next);
    try {
      target.decode(octets);
      answered++;
    } catch (error) {
      if (!(error instanceof rsp.RspError) && !(error instanceof TlvError)) {
        throw new Error(`${target.name}, seed ${seed}, case ${i}, input ${Buffer.from(octets).toString('hex')}`, { cause: error });
      }
      refused++;
    }
  }
  return { answered, refused };
}
