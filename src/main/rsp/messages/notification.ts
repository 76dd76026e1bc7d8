/** PendingNotification: ProfileInstallationResult (SGP.22 v2.2, 2.5.6) or OtherSignedNotification (5.7.10). */
import { integerBytes, readInteger, readOne, readUtf8, tlv, TlvError, utf8Bytes } from '../../../shared/tlv/index.ts';
import type { TlvNode } from '../../../shared/tlv/index.ts';
import { bitsValue, inside, octets, oidTlv, readBits, readOid } from '../asn1.ts';
import type { Bytes } from '../asn1.ts';
import { iccidBytes, iccidText } from '../digits.ts';
import { decoding } from '../errors.ts';
import { demandSize } from './server-signed1.ts';
import { readSignatureTlv, signatureTlv } from './signature.ts';

const EVENTS = ['install', 'enable', 'disable', 'delete'] as const;
export type NotificationEvent = (typeof EVENTS)[number];

/** Names of the events set in a NotificationEvent bit string. */
export function readEvents(value: Bytes): NotificationEvent[] {
  return readBits(value).filter((bit) => bit < EVENTS.length).map((bit) => EVENTS[bit]!);
}

export function eventsValue(events: readonly NotificationEvent[]): Bytes {
  return bitsValue(events.map((event) => EVENTS.indexOf(event)));
}

export interface NotificationMetadata {
  readonly seqNumber: number;
  /** The first event set; undefined when none of the four is. */
  readonly operation?: NotificationEvent;
  readonly address: string;
  /** Digits. Optional in the type, and not always the ICCID that was delivered. */
  readonly iccid?: string;
}

export type InstallOutcome =
  | { readonly ok: true; readonly aid: Bytes; readonly simaResponse: Bytes }
  | { readonly ok: false; readonly bppCommandId: number; readonly errorReason: number; readonly simaResponse?: Bytes };

export interface InstallResult {
  readonly kind: 'installResult';
  /** BF27 TLV as received: what euiccSignPIR covers. */
  readonly signedBytes: Bytes;
  readonly transactionId: Bytes;
  readonly notification: NotificationMetadata;
  readonly smdpOid: string;
  readonly outcome: InstallOutcome;
  /** finalResult TLV (A2) as received: what an operator is told of it (SGP.22 v2.2, 5.3.5, resultData). */
  readonly finalResult: Bytes;
  readonly signature64: Bytes;
  /** The whole notification as received. */
  readonly raw: Bytes;
}

export interface OtherNotification {
  readonly kind: 'other';
  /** BF2F TLV as received: what the signature covers. */
  readonly signedBytes: Bytes;
  readonly notification: NotificationMetadata;
  readonly signature64: Bytes;
  readonly euiccCertificate: Bytes;
  readonly eumCertificate: Bytes;
  readonly raw: Bytes;
}

export const BPP_COMMANDS: Readonly<Record<number, string>> = {
  0: 'initialiseSecureChannel', 1: 'configureISDP', 2: 'storeMetadata', 3: 'storeMetadata2', 4: 'replaceSessionKeys',
  5: 'loadProfileElements',
};

export const INSTALL_ERRORS: Readonly<Record<number, string>> = {
  1: 'incorrectInputValues', 2: 'invalidSignature', 3: 'invalidTransactionId', 4: 'unsupportedCrtValues',
  5: 'unsupportedRemoteOperationType', 6: 'unsupportedProfileClass', 7: 'scp03tStructureError', 8: 'scp03tSecurityError',
  9: 'installFailedDueToIccidAlreadyExistsOnEuicc', 10: 'installFailedDueToInsufficientMemoryForProfile',
  11: 'installFailedDueToInterruption', 12: 'installFailedDueToPEProcessingError', 13: 'installFailedDueToDataMismatch',
  14: 'testProfileInstallFailedDueToInvalidNaaKey', 15: 'pprNotAllowed', 127: 'installFailedDueToUnknownError',
};

function readMetadata(node: TlvNode): NotificationMetadata {
  const fields = inside(node);
  const seqNumber = readInteger(fields.take('seqNumber', 0x80).value);
  const operation = readEvents(fields.take('profileManagementOperation', 0x81).value)[0];
  const address = readUtf8(fields.take('notificationAddress', 0x0c).value);
  const iccid = fields.optional(0x5a);
  return { seqNumber, operation, address, iccid: iccid && iccidText(octets(iccid, 'iccid', 10)) };
}

