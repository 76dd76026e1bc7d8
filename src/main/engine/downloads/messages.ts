/**
 * What is kept of the messages of a step: decoded members, with the secrets left out while they are written, so that nothing that
 * reads the table can leak them. Everything here works on what the step has parsed anyway; the shapes are those of
 * `shared/contract/session-message`.
 */
import type {
  AuthenticateClientMessage, BoundProfilePackageView, CancelSessionMessage, CertificateView, EuiccInfo1View, EuiccInfo2View, FailedView,
  GetBoundProfilePackageMessage, InitiateAuthenticationMessage, MaskedMatchingId, ProfileInstallationResultView, ProfileMetadataView, SessionMessage, UnreadablePart,
} from '../../../shared/contract/session-message.ts';
import { toHex } from '../../../shared/tlv/index.ts';
import type {
  AuthenticateServerError, AuthenticateServerOk, CancelSessionError, CancelSessionOk, EuiccInfo1, EuiccInfo2, InstallResult, PprIds, PrepareDownloadError,
  PrepareDownloadOk, RspCertificate,
} from '../../rsp/index.ts';
import {
  AUTHENTICATE_ERRORS, BPP_COMMANDS, CANCEL_REASONS, DOWNLOAD_ERRORS, INSTALL_ERRORS, parseBoundPackage, parseCertificate, parseMetadata, RspError,
} from '../../rsp/index.ts';
import type { AuthenticateOk } from './authenticate.ts';
import type { Failure } from './answer.ts';
import type { InitiateOk } from './initiate.ts';
import type { PackageOk } from './package.ts';

/** Request and response of one step, ready to be stored. */
export interface StepMessages {
  readonly request: SessionMessage['request'];
  readonly response: SessionMessage['response'];
}

const LIST = 16;
const TEXT = 255;
const OCTETS = 256;

const cut = (text: string): string => (text.length > TEXT ? `${text.slice(0, TEXT)}…` : text);
const hex = (octets: Uint8Array): string => (octets.length > OCTETS ? `${toHex(octets.subarray(0, OCTETS))}…` : toHex(octets));
const hexes = (list: readonly Uint8Array[]): string[] => (list.length > LIST ? [...list.slice(0, LIST).map(hex), '…'] : list.map(hex));

const unreadable = (octets: number, why: string): UnreadablePart => ({ unreadable: cut(why), octets });
export const failedView = ({ subject, reason, message }: Failure): FailedView => ({ failed: { subject, reason, message } });

/** Enough of a MatchingID to compare it with an order by eye, never enough to use it. */
export function maskedMatchingId(matchingId: string): MaskedMatchingId {
  return { start: matchingId.slice(0, Math.min(5, Math.floor(matchingId.length / 3))), length: matchingId.length };
}

/** The TAC says which model it is; what follows says whose it is. */
const maskedImei = (imei: string): string => imei.slice(0, 8) + '*'.repeat(Math.max(0, Math.min(16, imei.length) - 8));

const views = new WeakMap<RspCertificate, CertificateView>();
const nameText = (name: RspCertificate['subject']): string => cut([name.commonName, name.organization].filter((part) => part !== undefined).join(', '));

function certificateView(certificate: RspCertificate): CertificateView {
  const known = views.get(certificate);
  if (known) return known;
  const eid = certificate.subject.serialNumber;
  const view = {
    ...(eid !== undefined && /^\d{32}$/.test(eid) ? { eid } : {}), subject: nameText(certificate.subject), issuer: nameText(certificate.issuer),
    serial: cut(certificate.serialHex.toUpperCase()), notBefore: certificate.notBefore.getTime(), notAfter: certificate.notAfter.getTime(),
  };
  views.set(certificate, view);
  return view;
}

/** A certificate that was not accepted is shown as far as it can be read. */
function foreignCertificate(der: Uint8Array): CertificateView | UnreadablePart {
  try {
    return certificateView(parseCertificate(der));
  } catch (error) {
    if (error instanceof RspError) return unreadable(der.length, error.message);
    throw error;
  }
}

const info1View = (info: EuiccInfo1): EuiccInfo1View => ({
  svn: info.svn, ciPkIdsForVerification: hexes(info.ciPkIdsForVerification), ciPkIdsForSigning: hexes(info.ciPkIdsForSigning),
});

const rulesOf = (rules: Partial<PprIds> | undefined): string[] => (['pprUpdateControl', 'ppr1', 'ppr2'] as const).filter((rule) => rules?.[rule]);

