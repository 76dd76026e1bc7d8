/**
 * What is kept of the messages of one ES9+ step, decoded, so that nobody who looks at it needs DER. One row of `session_messages`
 * holds `request` and `response` as JSON text. The writer leaves the secrets out: a MatchingID keeps its beginning and its length,
 * `hashCc` and signatures say that they were there, an IMEI keeps its TAC, a package is a list of segment tags and lengths. EIDs
 * and ICCIDs are kept whole: whoever shows a message masks them. Octets are lower-case hexadecimal.
 *
 * The same members whatever the binding (JSON or ASN.1). Lists a device may stretch are cut: `…` stands where more followed.
 *
 * An authenticateClient that was refused for its MatchingID:
 * ```json
 * { "function": "authenticateClient",
 *   "request": { "transactionId": "5A…", "authenticateServerResponse": { "ok": {
 *     "euiccSigned1": { "transactionId": "5a…", "serverAddress": "smdp.example.com", "serverChallenge": "00…",
 *       "euiccInfo2": { "profileVersion": "2.3.1", "svn": "2.2.0", "uiccCapability": ["usimSupport"], "freeNonVolatileMemory": 300000, "…": "…" },
 *       "ctxParams1": { "matchingId": { "start": "K7QF2", "length": 23 }, "deviceInfo": { "tac": "35290611", "releases": { "eutran": "15.0.0" }, "imei": "35290611*******" } } },
 *     "euiccSignature1": "present",
 *     "euiccCertificate": { "eid": "8904…", "subject": "…", "issuer": "…", "serial": "01", "notBefore": 0, "notAfter": 0 },
 *     "eumCertificate": { "subject": "…", "issuer": "…", "serial": "02", "notBefore": 0, "notAfter": 0 } } } },
 *   "response": { "failed": { "subject": "8.2.6", "reason": "3.8", "message": "The MatchingID is refused." } } }
 * ```
 */

/** A part that could not be decoded: how long it was, and where reading stopped. */
export interface UnreadablePart { readonly unreadable: string; readonly octets: number }

export interface MaskedMatchingId {
  /** At most 5 characters, never more than a third. */
  readonly start: string;
  readonly length: number;
}

export interface EuiccInfo1View {
  readonly svn: string;
  readonly ciPkIdsForVerification: readonly string[];
  readonly ciPkIdsForSigning: readonly string[];
}

export interface EuiccInfo2View extends EuiccInfo1View {
  readonly profileVersion: string;
  readonly firmwareVersion: string;
  /** Octets as the eUICC gave them. */
  readonly extCardResource: string;
  readonly freeNonVolatileMemory?: number;
  readonly freeVolatileMemory?: number;
  readonly uiccCapability: readonly string[];
  readonly rspCapability: readonly string[];
  readonly ts102241Version?: string;
  readonly globalplatformVersion?: string;
  readonly category?: number;
  readonly forbiddenProfilePolicyRules?: readonly string[];
  readonly ppVersion: string;
  readonly sasAccreditationNumber: string;
  readonly additionalProfileVersions?: readonly string[];
}

