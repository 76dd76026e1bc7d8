/**
 * Rebuilds a recorded ES9+ session from its inputs: everything the server signs again with the deterministic k of
 * RFC 6979, everything the eUICC signed verified, and the bound package made from the recorded one-time key.
 */
import { sameBytes, tlv, toHex, utf8Bytes } from '../../shared/tlv/index.ts';
import { inside, outer } from './asn1.ts';
import type { Bytes } from './asn1.ts';
import { assembleBoundPackage, bindSegments, CONFIGURE_ISDP_PLAIN, initialiseSecureChannel, initialiseSecureChannelToSign } from './bound-package.ts';
import { ciAnchor, checkEuiccChain, checkServerCertificate } from './certificate-chain.ts';
import type { CiAnchor, ServerRole } from './certificate-chain.ts';
import { parseCertificate } from './certificates.ts';
import { signDeterministic, verifyRaw } from './curves.ts';
import { eidBytes } from './digits.ts';
import { decoding, RspError } from './errors.ts';
import { parseAuthenticateServerResponse } from './messages/authenticate-server.ts';
import type { AuthenticateServerOk } from './messages/authenticate-server.ts';
import { parseEuiccInfo1 } from './messages/euicc-info.ts';
import { parsePendingNotification } from './messages/notification.ts';
import { buildSmdpSigned2, parsePrepareDownloadResponse, parseSmdpSigned2 } from './messages/prepare-download.ts';
import type { PrepareDownloadOk } from './messages/prepare-download.ts';
import { buildServerSigned1 } from './messages/server-signed1.ts';
import { euiccSignature2Input, readSignatureTlv, signatureTlv, smdpSignature2Input } from './messages/signature.ts';
import { readPrivateKey } from './private-key.ts';
import type { PrivateKey } from './private-key.ts';

/** Inputs of a recorded session; each holds the octets of the file named in {@link REPLAY_FILES}. */
export interface ReplayFiles {
  readonly transactionId: Bytes;
  readonly euiccChallenge: Bytes;
  readonly serverChallenge: Bytes;
  readonly otskDp: Bytes;
  readonly authServerResponse: Bytes;
  readonly prepareDownloadResponse: Bytes;
  readonly storeMetadata: Bytes;
  readonly upp: Bytes;
  readonly euiccInfo1?: Bytes;
  readonly initiateResponse?: Bytes;
  readonly authenticateResponse?: Bytes;
  readonly pendingNotification?: Bytes;
}

/** Keys and certificates of the server in the session; files named in {@link REPLAY_KEY_FILES}. */
export interface ReplayKeys {
  readonly dpauth: Bytes;
  readonly dpauthKey: Bytes;
  readonly dppb: Bytes;
  readonly dppbKey: Bytes;
  /** CI certificates; the one whose key identifier the EUM certificate names is used. */
  readonly ci: readonly Bytes[];
}

/** File in the session folder for each input; the last four may be absent, then nothing is compared with them. */
export const REPLAY_FILES: Readonly<Record<keyof ReplayFiles, { readonly file: string; readonly required: boolean }>> = {
  transactionId: { file: 'transaction-id.bin', required: true },
  euiccChallenge: { file: 'euicc-challenge.bin', required: true },
  serverChallenge: { file: 'server-challenge.bin', required: true },
  otskDp: { file: 'otsk-dp.bin', required: true },
  authServerResponse: { file: 'auth-server-response.der', required: true },
  prepareDownloadResponse: { file: 'prepare-download-response.der', required: true },
  storeMetadata: { file: 'store-metadata.der', required: true },
  upp: { file: 'upp.der', required: true },
  euiccInfo1: { file: 'euicc-info1.der', required: false },
  initiateResponse: { file: 'initiate-response.der', required: false },
  authenticateResponse: { file: 'authenticate-response.der', required: false },
  pendingNotification: { file: 'pending-notification.der', required: false },
};

/** File in the key folder for each key; `ci` is every file that exists of the two names. */
export const REPLAY_KEY_FILES: Readonly<Record<keyof ReplayKeys, readonly string[]>> = {
  dpauth: ['dpauth.der'], dpauthKey: ['dpauth-key.pem'], dppb: ['dppb.der'], dppbKey: ['dppb-key.pem'], ci: ['ci.der', 'ci-2017.der'],
};

export interface ReplayCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What was compared, or why it failed. */
  readonly detail: string;
}

export interface ReplayResult {
  /** True when every check passed. */
  readonly ok: boolean;
  readonly checks: readonly ReplayCheck[];
  /** BF36 TLV. */
  readonly boundPackage: Bytes;
  /** `30` of transaction id, serverSigned1, serverSignature1, CI key identifier, CERT.DPauth: as initiate-response.der. */
  readonly initiateResponse: Bytes;
  /** `BF3B A0` of transaction id, metadata, smdpSigned2, smdpSignature2, CERT.DPpb: as authenticate-response.der. */
  readonly authenticateResponse: Bytes;
  readonly eid: string;
}