function info2View(info: EuiccInfo2): EuiccInfo2View {
  return {
    ...info1View(info), profileVersion: info.profileVersion, firmwareVersion: info.firmwareVersion, extCardResource: hex(info.extCardResource),
    ...(info.freeNonVolatileMemory === undefined ? {} : { freeNonVolatileMemory: info.freeNonVolatileMemory }),
    ...(info.freeVolatileMemory === undefined ? {} : { freeVolatileMemory: info.freeVolatileMemory }),
    uiccCapability: info.uiccCapability, rspCapability: info.rspCapability,
    ...(info.ts102241Version === undefined ? {} : { ts102241Version: info.ts102241Version }),
    ...(info.globalplatformVersion === undefined ? {} : { globalplatformVersion: info.globalplatformVersion }),
    ...(info.category === undefined ? {} : { category: info.category }),
    ...(info.forbiddenProfilePolicyRules === undefined ? {} : { forbiddenProfilePolicyRules: rulesOf(info.forbiddenProfilePolicyRules) }),
    ppVersion: info.ppVersion, sasAccreditationNumber: cut(info.sasAccreditationNumber),
    ...(info.additionalProfileVersions === undefined ? {} : { additionalProfileVersions: info.additionalProfileVersions.slice(0, LIST) }),
  };
}

export function initiateRequest(request: { readonly euiccChallenge: Uint8Array; readonly smdpAddress: string }, info: EuiccInfo1): InitiateAuthenticationMessage['request'] {
  return { euiccChallenge: hex(request.euiccChallenge), euiccInfo1: info1View(info), smdpAddress: cut(request.smdpAddress) };
}

export function initiateResponse(
  ok: InitiateOk, signed: { readonly euiccChallenge: Uint8Array; readonly serverAddress: string; readonly serverChallenge: Uint8Array }, certificate: RspCertificate,
): InitiateAuthenticationMessage['response'] {
  return {
    transactionId: ok.transactionId,
    serverSigned1: {
      transactionId: ok.transactionId.toLowerCase(), euiccChallenge: hex(signed.euiccChallenge), serverAddress: cut(signed.serverAddress), serverChallenge: hex(signed.serverChallenge),
    },
    serverSignature1: 'present', euiccCiPKIdToBeUsed: hex(ok.euiccCiPKIdToBeUsed.subarray(2)), serverCertificate: certificateView(certificate),
  };
}

/** `chain`: the certificates when they were accepted; else they are read again, as far as they can be. */
export function authenticateRequest(
  transactionId: string, response: AuthenticateServerOk | AuthenticateServerError, chain?: { readonly euicc: RspCertificate; readonly eum: RspCertificate },
): AuthenticateClientMessage['request'] {
  if (response.kind === 'error') {
    const { errorCode } = response;
    return { transactionId, authenticateServerResponse: { error: { transactionId: hex(response.transactionId), errorCode, name: AUTHENTICATE_ERRORS[errorCode] ?? 'unknown' } } };
  }
  const { deviceInfo, matchingId } = response;
  return {
    transactionId,
    authenticateServerResponse: {
      ok: {
        euiccSigned1: {
          transactionId: hex(response.transactionId), serverAddress: cut(response.serverAddress), serverChallenge: hex(response.serverChallenge),
          euiccInfo2: info2View(response.euiccInfo2),
          ctxParams1: {
            ...(matchingId === undefined ? {} : { matchingId: maskedMatchingId(matchingId) }),
            deviceInfo: { tac: deviceInfo.tac, releases: deviceInfo.releases, ...(deviceInfo.imei === undefined ? {} : { imei: maskedImei(deviceInfo.imei) }) },
          },
        },
        euiccSignature1: 'present',
        euiccCertificate: chain ? certificateView(chain.euicc) : foreignCertificate(response.euiccCertificate),
        eumCertificate: chain ? certificateView(chain.eum) : foreignCertificate(response.eumCertificate),
      },
    },
  };
}

export const unreadableAuthenticate = (transactionId: string, octets: number, why: string): AuthenticateClientMessage['request'] => ({
  transactionId, authenticateServerResponse: unreadable(octets, why),
});

function metadataView(der: Uint8Array): ProfileMetadataView {
  const metadata = parseMetadata(der);
  return {
    iccid: metadata.iccid, serviceProviderName: metadata.serviceProviderName, profileName: metadata.profileName, profileClass: metadata.profileClass,
    policyRules: rulesOf(metadata.ppr), ...(metadata.owner ? { owner: `${metadata.owner.mcc}${metadata.owner.mnc}` } : {}),
    notificationAddresses: metadata.notifications.map((one) => one.address), ...(metadata.icon ? { iconBytes: metadata.icon.bytes.length } : {}),
  };
}

