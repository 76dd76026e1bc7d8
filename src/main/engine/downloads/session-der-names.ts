/**
 * Names of the elements of RSP messages by place (SGP.22 v2.2, annex H, and 5.7 for what the eUICC answers), for showing them.
 * Reading for a decision is the business of rsp/messages; a tree shown to people must also survive what those refuse.
 */
export type ValueKind =
  | 'hex' | 'utf8' | 'number' | 'unsigned' | 'version' | 'iccid' | 'imei' | 'tac' | 'eid' | 'oid' | 'boolean' | 'plmn' | 'certificate'
  | 'uiccCapability' | 'rspCapability' | 'policyRules' | 'events';

export interface Shape {
  readonly name: string;
  readonly kind?: ValueKind;
  /** Names of numbers. */
  readonly names?: Readonly<Record<number, string>>;
  /** What may stand inside, in order; a tag that comes twice takes the next shape of that tag. */
  readonly parts?: readonly (readonly [tag: number, shape: Shape])[];
  /** Shape of every element with this tag, however many. */
  readonly each?: readonly [tag: number, shape: Shape];
}

const leaf = (name: string, kind: ValueKind = 'hex', names?: Readonly<Record<number, string>>): Shape => ({ name, kind, ...(names === undefined ? {} : { names }) });
const group = (name: string, ...parts: readonly (readonly [number, Shape])[]): Shape => ({ name, parts });
const list = (name: string, tag: number, shape: Shape): Shape => ({ name, each: [tag, shape] });

const transactionId = [0x80, leaf('transactionId')] as const;
const signature = (name: string) => [0x5f37, leaf(name)] as const;
const keyIds = (name: string): Shape => list(name, 0x04, leaf('CI public key identifier'));
const certificate = (name: string) => [0x30, leaf(name, 'certificate')] as const;

const authenticateErrors = { 1: 'invalidCertificate', 2: 'invalidSignature', 3: 'unsupportedCurve', 4: 'noSessionContext', 5: 'invalidOid', 6: 'euiccChallengeMismatch', 7: 'ciPKUnknown', 127: 'undefinedError' };
const downloadErrors = { 1: 'invalidCertificate', 2: 'invalidSignature', 3: 'unsupportedCurve', 4: 'noSessionContext', 5: 'invalidTransactionId', 127: 'undefinedError' };
export const cancelReasons = { 0: 'endUserRejection', 1: 'postponed', 2: 'timeout', 3: 'pprNotAllowed', 4: 'metadataMismatch', 5: 'loadBppExecutionError', 127: 'undefinedReason' };

