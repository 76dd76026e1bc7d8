/** What a chip reports about an installation (SGP.22 v2.2, 2.5.6), and why a device gives a session up (5.7.14). */

export interface InstallMeaning {
  readonly reason: number;
  readonly name: string;
  readonly cause: string;
  readonly action: string;
  /** The same order can simply be tried again. */
  readonly retryable: boolean;
}

const row = (reason: number, name: string, cause: string, action: string, retryable = false): InstallMeaning => ({ reason, name, cause, action, retryable });

const mixedUp = 'The package was corrupted or sessions were mixed up';
const checkBuilder = 'Try once more; then check how packages are built';
const notAccepted = 'The chip does not accept this kind of package';
const wrongClass = 'Look for a wrong template or a test/live class mix';
const broken = 'Encryption or MAC of the package is wrong';
const stopBatch = 'A fault on our side or a key mismatch: stop the batch';

export const installMeanings: readonly InstallMeaning[] = [
  row(1, 'incorrectInputValues', mixedUp, checkBuilder),
  row(2, 'invalidSignature', mixedUp, checkBuilder),
  row(3, 'invalidTransactionId', mixedUp, checkBuilder),
  row(4, 'unsupportedCrtValues', notAccepted, wrongClass),
  row(5, 'unsupportedRemoteOperationType', notAccepted, wrongClass),
  row(6, 'unsupportedProfileClass', notAccepted, wrongClass),
  row(7, 'scp03tStructureError', broken, stopBatch),
  row(8, 'scp03tSecurityError', broken, stopBatch),
  row(9, 'installFailedDueToIccidAlreadyExistsOnEuicc', 'The user already has this profile', 'Have it switched on; no new profile is needed'),
  row(10, 'installFailedDueToInsufficientMemoryForProfile', 'The chip has no room for this profile', 'Ask the user to delete an unused eSIM, then try the same order again', true),
  row(11, 'installFailedDueToInterruption', 'The installation was interrupted: card pulled, power lost or app closed', 'Try the same order again', true),
  row(12, 'installFailedDueToPEProcessingError', 'This chip firmware refused an element of the template', 'Mark the pair of TAC and template as incompatible'),
  row(13, 'installFailedDueToDataMismatch', 'Metadata and profile do not agree', 'A fault in the template or in personalisation'),
  row(14, 'testProfileInstallFailedDueToInvalidNaaKey', 'A test profile carries a key that is not a test key', 'Use the test values'),
  row(15, 'pprNotAllowed', 'A policy rule of the profile is not allowed on this device', 'Use a template without policy rules'),
  row(127, 'installFailedDueToUnknownError', 'The chip does not say what went wrong', 'Collect the device logs'),
];

const installByReason = new Map(installMeanings.map((meaning) => [meaning.reason, meaning] as const));

/** Unknown numbers, among them 0, for which SGP.22 has no name, read like 127. */
export function explainInstall(reason: number): InstallMeaning {
  return installByReason.get(reason) ?? installByReason.get(127)!;
}

/** Part of the package an install result names (SGP.22 v2.2, 2.5.6: BppCommandId). */
export const bppCommandNames: Readonly<Record<number, string>> = {
  0: 'initialiseSecureChannel', 1: 'configureISDP', 2: 'storeMetadata', 3: 'storeMetadata2', 4: 'replaceSessionKeys', 5: 'loadProfileElements',
};

export interface CancelMeaning {
  readonly reason: number;
  readonly name: string;
  readonly cause: string;
  /** The order ends (SGP.22 v2.2, 5.6.5); the others leave it downloadable. */
  readonly terminal: boolean;
  /** Status code that stands for it towards the operator (table 32b); absent for the ones that end nothing. */
  readonly code?: string;
}

export const cancelMeanings: readonly CancelMeaning[] = [
  { reason: 0, name: 'endUserRejection', cause: 'The user said no', terminal: true, code: '8.8.5/3.8' },
  { reason: 1, name: 'postponed', cause: 'The user wants to install later', terminal: false },
  { reason: 2, name: 'timeout', cause: 'The user did not answer in time', terminal: false },
  { reason: 3, name: 'pprNotAllowed', cause: 'A policy rule of the profile is not allowed on this device', terminal: true, code: '8.2.8/1.2' },
  { reason: 4, name: 'metadataMismatch', cause: 'The metadata changed between two steps', terminal: true, code: '8.2.9/3.11' },
  { reason: 5, name: 'loadBppExecutionError', cause: 'The phone could not load the package', terminal: true, code: '8.2.10/4.2' },
  { reason: 127, name: 'undefinedReason', cause: 'The device gave up without a reason', terminal: true, code: '8/4.2' },
];

/** Unknown numbers read like 127. */
export function explainCancel(reason: number): CancelMeaning {
  return cancelMeanings.find((meaning) => meaning.reason === reason) ?? cancelMeanings[cancelMeanings.length - 1]!;
}
