/**
 * The ASN.1 binding of ES9+ from the device's side (SGP.22 v2.2, 6.6), written a second time so that the SM-DP+ meets a coder
 * that is not its own. Members are base64 text, as in the JSON binding.
 */
import { fromHex, readAll, readInteger, readOne, tlv, TlvError, toHex, utf8Bytes } from '../../../shared/tlv/index.ts';
import type { TlvNode } from '../../../shared/tlv/index.ts';
import type { Es9Function, Es9Reply } from './es9-client.ts';

export const ASN1_CONTENT_TYPE = 'application/x-gsma-rsp-asn1';
export const ASN1_PATH = '/gsma/rsp2/asn1';

const FUNCTION_TAG: Readonly<Record<Es9Function | 'handleNotification', number>> = {
  initiateAuthentication: 0xbf39, authenticateClient: 0xbf3b, getBoundProfilePackage: 0xbf3a, handleNotification: 0xbf3d, cancelSession: 0xbf41,
};

/** Members of the `A0` arm in their order, with their tags. */
const OK_MEMBERS: Readonly<Record<Es9Function, readonly (readonly [name: string, tag: number])[]>> = {
  initiateAuthentication: [['transactionId', 0x80], ['serverSigned1', 0x30], ['serverSignature1', 0x5f37], ['euiccCiPKIdToBeUsed', 0x04], ['serverCertificate', 0x30]],
  authenticateClient: [['transactionId', 0x80], ['profileMetadata', 0xbf25], ['smdpSigned2', 0x30], ['smdpSignature2', 0x5f37], ['smdpCertificate', 0x30]],
  getBoundProfilePackage: [['transactionId', 0x80], ['boundProfilePackage', 0xbf36]],
  cancelSession: [],
};

/** What the integers of the `81` arm mean: name, and the code the JSON binding would have answered. */
const ERRORS: Readonly<Record<Es9Function, Readonly<Record<number, readonly [name: string, subject: string, reason: string]>>>> = {
  initiateAuthentication: {
    1: ['invalidDpAddress', '8.8.1', '3.8'], 2: ['euiccVersionNotSupportedByDp', '8.8.3', '3.1'], 3: ['ciPKIdNotSupported', '8.8.2', '3.1'],
  },
  authenticateClient: {
    1: ['eumCertificateInvalid', '8.1.2', '6.1'], 2: ['eumCertificateExpired', '8.1.2', '6.3'], 3: ['euiccCertificateInvalid', '8.1.3', '6.1'],
    4: ['euiccCertificateExpired', '8.1.3', '6.3'], 5: ['euiccSignatureInvalid', '8.1', '6.1'], 6: ['matchingIdRefused', '8.2.6', '3.8'],
    7: ['eidMismatch', '8.1.1', '3.8'], 8: ['noEligibleProfile', '8.2.5', '4.3'], 9: ['ciPKUnknown', '8.11.1', '3.9'],
    10: ['invalidTransactionId', '8.10.1', '3.9'], 11: ['insufficientMemory', '8.1', '4.8'],
  },
  getBoundProfilePackage: {
    1: ['euiccSignatureInvalid', '8.1', '6.1'], 2: ['confirmationCodeMissing', '8.2.7', '2.2'], 3: ['confirmationCodeRefused', '8.2.7', '3.8'],
    4: ['confirmationCodeRetriesExceeded', '8.2.7', '6.4'], 5: ['bppRebindingRefused', '8.2', '3.7'], 6: ['downloadOrderExpired', '8.8.5', '4.10'],
    95: ['invalidTransactionId', '8.10.1', '3.9'],
  },
  cancelSession: { 1: ['invalidTransactionId', '8.10.1', '3.9'], 2: ['euiccSignatureInvalid', '8.1', '6.1'] },
};
/** undefinedError has no code of the JSON binding. */
const UNDEFINED = ['undefinedError', '0', '127'] as const;

const decoded = (body: Readonly<Record<string, string>>, member: string): Uint8Array => Uint8Array.from(Buffer.from(body[member] ?? '', 'base64'));

/** CancelSessionRequestEs9 is tagged automatically: [1] stands where the eUICC wrote `BF41`. */
function asSecondMember(response: Uint8Array): Uint8Array {
  return tlv(0xa1, readOne(response, 0xbf41).value);
}

/** RemoteProfileProvisioningRequest; the members as the JSON binding carries them. */
export function encodeAsn1Request(name: Es9Function | 'handleNotification', body: Readonly<Record<string, string>>): Uint8Array {
  const transaction = (): Uint8Array => tlv(0x80, fromHex(body['transactionId'] ?? ''));
  const parts = ((): Uint8Array[] => {
    switch (name) {
      case 'initiateAuthentication': return [tlv(0x81, decoded(body, 'euiccChallenge')), tlv(0x83, utf8Bytes(body['smdpAddress'] ?? '')), decoded(body, 'euiccInfo1')];
      case 'authenticateClient': return [transaction(), decoded(body, 'authenticateServerResponse')];
      case 'getBoundProfilePackage': return [transaction(), decoded(body, 'prepareDownloadResponse')];
      case 'cancelSession': return [transaction(), asSecondMember(decoded(body, 'cancelSessionResponse'))];
      case 'handleNotification': return [tlv(0xa0, decoded(body, 'pendingNotification'))];
    }
  })();
  return tlv(0xa2, tlv(FUNCTION_TAG[name], ...parts));
}

type Broken = Extract<Es9Reply, { kind: 'broken' }>;
const malformed = (name: string, why: string): Broken => ({ kind: 'broken', code: 'BAD_REPLY', message: `${name}: ${why}` });

/** RemoteProfileProvisioningResponse of a function; nothing more and nothing less than the type names may be in it. */
export function decodeAsn1Reply(name: Es9Function, der: Uint8Array): Es9Reply {
  let arm: TlvNode;
  let found: TlvNode[];
  try {
    arm = readOne(readOne(readOne(der, 0xa2, { strict: true }).value, FUNCTION_TAG[name], { strict: true }).value, undefined, { strict: true });
    found = arm.tag === 0xa0 ? readAll(arm.value, { strict: true }) : [];
    if (arm.tag === 0x81) {
      const number = readInteger(arm.value);
      const [text, subjectCode, reasonCode] = ERRORS[name][number] ?? UNDEFINED;
      return { kind: 'failed', subjectCode, reasonCode, message: `${text} (${number})` };
    }
  } catch (error) {
    if (error instanceof TlvError) return malformed(name, `the body is not a RemoteProfileProvisioningResponse (${error.message})`);
    throw error;
  }
  const wanted = OK_MEMBERS[name];
  if (arm.tag !== 0xa0 || found.length !== wanted.length || wanted.some(([, tag], i) => found[i]!.tag !== tag)) return malformed(name, 'the members are not those of the type');
  return { kind: 'ok', body: Object.fromEntries(wanted.map(([member], i) => [
    member, member === 'transactionId' ? toHex(found[i]!.value).toUpperCase() : Buffer.from(found[i]!.raw).toString('base64'),
  ])) };
}