export interface ReplayInput {
  readonly files: ReplayFiles;
  readonly keys: ReplayKeys;
  /** 1 to 16 octets; `euicc-rsp` where nothing else was recorded. */
  readonly hostId?: Bytes;
  /** Whole BF24 TLV; plain where nothing else was recorded. */
  readonly configureIsdp?: Bytes;
  /** Instant at which certificates are judged; without it the first one at which all of them are valid. */
  readonly at?: Date;
}

function invalid(message: string): never {
  throw new RspError('REPLAY_INPUT_INVALID', message);
}

function demand(value: Bytes, file: string, octets: number, min = octets): void {
  if (value.length < min || value.length > octets) invalid(`${file} has ${value.length} octets, ${min === octets ? octets : `${min} to ${octets}`} expected`);
}

interface Session {
  readonly files: ReplayFiles;
  readonly auth: AuthenticateServerOk;
  readonly download: PrepareDownloadOk;
  readonly ci: CiAnchor;
  readonly at: Date;
}

function openSession(input: ReplayInput): Session {
  const { files, keys } = input;
  demand(files.transactionId, REPLAY_FILES.transactionId.file, 16, 1);
  demand(files.euiccChallenge, REPLAY_FILES.euiccChallenge.file, 16);
  demand(files.serverChallenge, REPLAY_FILES.serverChallenge.file, 16);
  demand(files.otskDp, REPLAY_FILES.otskDp.file, 32);
  const auth = parseAuthenticateServerResponse(files.authServerResponse);
  if (auth.kind === 'error') invalid(`the eUICC refused the server with error ${auth.errorCode}: there is nothing to rebuild`);
  const download = parsePrepareDownloadResponse(files.prepareDownloadResponse);
  if (download.kind === 'error') invalid(`the eUICC refused the download with error ${download.errorCode}: there is nothing to rebuild`);
  const wanted = parseCertificate(auth.eumCertificate).authorityKeyId;
  const anchors = keys.ci.map(ciAnchor).filter((anchor): anchor is Extract<typeof anchor, CiAnchor> => !('problem' in anchor));
  const ci = anchors.find((anchor) => wanted !== undefined && sameBytes(anchor.keyId, wanted));
  if (ci === undefined) invalid('none of the CI certificates is the one the EUM certificate names');
  const certificates = [auth.euiccCertificate, auth.eumCertificate, keys.dpauth, keys.dppb].map(parseCertificate);
  const at = input.at ?? new Date(Math.max(...certificates.map((certificate) => certificate.notBefore.getTime())));
  return { files, auth, download, ci, at };
}

function serverKey(keyFile: Bytes, certificate: Bytes, name: string): PrivateKey {
  const key = readPrivateKey(keyFile);
  const { curve, publicPoint } = parseCertificate(certificate);
  if (key.curve !== curve || !sameBytes(key.publicPoint, publicPoint)) {
    key.scalar.fill(0);
    invalid(`the private key of ${name} does not belong to its certificate`);
  }
  return key;
}

/** The recorded smdpSigned2 and smdpSignature2, in the exact octets the eUICC saw. */
function recordedSmdpSigned2(authenticateResponse: Bytes): { metadata: Bytes; smdpSigned2: Bytes; smdpSignature2: Bytes } {
  return decoding('authenticate-response.der', () => {
    const parts = inside(inside(outer(authenticateResponse, 0xbf3b)).take('authenticateClientOk', 0xa0));
    parts.take('transactionId', 0x80);
    const metadata = parts.take('profileMetadata', 0xbf25).raw;
    const smdpSigned2 = parts.take('smdpSigned2', 0x30).raw;
    return { metadata, smdpSigned2, smdpSignature2: readSignatureTlv(parts.take('smdpSignature2', 0x5f37).raw) };
  });
}

/**
 * Deterministic: the same inputs give the same octets. A recording that does not verify still yields its package, with
 * `ok` false and the failing checks named; inputs of the wrong shape throw {@link RspError} (`REPLAY_INPUT_INVALID`,
 * `MESSAGE_MALFORMED`, `CERTIFICATE_MALFORMED`, `PRIVATE_KEY_UNREADABLE`, `ECKA_BAD_POINT`, `ECKA_BAD_KEY`).
 */
