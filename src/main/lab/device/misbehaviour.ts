/** Ways in which a test asks the virtual device to break the rules. Everything absent: the device is honest. */
export type StepName =
  | 'initiateAuthentication' | 'authenticateServer' | 'authenticateClient' | 'prepareDownload' | 'getBoundProfilePackage'
  | 'loadBoundProfilePackage' | 'handleNotification' | 'cancelSession';
export type RequestName = Extract<StepName, 'initiateAuthentication' | 'authenticateClient' | 'getBoundProfilePackage' | 'handleNotification' | 'cancelSession'>;
export type SignedObject = 'authenticateServer' | 'prepareDownload' | 'installResult' | 'otherNotification' | 'cancelSession';

export interface Misbehaviour {
  /** The device is gone before it sends this request. */
  readonly stopBefore?: RequestName;
  /** The request is sent and served, but its reply never reaches the device. */
  readonly dropReplyOf?: RequestName;
  /** One bit of this signature is wrong. */
  readonly wrongSignature?: SignedObject;
  /** euiccSigned1 carries another server challenge. */
  readonly wrongServerChallenge?: boolean;
  /** Another transaction id in the JSON request or in the signed object. */
  readonly wrongTransactionId?: 'authenticateClient' | 'getBoundProfilePackage' | 'cancelSession' | 'euiccSigned1' | 'euiccSigned2' | 'cancelSessionSigned';
  /** A one-time key of its own although the server offers to go on with the earlier one. */
  readonly ignoreOfferedOtpk?: boolean;
  /** Bit of the received bound package to invert (0 is the most significant bit of the first byte). */
  readonly flipPackageBit?: number;
  /** No handleNotification after the installation; the notification stays pending. */
  readonly keepNotification?: boolean;
  /** The notification is posted twice. */
  readonly repeatNotification?: boolean;
  /** No hash although a confirmation code is required, or a hash of zero bytes. */
  readonly hashCc?: 'absent' | 'empty';
  /** Certificates sent instead of the device's own (DER). */
  readonly euiccCertificate?: Uint8Array;
  readonly eumCertificate?: Uint8Array;
  /** CI key identifiers announced instead of the device's own, and the version. */
  readonly verificationKeyIds?: readonly Uint8Array[];
  readonly signingKeyIds?: readonly Uint8Array[];
  readonly svn?: readonly [number, number, number];
  /** EUICCInfo2 in euiccSigned1 instead of the device's own (BF22 TLV): another chip altogether. */
  readonly euiccInfo2?: Uint8Array;
  /** SM-DP+ OID in the installation result and in the cancelled session (content octets). */
  readonly smdpOid?: Uint8Array;
  /** The power is cut before this segment of the package (0 is the first). */
  readonly interruptBeforeSegment?: number;
  /** The eUICC's own refusals are posted to the server instead of being kept. */
  readonly postRefusals?: boolean;
  /** The eUICC refuses to cancel (CancelSessionResponse error arm). */
  readonly refuseCancel?: boolean;
}
