/** The virtual eUICC: ISD-R functions of SGP.22 v2.2, 5.7 (ES10a/b/c) on a {@link DeviceState}. */
import { concat, sameBytes, toHex } from '../../../shared/tlv/index.ts';
import { eidBytes } from '../pki/index.ts';
import type { Random } from '../pki/index.ts';
import { oneTimeKey, sha256, signRaw, verifyRaw } from './cipher.ts';
import * as message from './messages.ts';
import type { EuiccFacts, InstallOutcome } from './messages.ts';
import type { Misbehaviour, SignedObject } from './misbehaviour.ts';
import { ERROR_REASON, PackageReceiver } from './package-receiver.ts';
import type { Received } from './package-receiver.ts';
import { iccidText, readMetadata } from './profile.ts';
import type { NotificationEvent } from './profile.ts';
import { checkServer } from './server-certificate.ts';
import type { ServerCheck, TrustAnchor, TrustedServer } from './server-certificate.ts';
import { packageDigest } from './state.ts';
import type { Credential, DeviceState, InstalledProfile } from './state.ts';

/** AuthenticateErrorCode (5.7.13) and DownloadErrorCode (5.7.5). */
export const AUTHENTICATE_ERROR = { invalidCertificate: 1, invalidSignature: 2, unsupportedCurve: 3, noSessionContext: 4, invalidOid: 5, euiccChallengeMismatch: 6, ciPKUnknown: 7, undefinedError: 127 } as const;
export const DOWNLOAD_ERROR = { invalidCertificate: 1, invalidSignature: 2, unsupportedCurve: 3, noSessionContext: 4, invalidTransactionId: 5, undefinedError: 127 } as const;
/** CancelSessionReason (5.7.14). */
export const CANCEL_REASON = { endUserRejection: 0, postponed: 1, timeout: 2, pprNotAllowed: 3, metadataMismatch: 4, loadBppExecutionError: 5, undefinedReason: 127 } as const;

/** An answer of the eUICC: its DER, and the error code in it where it refuses. */
export type Answer = { readonly ok: true; readonly der: Uint8Array } | { readonly ok: false; readonly der: Uint8Array; readonly code: number };
export type ProfileChange = { readonly ok: true } | { readonly ok: false; readonly code: 'PROFILE_NOT_FOUND' | 'PROFILE_WRONG_STATE' | 'PROFILE_DISALLOWED_BY_POLICY' };

export type LoadAnswer =
  | { readonly kind: 'continue' }
  | { readonly kind: 'status'; readonly sw: number }
  | { readonly kind: 'result'; readonly seqNumber: number; readonly outcome: InstallOutcome; readonly iccid?: string };

export interface EuiccOptions {
  readonly now: () => Date;
  readonly random: Random;
  readonly misbehaviour?: Misbehaviour;
}

interface Session {
  readonly challenge: Uint8Array;
  transactionId?: Uint8Array;
  serverAddress?: string;
  dpauth?: TrustedServer;
  credential?: Credential;
  signature1?: Uint8Array;
  dppb?: TrustedServer;
  otsk?: Buffer;
  otpk?: Uint8Array;
  receiver?: PackageReceiver;
}

const MAX_UNFINISHED = 8;

/** One session at a time; `state` is changed in place and is the caller's to save. */
export class VirtualEuicc {
  readonly state: DeviceState;
  readonly #options: EuiccOptions;
  #session: Session | undefined;

  constructor(state: DeviceState, options: EuiccOptions) {
    this.state = state;
    this.#options = options;
  }