export function replaySession(input: ReplayInput): ReplayResult {
  const session = openSession(input);
  const { files, auth, download, ci, at } = session;
  const { keys } = input;
  const checks: ReplayCheck[] = [];
  const check = (name: string, ok: boolean, detail: string): void => {
    checks.push({ name, ok, detail });
  };
  const same = (name: string, recorded: Bytes, rebuilt: Bytes): void =>
    check(name, sameBytes(recorded, rebuilt), `${recorded.length} octets recorded, ${rebuilt.length} rebuilt`);

  const chain = checkEuiccChain({ euicc: auth.euiccCertificate, eum: auth.eumCertificate, ci, at });
  check('eUICC certificate chain', chain.ok, chain.ok ? `EID ${chain.eid}` : `${chain.subject}/${chain.reason}: ${chain.why}`);
  for (const [role, certificate] of [['dpauth', keys.dpauth], ['dppb', keys.dppb]] as [ServerRole, Bytes][]) {
    const result = checkServerCertificate({ certificate, role, ci, at });
    check(`${role} certificate`, result.ok, result.ok ? `SM-DP+ ${result.oid}` : result.why);
  }
  const euicc = parseCertificate(auth.euiccCertificate);
  const eid = euicc.subject.serialNumber ?? invalid('the eUICC certificate holds no EID');
  const signedByEuicc = (name: string, data: Bytes, signature64: Bytes): void =>
    check(name, verifyRaw(euicc.curve, euicc.publicPoint, data, signature64), 'ECDSA over the octets as recorded');

  const dpauth = serverKey(keys.dpauthKey, keys.dpauth, 'DPauth');
  const dppb = serverKey(keys.dppbKey, keys.dppb, 'DPpb');
  try {
    const { transactionId, serverChallenge, euiccChallenge } = files;
    if (files.euiccInfo1 !== undefined) {
      const { svn } = parseEuiccInfo1(files.euiccInfo1);
      check('euiccInfo1', svn.startsWith('2.'), `SGP.22 version ${svn}`);
    }
    const serverSigned1 = buildServerSigned1({ transactionId, euiccChallenge, serverAddress: auth.serverAddress, serverChallenge });
    const serverSignature1 = signDeterministic(dpauth.curve, dpauth.scalar, serverSigned1);
    const initiateResponse = tlv(
      0x30, tlv(0x80, transactionId), serverSigned1, signatureTlv(serverSignature1), tlv(0x04, ci.keyId), keys.dpauth,
    );
    if (files.initiateResponse !== undefined) same('initiate response', files.initiateResponse, initiateResponse);

    check('transaction id of the eUICC\'s answers', sameBytes(auth.transactionId, transactionId) && sameBytes(download.transactionId, transactionId), toHex(transactionId));
    check('server challenge', sameBytes(auth.serverChallenge, serverChallenge), toHex(serverChallenge));
    signedByEuicc('euiccSignature1', auth.signedBytes, auth.signature64);

    const recorded = files.authenticateResponse === undefined ? undefined : recordedSmdpSigned2(files.authenticateResponse);
    const ccRequired = recorded ? parseSmdpSigned2(recorded.smdpSigned2).ccRequired : download.hashCc !== undefined;
    const bppEuiccOtpk = recorded && parseSmdpSigned2(recorded.smdpSigned2).bppEuiccOtpk;
    const smdpSigned2 = buildSmdpSigned2({ transactionId, ccRequired, bppEuiccOtpk });
    const smdpSignature2 = signDeterministic(dppb.curve, dppb.scalar, smdpSignature2Input(smdpSigned2, auth.signature64));
    const authenticateResponse = tlv(
      0xbf3b, tlv(0xa0, tlv(0x80, transactionId), files.storeMetadata, smdpSigned2, signatureTlv(smdpSignature2), keys.dppb),
    );
    if (files.authenticateResponse !== undefined && recorded !== undefined) {
      same('authenticate response', files.authenticateResponse, authenticateResponse);
      const recordedInput = smdpSignature2Input(recorded.smdpSigned2, auth.signature64);
      check('smdpSignature2', verifyRaw(dppb.curve, dppb.publicPoint, recordedInput, recorded.smdpSignature2), 'ECDSA over the octets as recorded');
      same('profile metadata', recorded.metadata, files.storeMetadata);
    }
    signedByEuicc('euiccSignature2', euiccSignature2Input(download.signedBytes, recorded?.smdpSignature2 ?? smdpSignature2), download.signature64);

    const hostId = input.hostId ?? utf8Bytes('euicc-rsp');
    const { segments, otpkDp } = bindSegments({
      curve: dppb.curve, transactionId, eid: eidBytes(eid), hostId, otskDp: files.otskDp, euiccOtpk: download.euiccOtpk,
      configureIsdp: input.configureIsdp ?? CONFIGURE_ISDP_PLAIN, metadata: files.storeMetadata, upp: files.upp, protection: 'session-keys',
    });
    const toSign = initialiseSecureChannelToSign({ transactionId, hostId, otpkDp, euiccOtpk: download.euiccOtpk });
    const signature = signDeterministic(dppb.curve, dppb.scalar, toSign);
    const boundPackage = assembleBoundPackage(initialiseSecureChannel({ transactionId, hostId, otpkDp, signature }), segments);

    if (files.pendingNotification !== undefined) {
      const result = parsePendingNotification(files.pendingNotification);
      if (result.kind !== 'installResult') check('installation result', false, 'the notification is not an installation result');
      else {
        check('installation result', sameBytes(result.transactionId, transactionId), result.outcome.ok ? 'installed' : `error ${result.outcome.errorReason}`);
        signedByEuicc('euiccSignPIR', result.signedBytes, result.signature64);
      }
    }
    return { ok: checks.every((entry) => entry.ok), checks, boundPackage, initiateResponse, authenticateResponse, eid };
  } finally {
    dpauth.scalar.fill(0);
    dppb.scalar.fill(0);
  }
}