export function authenticateResponse(
  ok: AuthenticateOk, signed: { readonly ccRequired: boolean; readonly bppEuiccOtpk: Uint8Array | undefined }, certificate: RspCertificate,
): AuthenticateClientMessage['response'] {
  return {
    transactionId: ok.transactionId, profileMetadata: metadataView(ok.profileMetadata),
    smdpSigned2: {
      transactionId: ok.transactionId.toLowerCase(), ccRequiredFlag: signed.ccRequired, ...(signed.bppEuiccOtpk === undefined ? {} : { bppEuiccOtpk: hex(signed.bppEuiccOtpk) }),
    },
    smdpSignature2: 'present', smdpCertificate: certificateView(certificate),
  };
}

export function packageRequest(transactionId: string, response: PrepareDownloadOk | PrepareDownloadError): GetBoundProfilePackageMessage['request'] {
  if (response.kind === 'error') {
    const { errorCode } = response;
    return { transactionId, prepareDownloadResponse: { error: { transactionId: hex(response.transactionId), errorCode, name: DOWNLOAD_ERRORS[errorCode] ?? 'unknown' } } };
  }
  return {
    transactionId,
    prepareDownloadResponse: {
      ok: {
        euiccSigned2: { transactionId: hex(response.transactionId), euiccOtpk: hex(response.euiccOtpk), ...(response.hashCc ? { hashCc: 'present' as const } : {}) },
        euiccSignature2: 'present',
      },
    },
  };
}

export const unreadablePackage = (transactionId: string, octets: number, why: string): GetBoundProfilePackageMessage['request'] => ({
  transactionId, prepareDownloadResponse: unreadable(octets, why),
});

/** A package as its structure: the segments hold the subscriber's keys, encrypted, and stay out. */
function packageView(der: Uint8Array): BoundProfilePackageView {
  const bound = parseBoundPackage(der);
  const channel = bound.initialiseSecureChannel;
  const lengths = (list: readonly Uint8Array[]): number[] => list.map((segment) => segment.length);
  return {
    octets: der.length,
    initialiseSecureChannel: {
      transactionId: hex(channel.transactionId), keyType: channel.keyType.toString(16), keyLength: channel.keyLength, hostId: hex(channel.hostId),
      smdpOtpk: hex(channel.otpkDp), smdpSign: 'present',
    },
    segments: [
      { part: 'configureISDP', tag: '87', octets: lengths(bound.configureIsdp) },
      { part: 'storeMetadata', tag: '88', octets: lengths(bound.metadata) },
      ...(bound.replaceKeys ? [{ part: 'replaceSessionKeys' as const, tag: '87', octets: lengths(bound.replaceKeys) }] : []),
      { part: 'loadProfileElements', tag: '86', octets: lengths(bound.profile) },
    ],
  };
}

export const packageResponse = (ok: PackageOk): GetBoundProfilePackageMessage['response'] => ({ transactionId: ok.transactionId, boundProfilePackage: packageView(ok.boundProfilePackage) });

export function installResultView(result: InstallResult): ProfileInstallationResultView {
  const { outcome, notification } = result;
  return {
    transactionId: hex(result.transactionId), seqNumber: notification.seqNumber, notificationAddress: cut(notification.address),
    ...(notification.iccid === undefined ? {} : { iccid: notification.iccid }), smdpOid: cut(result.smdpOid),
    finalResult: outcome.ok ? { success: { aid: hex(outcome.aid), simaResponse: hex(outcome.simaResponse) } } : {
      error: {
        bppCommandId: outcome.bppCommandId, command: BPP_COMMANDS[outcome.bppCommandId] ?? 'unknown', errorReason: outcome.errorReason,
        reason: INSTALL_ERRORS[outcome.errorReason] ?? 'unknown', ...(outcome.simaResponse === undefined ? {} : { simaResponse: hex(outcome.simaResponse) }),
      },
    },
    euiccSignPIR: 'present',
  };
}

export function cancelRequest(transactionId: string, response: CancelSessionOk | CancelSessionError): CancelSessionMessage['request'] {
  if (response.kind === 'error') return { transactionId, cancelSessionResponse: { error: { errorCode: response.errorCode } } };
  return {
    transactionId,
    cancelSessionResponse: {
      ok: {
        transactionId: hex(response.transactionId), smdpOid: cut(response.smdpOid), reason: response.reason, name: CANCEL_REASONS[response.reason] ?? 'unknown',
        euiccCancelSessionSignature: 'present',
      },
    },
  };
}

export const unreadableCancel = (transactionId: string, octets: number, why: string): CancelSessionMessage['request'] => ({
  transactionId, cancelSessionResponse: unreadable(octets, why),
});

/** The EID in the certificate that was presented, proven or not. */
export function claimedEid({ authenticateServerResponse: response }: AuthenticateClientMessage['request']): string | undefined {
  return 'ok' in response && 'subject' in response.ok.euiccCertificate ? response.ok.euiccCertificate.eid : undefined;
}