const info1Parts = [[0x82, leaf('svn', 'version')], [0xa9, keyIds('euiccCiPKIdListForVerification')], [0xaa, keyIds('euiccCiPKIdListForSigning')]] as const;
const info1 = group('EUICCInfo1', ...info1Parts);
const info2 = group(
  'EUICCInfo2', [0x81, leaf('profileVersion', 'version')], [0x82, leaf('svn', 'version')], [0x83, leaf('euiccFirmwareVer', 'version')],
  [0x84, group('extCardResource', [0x81, leaf('installedApplications', 'unsigned')], [0x82, leaf('freeNonVolatileMemory', 'unsigned')], [0x83, leaf('freeVolatileMemory', 'unsigned')])],
  [0x85, leaf('uiccCapability', 'uiccCapability')], [0x86, leaf('ts102241Version', 'version')], [0x87, leaf('globalplatformVersion', 'version')], [0x88, leaf('rspCapability', 'rspCapability')],
  [0xa9, keyIds('euiccCiPKIdListForVerification')], [0xaa, keyIds('euiccCiPKIdListForSigning')], [0x8b, leaf('euiccCategory', 'number', { 0: 'other', 1: 'basicEuicc', 2: 'mediumEuicc', 3: 'contactlessEuicc' })],
  [0x99, leaf('forbiddenProfilePolicyRules', 'policyRules')], [0x04, leaf('ppVersion', 'version')], [0x0c, leaf('sasAccreditationNumber', 'utf8')],
  [0xac, group('certificationDataObject', [0x80, leaf('platformLabel', 'utf8')], [0x81, leaf('discoveryBaseURL', 'utf8')])],
);
const releases = ['gsm', 'utran', 'cdma2000onex', 'cdma2000hrpd', 'cdma2000ehrpd', 'eutran', 'contactless', 'rspCrl', 'nrEpc', 'nr5gc', 'eutran5gc'];
const deviceInfo = group(
  'deviceInfo', [0x80, leaf('tac', 'tac')], [0xa1, group('deviceCapabilities', ...releases.map((name, at) => [0x80 + at, leaf(name, 'version')] as const))], [0x82, leaf('imei', 'imei')],
);
const contextParts = [[0x80, leaf('matchingId', 'utf8')], [0xa1, deviceInfo]] as const;
const serverSigned1 = group('serverSigned1', transactionId, [0x81, leaf('euiccChallenge')], [0x83, leaf('serverAddress', 'utf8')], [0x84, leaf('serverChallenge')]);
const smdpSigned2 = group('smdpSigned2', transactionId, [0x01, leaf('ccRequiredFlag', 'boolean')], [0x5f49, leaf('bppEuiccOtpk')]);
const metadataOfNotification = group(
  'notificationMetadata', [0x80, leaf('seqNumber', 'unsigned')], [0x81, leaf('profileManagementOperation', 'events')], [0x0c, leaf('notificationAddress', 'utf8')], [0x5a, leaf('iccid', 'iccid')],
);
const authenticateResponse = group(
  'AuthenticateServerResponse',
  [0xa0, group('authenticateResponseOk', [0x30, group(
    'euiccSigned1', transactionId, [0x83, leaf('serverAddress', 'utf8')], [0x84, leaf('serverChallenge')], [0xbf22, info2], [0xa0, group('ctxParamsForCommonAuthentication', ...contextParts)],
  )], signature('euiccSignature1'), certificate('euiccCertificate'), certificate('eumCertificate'))],
  [0xa1, group('authenticateResponseError', transactionId, [0x02, leaf('authenticateErrorCode', 'number', authenticateErrors)], [0x81, leaf('authenticateErrorCode', 'number', authenticateErrors)])],
);
const prepareResponse = group(
  'PrepareDownloadResponse',
  [0xa0, group('downloadResponseOk', [0x30, group('euiccSigned2', transactionId, [0x5f49, leaf('euiccOtpk')], [0x04, leaf('hashCc')])], signature('euiccSignature2'))],
  [0xa1, group('downloadResponseError', transactionId, [0x02, leaf('downloadErrorCode', 'number', downloadErrors)], [0x81, leaf('downloadErrorCode', 'number', downloadErrors)])],
);
const cancelOk = [[0x30, group('euiccCancelSessionSigned', transactionId, [0x06, leaf('smdpOid', 'oid')], [0x81, leaf('reason', 'number', cancelReasons)])], signature('euiccCancelSessionSignature')] as const;
const profileClass = { 0: 'test', 1: 'provisioning', 2: 'operational' };
const storeMetadata = group(
  'StoreMetadataRequest', [0x5a, leaf('iccid', 'iccid')], [0x91, leaf('serviceProviderName', 'utf8')], [0x92, leaf('profileName', 'utf8')], [0x93, leaf('iconType', 'number', { 0: 'jpg', 1: 'png' })], [0x94, leaf('icon')],
  [0x95, leaf('profileClass', 'number', profileClass)],
  [0xb6, list('notificationConfigurationInfo', 0x30, group('notificationConfigurationInformation', [0x80, leaf('profileManagementOperation', 'events')], [0x81, leaf('notificationAddress', 'utf8')]))],
  [0xb7, group('profileOwner', [0x80, leaf('mccMnc', 'plmn')], [0x81, leaf('gid1')], [0x82, leaf('gid2')])], [0x99, leaf('profilePolicyRules', 'policyRules')],
);
const boundPackage = group(
  'BoundProfilePackage',
  [0xbf23, group(
    'initialiseSecureChannelRequest', [0x82, leaf('remoteOpId', 'number', { 1: 'installBoundProfilePackage' })], transactionId,
    [0xa6, group('controlRefTemplate', [0x80, leaf('keyType')], [0x81, leaf('keyLength', 'unsigned')], [0x84, leaf('hostId')])], [0x5f49, leaf('smdpOtpk')], signature('smdpSign'),
  )],
  [0xa0, list('firstSequenceOf87 (ConfigureISDP)', 0x87, leaf('protected element'))], [0xa1, list('sequenceOf88 (StoreMetadata)', 0x88, leaf('element under MAC'))],
  [0xa2, list('secondSequenceOf87 (ReplaceSessionKeys)', 0x87, leaf('protected element'))], [0xa3, list('sequenceOf86 (profile elements)', 0x86, leaf('protected segment'))],
);
const installErrors = {
  1: 'incorrectInputValues', 2: 'invalidSignature', 3: 'invalidTransactionId', 4: 'unsupportedCrtValues', 5: 'unsupportedRemoteOperationType', 6: 'unsupportedProfileClass', 7: 'scp03tStructureError', 8: 'scp03tSecurityError',
  9: 'installFailedDueToIccidAlreadyExistsOnEuicc', 10: 'installFailedDueToInsufficientMemoryForProfile', 11: 'installFailedDueToInterruption', 12: 'installFailedDueToPEProcessingError', 13: 'installFailedDueToDataMismatch',
  14: 'testProfileInstallFailedDueToInvalidNaaKey', 15: 'pprNotAllowed', 127: 'installFailedDueToUnknownError',
};
const commands = { 0: 'initialiseSecureChannel', 1: 'configureISDP', 2: 'storeMetadata', 3: 'storeMetadata2', 4: 'replaceSessionKeys', 5: 'loadProfileElements' };
const installResult = group(
  'ProfileInstallationResult',
  [0xbf27, group('profileInstallationResultData', transactionId, [0xbf2f, metadataOfNotification], [0x06, leaf('smdpOid', 'oid')], [0xa2, group(
    'finalResult', [0xa0, group('successResult', [0x4f, leaf('aid')], [0x04, leaf('simaResponse')])],
    [0xa1, group('errorResult', [0x80, leaf('bppCommandId', 'number', commands)], [0x81, leaf('errorReason', 'number', installErrors)], [0x82, leaf('simaResponse')])],
  )])],
  signature('euiccSignPIR'),
);
const signedNotification = group('OtherSignedNotification', [0xbf2f, metadataOfNotification], signature('euiccNotificationSignature'), certificate('euiccCertificate'), certificate('eumCertificate'));
const pending = [[0xbf37, installResult], [0x30, signedNotification]] as const;

