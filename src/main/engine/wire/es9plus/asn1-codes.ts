/**
 * Status codes as the integers of the ASN.1 binding (SGP.22 v2.2, 6.6.2). The binding knows fewer refusals than the JSON one:
 * what has no number of its own is undefinedError.
 */
import type { Failure } from '../../downloads/index.ts';
import type { AnsweredName } from './functions.ts';

export const UNDEFINED_ERROR = 127;

const initiateAuthentication = {
  '8.8.1/3.8': 1, // invalidDpAddress
  '8.8.3/3.1': 2, // euiccVersionNotSupportedByDp
  '8.8.2/3.1': 3, // ciPKIdNotSupported
  '8.8.4/3.7': 3,
};

const authenticateClient = {
  '8.1.2/6.1': 1, // eumCertificateInvalid
  '8.1.2/6.3': 2, // eumCertificateExpired
  '8.1.3/6.1': 3, // euiccCertificateInvalid
  '8.1.3/6.3': 4, // euiccCertificateExpired
  '8.1/6.1': 5, // euiccSignatureInvalid
  '8.2.6/3.8': 6, // matchingIdRefused
  '8.1.1/3.8': 7, // eidMismatch
  '8.2.5/4.3': 8, // noEligibleProfile
  '8.11.1/3.9': 9, // ciPKUnknown
  '8.10.1/3.9': 10, // invalidTransactionId
  '8.1/4.8': 11, // insufficientMemory
};

const getBoundProfilePackage = {
  '8.1/6.1': 1, // euiccSignatureInvalid
  '8.2.7/2.2': 2, // confirmationCodeMissing
  '8.2.7/3.8': 3, // confirmationCodeRefused
  '8.2.7/6.4': 4, // confirmationCodeRetriesExceeded
  '8.2/3.7': 5, // bppRebindingRefused
  '8.8.5/4.10': 6, // downloadOrderExpired
  '8.10.1/3.9': 95, // invalidTransactionId
};

const cancelSession = {
  '8.10.1/3.9': 1, // invalidTransactionId
  '8.1/6.1': 2, // euiccSignatureInvalid
};

export const asn1Codes: Readonly<Record<AnsweredName, Readonly<Record<string, number>>>> = { initiateAuthentication, authenticateClient, getBoundProfilePackage, cancelSession };

export function asn1Code(name: AnsweredName, failure: Pick<Failure, 'subject' | 'reason'>): number {
  return asn1Codes[name][`${failure.subject}/${failure.reason}`] ?? UNDEFINED_ERROR;
}