  get #wrong(): Misbehaviour {
    return this.#options.misbehaviour ?? {};
  }

  /** SM-DP+ OID of the server that this session authenticated (content octets). */
  get serverOid(): Uint8Array | undefined {
    return this.#session?.dpauth?.oid;
  }

  #facts(): EuiccFacts {
    const own = this.state.credentials.map((credential) => credential.ciKeyId);
    const used = this.state.profiles.reduce((sum, profile) => sum + profile.size, 0);
    return {
      svn: this.#wrong.svn ?? [2, 2, 2], verificationKeyIds: this.#wrong.verificationKeyIds ?? own, signingKeyIds: this.#wrong.signingKeyIds ?? own,
      freeMemory: Math.max(0, this.state.freeMemory - used), forbiddenRules: this.state.forbiddenRules, testProfiles: this.state.testProfiles,
    };
  }

  /** ES10b.GetEUICCInfo (5.7.8). */
  euiccInfo1(): Uint8Array {
    return message.euiccInfo1(this.#facts());
  }

  euiccInfo2(): Uint8Array {
    return this.#wrong.euiccInfo2 ?? message.euiccInfo2(this.#facts());
  }

  /** ES10b.GetEUICCChallenge (5.7.7): 16 bytes; an unfinished session is given up, its one-time key kept for a retry. */
  getEuiccChallenge(): Uint8Array {
    this.#keepUnfinishedKey();
    const challenge = Uint8Array.from(this.#options.random(16));
    this.#session = { challenge };
    return challenge;
  }

  #anchors(): TrustAnchor[] {
    return this.state.credentials.map(({ ciKeyId, curve, ciPublicPoint }) => ({ keyId: ciKeyId, curve, publicPoint: ciPublicPoint }));
  }

  #sign(what: SignedObject, credential: Credential, data: Uint8Array): Uint8Array {
    const signature = signRaw(credential.privateKeyPkcs8, data);
    if (this.#wrong.wrongSignature === what) signature[40]! ^= 0x01;
    return signature;
  }

  /** ES10b.AuthenticateServer (5.7.13). All inputs are the TLVs of the server's reply. */
  authenticateServer(input: {
    readonly serverSigned1: Uint8Array; readonly serverSignature1: Uint8Array; readonly euiccCiPKIdToBeUsed: Uint8Array;
    readonly serverCertificate: Uint8Array; readonly matchingId?: string;
  }): Answer {
    const signed1 = message.readServerSigned1(input.serverSigned1);
    const fail = (code: number): Answer => ({ ok: false, code, der: message.authenticateServerError(signed1?.transactionId ?? Uint8Array.of(0), code) });
    const session = this.#session;
    if (!session || session.transactionId) return fail(AUTHENTICATE_ERROR.noSessionContext);
    if (!signed1) return fail(AUTHENTICATE_ERROR.undefinedError);
    const checked = checkServer(input.serverCertificate, ['dpauth', 'dsauth'], this.#anchors(), this.#options.now());
    if (!checked.ok) return fail(certificateError(checked));
    const signature = message.readSignature(input.serverSignature1);
    const { server } = checked;
    if (!signature || !verifyRaw(server.curve, server.publicPoint, input.serverSigned1, signature)) return fail(AUTHENTICATE_ERROR.invalidSignature);
    if (!sameBytes(signed1.euiccChallenge, session.challenge)) return fail(AUTHENTICATE_ERROR.euiccChallengeMismatch);
    const wanted = message.readKeyIdentifier(input.euiccCiPKIdToBeUsed);
    const credential = this.state.credentials.find((one) => wanted && sameBytes(one.ciKeyId, wanted));
    if (!credential) return fail(AUTHENTICATE_ERROR.ciPKUnknown);

    const euiccSigned1 = message.euiccSigned1({
      transactionId: this.#wrong.wrongTransactionId === 'euiccSigned1' ? changed(signed1.transactionId) : signed1.transactionId,
      serverAddress: signed1.serverAddress,
      serverChallenge: this.#wrong.wrongServerChallenge ? changed(signed1.serverChallenge) : signed1.serverChallenge,
      info2: this.euiccInfo2(), context: message.contextParameters(input.matchingId, { tac: this.state.tac, imei: this.state.imei }),
    });
    const signature1 = this.#sign('authenticateServer', credential, euiccSigned1);
    this.#session = { ...session, transactionId: signed1.transactionId, serverAddress: signed1.serverAddress, dpauth: server, credential, signature1 };
    const euicc = this.#wrong.euiccCertificate ?? credential.certificate;
    return { ok: true, der: message.authenticateServerOk(euiccSigned1, signature1, euicc, this.#wrong.eumCertificate ?? credential.eumCertificate) };
  }

  /** ES10b.PrepareDownload (5.7.5). May be repeated in a session, for another confirmation code. */
  prepareDownload(input: {
    readonly smdpSigned2: Uint8Array; readonly smdpSignature2: Uint8Array; readonly smdpCertificate: Uint8Array; readonly hashCc?: Uint8Array;
  }): Answer {
    const session = this.#session;
    const fail = (code: number): Answer => ({ ok: false, code, der: message.prepareDownloadError(session?.transactionId ?? Uint8Array.of(0), code) });
    if (!session?.transactionId || !session.dpauth || !session.signature1 || !session.credential) return fail(DOWNLOAD_ERROR.noSessionContext);
    const checked = checkServer(input.smdpCertificate, ['dppb'], this.#anchors(), this.#options.now());
    if (!checked.ok) return fail(checked.fault === 'unsupported-curve' ? DOWNLOAD_ERROR.unsupportedCurve : DOWNLOAD_ERROR.invalidCertificate);
    const { server } = checked;
    const signature2 = message.readSignature(input.smdpSignature2);
    const signed = concat(input.smdpSigned2, message.signature(session.signature1));
    if (!signature2 || !verifyRaw(server.curve, server.publicPoint, signed, signature2)) return fail(DOWNLOAD_ERROR.invalidSignature);
    const sameEntity = sameBytes(server.oid, session.dpauth.oid) && sameBytes(server.ciKeyId, session.dpauth.ciKeyId);
    if (!sameEntity) return fail(DOWNLOAD_ERROR.invalidCertificate);
    const signed2 = message.readSmdpSigned2(input.smdpSigned2);
    if (!signed2) return fail(DOWNLOAD_ERROR.undefinedError);
    if (!sameBytes(signed2.transactionId, session.transactionId)) return fail(DOWNLOAD_ERROR.invalidTransactionId);
    const dishonest = this.#wrong.hashCc !== undefined;
    if (signed2.ccRequired && !input.hashCc && !dishonest) return fail(DOWNLOAD_ERROR.undefinedError);

    const key = session.otsk && session.otpk && !signed2.bppEuiccOtpk && session.dppb?.curve === server.curve
      ? { otsk: session.otsk, otpk: session.otpk }
      : this.#oneTimeKey(server, signed2.bppEuiccOtpk);
    const hashCc = this.#wrong.hashCc === 'absent' ? undefined : this.#wrong.hashCc === 'empty' ? new Uint8Array() : input.hashCc;
    const transactionId = this.#wrong.wrongTransactionId === 'euiccSigned2' ? changed(session.transactionId) : session.transactionId;
    const euiccSigned2 = message.euiccSigned2(transactionId, key.otpk, hashCc);
    const sign = this.#sign('prepareDownload', session.credential, concat(euiccSigned2, input.smdpSignature2));
    this.#session = { ...session, dppb: server, otsk: key.otsk, otpk: key.otpk, receiver: undefined };
    return { ok: true, der: message.prepareDownloadOk(euiccSigned2, sign) };
  }

  #oneTimeKey(server: TrustedServer, offered: Uint8Array | undefined): { otsk: Buffer; otpk: Uint8Array } {
    const oid = toHex(server.oid);
    const kept = offered && !this.#wrong.ignoreOfferedOtpk
      ? this.state.unfinishedKeys.find((one) => one.smdpOid === oid && one.curve === server.curve && sameBytes(one.otpk, offered))
      : undefined;
    return kept ? { otsk: Buffer.from(kept.otsk), otpk: kept.otpk } : oneTimeKey(server.curve, this.#options.random);
  }

  #keepUnfinishedKey(): void {
    const session = this.#session;
    if (!session?.otsk || !session.otpk || !session.dppb) return;
    const otpk = session.otpk;
    const known = this.state.unfinishedKeys.some((one) => sameBytes(one.otpk, otpk));
    if (known) return;
    this.state.unfinishedKeys.push({ smdpOid: toHex(session.dppb.oid), curve: session.dppb.curve, otsk: Buffer.from(session.otsk), otpk });
    for (const old of this.state.unfinishedKeys.splice(0, this.state.unfinishedKeys.length - MAX_UNFINISHED)) old.otsk.fill(0);
  }

  #forgetKey(otpk: Uint8Array): void {
    for (const key of this.state.unfinishedKeys) if (sameBytes(key.otpk, otpk)) key.otsk.fill(0);
    this.state.unfinishedKeys = this.state.unfinishedKeys.filter((key) => !sameBytes(key.otpk, otpk));
  }

  /** ES10b.LoadBoundProfilePackage (5.7.6): one segment as the LPA cut it. */
  loadSegment(segment: Uint8Array): LoadAnswer {
    const session = this.#session;
    const { transactionId, dppb, otsk, otpk } = session ?? {};
    if (!session || !transactionId || !dppb || !otsk || !otpk) return { kind: 'status', sw: 0x6a88 };
    session.receiver ??= new PackageReceiver({
      transactionId, curve: dppb.curve, dppbPoint: dppb.publicPoint, otsk, otpk, eid: eidBytes(this.state.eid),
      freeMemory: this.#facts().freeMemory, testProfiles: this.state.testProfiles, forbiddenRules: this.state.forbiddenRules,
      isInstalled: (iccid) => this.state.profiles.some((profile) => profile.iccid === iccidText(iccid)),
    });
    return this.#afterSegment(session, session.receiver.receive(segment));
  }

  /** The power fails while a package is being loaded: the eUICC reports installFailedDueToInterruption. */
  interrupt(): LoadAnswer {
    const session = this.#session;
    if (!session?.receiver) return { kind: 'status', sw: 0x6a88 };
    return this.#afterSegment(session, session.receiver.abandon(ERROR_REASON.interruption));
  }

  #afterSegment(session: Session, received: Received): LoadAnswer {
    if (received.kind === 'continue') return received;
    if (received.kind === 'status') return received;
    if (received.kind === 'failed') {
      this.#keepUnfinishedKey();
      const { bppCommandId, errorReason, iccid } = received;
      return this.#report(session, { ok: false, bppCommandId, errorReason }, iccid);
    }
    const aid = Buffer.from('a0000005591010ffffffff8900000000', 'hex');
    aid.writeUInt16BE(this.state.nextAid++, 13);
    const profile: InstalledProfile = {
      iccid: iccidText(received.metadata.iccid), aid: toHex(aid), metadata: received.metadataDer, state: 'disabled',
      upp: received.upp, size: received.upp.length, uppDigest: packageDigest(received.upp), ciKeyId: session.credential!.ciKeyId,
    };
    this.state.profiles.push(profile);
    this.#forgetKey(session.otpk!);
    session.otsk!.fill(0);
    const answer = this.#report(session, { ok: true, aid: Uint8Array.from(aid) }, received.metadata.iccid);
    this.#notify(profile, 'install');
    return answer;
  }

  /** Makes and stores the ProfileInstallationResult (2.5.6) and ends the session. */
  #report(session: Session, outcome: InstallOutcome, iccid: Uint8Array | undefined): LoadAnswer {
    const seqNumber = this.state.nextSeqNumber++;
    const address = session.serverAddress!;
    const metadata = message.notificationMetadata({ seqNumber, event: 'install', address, iccid });
    const data = message.installResultData(session.transactionId!, metadata, this.#wrong.smdpOid ?? session.dppb!.oid, outcome);
    const der = message.installResult(data, this.#sign('installResult', session.credential!, data));
    this.state.notifications.push({ seqNumber, address, der });
    this.#session = undefined;
    return { kind: 'result', seqNumber, outcome, ...(iccid ? { iccid: iccidText(iccid) } : {}) };
  }

  /** ES10b.CancelSession (5.7.14). */
  cancelSession(transactionId: Uint8Array, reason: number): Answer {
    const session = this.#session;
    const known = session?.transactionId && session.credential && session.dpauth && sameBytes(session.transactionId, transactionId);
    if (!known || this.#wrong.refuseCancel) {
      const code = known ? 127 : 5;
      return { ok: false, code, der: message.cancelSessionError(code) };
    }
    const signedId = this.#wrong.wrongTransactionId === 'cancelSessionSigned' ? changed(transactionId) : transactionId;
    const signed = message.cancelSessionSigned(signedId, this.#wrong.smdpOid ?? session.dpauth!.oid, reason);
    const der = message.cancelSessionOk(signed, this.#sign('cancelSession', session.credential!, signed));
    if (reason === CANCEL_REASON.postponed || reason === CANCEL_REASON.timeout) this.#keepUnfinishedKey();
    else if (session.otpk) this.#forgetKey(session.otpk);
    this.#session = undefined;
    return { ok: true, der };
  }

  #find(iccid: string): InstalledProfile | undefined {
    return this.state.profiles.find((profile) => profile.iccid === iccid);
  }

  /** ES10c.EnableProfile (5.7.16): disables the enabled one first; both tell their operators. */
  enableProfile(iccid: string): ProfileChange {
    const profile = this.#find(iccid);
    if (!profile) return { ok: false, code: 'PROFILE_NOT_FOUND' };
    if (profile.state === 'enabled') return { ok: false, code: 'PROFILE_WRONG_STATE' };
    const current = this.state.profiles.find((one) => one.state === 'enabled');
    if (current) {
      const disabled = this.disableProfile(current.iccid);
      if (!disabled.ok) return disabled;
    }
    profile.state = 'enabled';
    this.#notify(profile, 'enable');
    return { ok: true };
  }

  /** ES10c.DisableProfile (5.7.17). */
  disableProfile(iccid: string): ProfileChange {
    const profile = this.#find(iccid);
    if (!profile) return { ok: false, code: 'PROFILE_NOT_FOUND' };
    if (profile.state !== 'enabled') return { ok: false, code: 'PROFILE_WRONG_STATE' };
    if (readMetadata(profile.metadata)?.ppr1) return { ok: false, code: 'PROFILE_DISALLOWED_BY_POLICY' };
    profile.state = 'disabled';
    this.#notify(profile, 'disable');
    return { ok: true };
  }

  /** ES10c.DeleteProfile (5.7.18): only a disabled one. */
  deleteProfile(iccid: string): ProfileChange {
    const profile = this.#find(iccid);
    if (!profile) return { ok: false, code: 'PROFILE_NOT_FOUND' };
    if (profile.state !== 'disabled') return { ok: false, code: 'PROFILE_WRONG_STATE' };
    if (readMetadata(profile.metadata)?.ppr2) return { ok: false, code: 'PROFILE_DISALLOWED_BY_POLICY' };
    this.state.profiles = this.state.profiles.filter((one) => one !== profile);
    profile.upp?.fill(0);
    this.#notify(profile, 'delete');
    return { ok: true };
  }

  /** One OtherSignedNotification for each address that the profile's metadata names for this event. */
  #notify(profile: InstalledProfile, event: NotificationEvent): void {
    const metadata = readMetadata(profile.metadata)!;
    const credential = this.state.credentials.find((one) => sameBytes(one.ciKeyId, profile.ciKeyId))!;
    for (const { address } of metadata.notifications.filter((entry) => entry.events.includes(event))) {
      const seqNumber = this.state.nextSeqNumber++;
      const tbs = message.notificationMetadata({ seqNumber, event, address, iccid: metadata.iccid });
      const sign = this.#sign('otherNotification', credential, tbs);
      const euicc = this.#wrong.euiccCertificate ?? credential.certificate;
      const der = message.otherNotification(tbs, sign, euicc, this.#wrong.eumCertificate ?? credential.eumCertificate);
      this.state.notifications.push({ seqNumber, address, der });
    }
  }

  /** ES10b.RemoveNotificationFromList (5.7.11); false when there is none with this number. */
  removeNotification(seqNumber: number): boolean {
    const before = this.state.notifications.length;
    this.state.notifications = this.state.notifications.filter((one) => one.seqNumber !== seqNumber);
    return this.state.notifications.length < before;
  }
}

/** hashCc of SGP.22 v2.2, 3.1.3.2: SHA-256 over the hash of the code and the transaction id. */
export function confirmationHash(code: Uint8Array, transactionId: Uint8Array): Uint8Array {
  return sha256(sha256(code), transactionId);
}

function certificateError(check: Extract<ServerCheck, { ok: false }>): number {
  switch (check.fault) {
    case 'unknown-ci': return AUTHENTICATE_ERROR.ciPKUnknown;
    case 'unsupported-curve': return AUTHENTICATE_ERROR.unsupportedCurve;
    case 'oid': return AUTHENTICATE_ERROR.invalidOid;
    default: return AUTHENTICATE_ERROR.invalidCertificate;
  }
}

function changed(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[0]! ^= 0xff;
  return copy;
}