export interface CertificateView {
  /** Of an eUICC's certificate. */
  readonly eid?: string;
  readonly subject: string;
  readonly issuer: string;
  /** Upper-case hexadecimal. */
  readonly serial: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface InitiateAuthenticationMessage {
  readonly function: 'initiateAuthentication';
  readonly request: { readonly euiccChallenge: string; readonly euiccInfo1: EuiccInfo1View; readonly smdpAddress: string };
  readonly response: FailedView | {
    readonly transactionId: string;
    readonly serverSigned1: { readonly transactionId: string; readonly euiccChallenge: string; readonly serverAddress: string; readonly serverChallenge: string };
    readonly serverSignature1: 'present';
    readonly euiccCiPKIdToBeUsed: string;
    readonly serverCertificate: CertificateView;
  };
}

export interface AuthenticateClientMessage {
  readonly function: 'authenticateClient';
  readonly request: {
    readonly transactionId: string;
    readonly authenticateServerResponse: UnreadablePart | { readonly error: { readonly transactionId: string; readonly errorCode: number; readonly name: string } } | {
      readonly ok: {
        readonly euiccSigned1: {
          readonly transactionId: string; readonly serverAddress: string; readonly serverChallenge: string; readonly euiccInfo2: EuiccInfo2View;
          readonly ctxParams1: {
            /** Absent when the device sent none; length 0 when it sent an empty one. */
            readonly matchingId?: MaskedMatchingId;
            /** IMEI: TAC and stars. `releases`: device capabilities by name. */
            readonly deviceInfo: { readonly tac: string; readonly releases: Readonly<Record<string, string>>; readonly imei?: string };
          };
        };
        readonly euiccSignature1: 'present';
        readonly euiccCertificate: CertificateView | UnreadablePart;
        readonly eumCertificate: CertificateView | UnreadablePart;
      };
    };
  };
  readonly response: FailedView | {
    readonly transactionId: string;
    readonly profileMetadata: ProfileMetadataView;
    readonly smdpSigned2: { readonly transactionId: string; readonly ccRequiredFlag: boolean; readonly bppEuiccOtpk?: string };
    readonly smdpSignature2: 'present';
    readonly smdpCertificate: CertificateView;
  };
}

export interface ProfileMetadataView {
  readonly iccid: string;
  readonly serviceProviderName: string;
  readonly profileName: string;
  readonly profileClass: string;
  readonly policyRules: readonly string[];
  readonly owner?: string;
  readonly notificationAddresses: readonly string[];
  readonly iconBytes?: number;
}

export interface GetBoundProfilePackageMessage {
  readonly function: 'getBoundProfilePackage';
  readonly request: {
    readonly transactionId: string;
    readonly prepareDownloadResponse: UnreadablePart | { readonly error: { readonly transactionId: string; readonly errorCode: number; readonly name: string } } | {
      readonly ok: { readonly euiccSigned2: { readonly transactionId: string; readonly euiccOtpk: string; readonly hashCc?: 'present' }; readonly euiccSignature2: 'present' };
    };
  };
  readonly response: FailedView | { readonly transactionId: string; readonly boundProfilePackage: BoundProfilePackageView };
}

/** Structure of a package without its contents: a segment is its tag and the octets of the whole TLV. */
export interface BoundProfilePackageView {
  readonly octets: number;
  readonly initialiseSecureChannel: {
    readonly transactionId: string; readonly keyType: string; readonly keyLength: number; readonly hostId: string; readonly smdpOtpk: string; readonly smdpSign: 'present';
  };
  readonly segments: readonly { readonly part: 'configureISDP' | 'storeMetadata' | 'replaceSessionKeys' | 'loadProfileElements'; readonly tag: string; readonly octets: readonly number[] }[];
}

export interface HandleNotificationMessage {
  readonly function: 'handleNotification';
  readonly request: { readonly pendingNotification: ProfileInstallationResultView };
  /** Always 204 and nothing in it. */
  readonly response: Readonly<Record<string, never>>;
}

export interface ProfileInstallationResultView {
  readonly transactionId: string;
  readonly seqNumber: number;
  readonly notificationAddress: string;
  readonly iccid?: string;
  readonly smdpOid: string;
  readonly finalResult:
    | { readonly success: { readonly aid: string; readonly simaResponse: string } }
    | { readonly error: { readonly bppCommandId: number; readonly command: string; readonly errorReason: number; readonly reason: string; readonly simaResponse?: string } };
  readonly euiccSignPIR: 'present';
}

export interface CancelSessionMessage {
  readonly function: 'cancelSession';
  readonly request: {
    readonly transactionId: string;
    readonly cancelSessionResponse: UnreadablePart | { readonly error: { readonly errorCode: number } } | {
      readonly ok: { readonly transactionId: string; readonly smdpOid: string; readonly reason: number; readonly name: string; readonly euiccCancelSessionSignature: 'present' };
    };
  };
  readonly response: FailedView | Readonly<Record<string, never>>;
}

export interface FailedView { readonly failed: { readonly subject: string; readonly reason: string; readonly message: string } }

export type SessionMessage =
  | InitiateAuthenticationMessage | AuthenticateClientMessage | GetBoundProfilePackageMessage | HandleNotificationMessage | CancelSessionMessage;