/** Requests and replies of one function share a tag in the ASN.1 binding; their elements do not overlap. */
const remote = [
  [0xbf39, group(
    'InitiateAuthentication', [0x81, leaf('euiccChallenge')], [0x83, leaf('smdpAddress', 'utf8')], [0xbf20, info1],
    [0xa0, group('initiateAuthenticationOk', transactionId, [0x30, serverSigned1], signature('serverSignature1'), [0x04, leaf('euiccCiPKIdToBeUsed')], certificate('serverCertificate'))],
  )],
  [0xbf3b, group(
    'AuthenticateClient', transactionId, [0xbf38, authenticateResponse],
    [0xa0, group('authenticateClientOk', transactionId, [0xbf25, storeMetadata], [0x30, smdpSigned2], signature('smdpSignature2'), certificate('smdpCertificate'))],
  )],
  [0xbf3a, group('GetBoundProfilePackage', transactionId, [0xbf21, prepareResponse], [0xa0, group('getBoundProfilePackageOk', transactionId, [0xbf36, boundPackage])])],
  [0xbf3d, group('HandleNotification', ...pending, [0xa0, group('pendingNotification', ...pending)])],
  [0xbf41, group('CancelSession', ...([[0xa0, group('cancelSessionResponseOk', ...cancelOk)], transactionId, [0xa1, group('cancelSessionResponse', [0xa0, group('cancelSessionResponseOk', ...cancelOk)])], [0x81, leaf('cancelSessionResponseError', 'number', { 5: 'invalidTransactionId', 127: 'undefinedError' })]] as const))],
] as const;