function readOutcome(node: TlvNode): InstallOutcome {
  const arm = inside(node).take('finalResult', 0xa0, 0xa1);
  const fields = inside(arm);
  if (arm.tag === 0xa0) {
    const aid = octets(fields.take('aid', 0x4f), 'aid', 5, 16);
    return { ok: true, aid, simaResponse: fields.take('simaResponse', 0x04).value };
  }
  return {
    ok: false,
    bppCommandId: readInteger(fields.take('bppCommandId', 0x80).value),
    errorReason: readInteger(fields.take('errorReason', 0x81).value),
    simaResponse: fields.optional(0x82)?.value,
  };
}

/** Reads a BF37 or `30` TLV. Throws {@link RspError} `MESSAGE_MALFORMED`. */
export function parsePendingNotification(der: Bytes): InstallResult | OtherNotification {
  return decoding('pendingNotification', () => {
    const root = readOne(der);
    const parts = inside(root);
    if (root.tag === 0xbf37) {
      const data = parts.take('profileInstallationResultData', 0xbf27);
      const signature64 = readSignatureTlv(parts.take('euiccSignPIR', 0x5f37).raw);
      const fields = inside(data);
      const transactionId = octets(fields.take('transactionId', 0x80), 'transactionId', 1, 16);
      const notification = readMetadata(fields.take('notificationMetadata', 0xbf2f));
      const smdpOid = readOid(fields.take('smdpOid', 0x06).value);
      const finalResult = fields.take('finalResult', 0xa2);
      return {
        kind: 'installResult',
        signedBytes: data.raw,
        transactionId,
        notification,
        smdpOid,
        outcome: readOutcome(finalResult),
        finalResult: finalResult.raw,
        signature64,
        raw: root.raw,
      };
    }
    if (root.tag !== 0x30) throw new TlvError('TLV_UNEXPECTED_TAG', 'neither a profile installation result nor a signed notification');
    const metadata = parts.take('tbsOtherNotification', 0xbf2f);
    const signature64 = readSignatureTlv(parts.take('euiccNotificationSignature', 0x5f37).raw);
    return {
      kind: 'other',
      signedBytes: metadata.raw,
      notification: readMetadata(metadata),
      signature64,
      euiccCertificate: parts.take('euiccCertificate', 0x30).raw,
      eumCertificate: parts.take('eumCertificate', 0x30).raw,
      raw: root.raw,
    };
  });
}

/** NotificationMetadata (BF2F): what the eUICC signs for enable, disable and delete. */
export function buildNotificationMetadata(fields: NotificationMetadata): Bytes {
  const parts = [
    tlv(0x80, integerBytes(fields.seqNumber)),
    tlv(0x81, eventsValue(fields.operation === undefined ? [] : [fields.operation])),
    tlv(0x0c, utf8Bytes(fields.address)),
  ];
  if (fields.iccid !== undefined) parts.push(tlv(0x5a, iccidBytes(fields.iccid)));
  return tlv(0xbf2f, ...parts);
}

/** ProfileInstallationResultData (BF27): what the eUICC signs. */
export function buildInstallResultData(fields: {
  readonly transactionId: Bytes; readonly notification: NotificationMetadata; readonly smdpOid: string; readonly outcome: InstallOutcome;
}): Bytes {
  const { outcome } = fields;
  const result = outcome.ok
    ? tlv(0xa0, tlv(0x4f, demandSize(outcome.aid, 'the AID', 5, 16)), tlv(0x04, outcome.simaResponse))
    : tlv(
      0xa1, tlv(0x80, integerBytes(outcome.bppCommandId)), tlv(0x81, integerBytes(outcome.errorReason)),
      ...(outcome.simaResponse === undefined ? [] : [tlv(0x82, outcome.simaResponse)]),
    );
  return tlv(
    0xbf27,
    tlv(0x80, demandSize(fields.transactionId, 'the transaction id', 1, 16)),
    buildNotificationMetadata(fields.notification),
    oidTlv(fields.smdpOid),
    tlv(0xa2, result),
  );
}

export function buildInstallResult(fields: { readonly data: Bytes; readonly signature64: Bytes }): Bytes {
  return tlv(0xbf37, fields.data, signatureTlv(fields.signature64));
}

export function buildOtherSignedNotification(fields: {
  readonly metadata: Bytes; readonly signature64: Bytes; readonly euiccCertificate: Bytes; readonly eumCertificate: Bytes;
}): Bytes {
  return tlv(0x30, fields.metadata, signatureTlv(fields.signature64), fields.euiccCertificate, fields.eumCertificate);
}