const result = (name: string): Shape => group(name, [0x80, leaf('result', 'number', { 0: 'ok', 1: 'iccidOrAidNotFound', 2: 'profileNotInExpectedState', 3: 'disallowedByPolicy', 5: 'catBusy', 127: 'undefinedError' })]);

/** Messages that can stand alone, by their tag. */
export const messageShapes: ReadonlyMap<number, Shape> = new Map<number, Shape>([
  [0xbf20, info1], [0xbf22, info2], [0xbf25, storeMetadata], [0xbf21, prepareResponse], [0xbf36, boundPackage], [0xbf38, authenticateResponse], [0xbf37, installResult], [0xbf27, installResult.parts![0]![1]], [0xbf2f, metadataOfNotification],
  ...remote,
  [0xbf40, group('AuthenticateClient (ES11)', [0xa0, group('authenticateClientOk', transactionId, [0xa1, list('eventEntries', 0x30, group('eventEntry', [0x80, leaf('eventId', 'utf8')], [0x81, leaf('rspServerAddress', 'utf8')]))])])],
  [0xbf28, group('ListNotification', [0xa0, list('notificationMetadataList', 0xbf2f, metadataOfNotification)])],
  [0xbf2b, group('RetrieveNotificationsList', [0xa0, { name: 'notificationList', parts: [...pending, ...pending, ...pending, ...pending] }])],
  [0xbf2e, group('GetEuiccChallenge', [0x80, leaf('euiccChallenge')])], [0xbf30, group('NotificationSent', [0x80, leaf('seqNumber or deleteNotificationStatus', 'unsigned')])],
  [0xbf3e, group('GetEuiccData', [0x5a, leaf('eid', 'eid')])], [0xbf3c, group('EuiccConfiguredAddresses', [0x80, leaf('defaultDpAddress', 'utf8')], [0x81, leaf('rootDsAddress', 'utf8')])],
  [0xbf31, result('EnableProfile')], [0xbf32, result('DisableProfile')], [0xbf33, result('DeleteProfile')], [0xbf34, result('EuiccMemoryReset')], [0xbf29, result('SetNickname')], [0xbf3f, result('SetDefaultDpAddress')],
  [0xbf23, boundPackage.parts![0]![1]],
  [0xa2, { name: 'RemoteProfileProvisioning', parts: remote }],
]);

/** What a plain SEQUENCE is, by the first elements in it. */
export function sequenceShape(tags: readonly number[]): Shape | undefined {
  if (tags[0] === 0xbf2f) return signedNotification;
  if (tags[0] === 0x30 && (tags[1] === 0x30 || tags[1] === 0x06) && tags.includes(0x03)) return leaf('certificate', 'certificate');
  if (tags[0] !== 0x80) return undefined;
  if (tags.includes(0x01)) return smdpSigned2;
  if (tags.includes(0xbf22)) return authenticateResponse.parts![0]![1].parts![0]![1];
  if (tags.includes(0x5f49)) return prepareResponse.parts![0]![1].parts![0]![1];
  if (tags[1] === 0x81 && tags.includes(0x83)) return serverSigned1;
  return tags[1] === 0x06 ? cancelOk[0][1] : undefined;
}
