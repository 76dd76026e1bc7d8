/** What ES2+ takes and answers (SGP.22 v2.2, 6.5.1.3 to 6.5.2.4): the schemas that check requests and describe the interface. */
import { z } from 'zod';
import type { Es2FunctionName } from './codes.ts';

/** 18 to 20 digits; a shorter one may be padded with F to 20. */
const iccid = z.string().regex(/^(?:\d{18,20}|\d{19}[Ff]|\d{18}[Ff]{2})$/)
  .describe('18 to 20 digits; 19 digits with and without the padding character F are the same profile (SGP.22 v2.2, 5.2.1)');
const eid = z.string().regex(/^\d{32}$/).describe('EID, 32 digits');
const profileType = z.string().min(1).max(64).describe('Name of a profile type');
const matchingId = z.string().regex(/^[0-9A-Z_-]{0,255}$/)
  .describe('Capital letters, digits, dashes; empty: the order is found by its EID alone (SGP.22 v2.2, 4.1.1). An underscore is taken in a Lab only.');
const smdsAddress = z.string().min(1).max(255).describe('FQDN of the SM-DS at which an event is registered');
const confirmationCode = z.string().min(1).max(256).describe('Code the end user must enter; 1 to 64 octets, kept as a sealed hash');

export const requestHeader = z.object({
  functionRequesterIdentifier: z.string().min(1).max(255).describe('Identification of the function requester'),
  functionCallIdentifier: z.string().min(1).max(255).describe('Identification of the function call. The same call again, in all its members, gets its first answer; with another body it is another call and is executed'),
}).describe('Function input header (SGP.22 v2.2, 6.5.1.3)');

export const es2Requests = {
  downloadOrder: z.object({ eid: eid.optional(), iccid: iccid.optional(), profileType: profileType.optional() }),
  confirmOrder: z.object({
    iccid, eid: eid.optional(), matchingId: matchingId.optional(), confirmationCode: confirmationCode.optional(), smdsAddress: smdsAddress.optional(),
    releaseFlag: z.boolean().describe('true: released for download at once'),
  }),
  cancelOrder: z.object({
    iccid, eid: eid.optional(), matchingId: matchingId.optional(),
    finalProfileStatusIndicator: z.enum(['Available', 'Unavailable']).describe('What becomes of the profile'),
  }),
  releaseProfile: z.object({ iccid }),
  getProfileStatus: z.object({ iccidList: z.array(z.object({ iccid })).min(1).max(1000) }),
} as const satisfies Record<Es2FunctionName, z.ZodObject>;
export type Es2Request<N extends Es2FunctionName> = z.output<(typeof es2Requests)[N]>;

const statusCodeData = z.strictObject({
  subjectCode: z.string(), reasonCode: z.string(), subjectIdentifier: z.string().optional(), message: z.string(),
});
export const successHeader = z.strictObject({ functionExecutionStatus: z.strictObject({ status: z.literal('Executed-Success') }) });
export const failureHeader = z.strictObject({ functionExecutionStatus: z.strictObject({ status: z.literal('Failed'), statusCodeData }) });
/** A failed function answers its header and nothing else. */
export const failedReply = z.strictObject({ header: failureHeader });

const replyIccid = z.string().regex(/^[0-9]{18,20}F{0,2}$/);
export const profileStates = ['UNKNOWN', 'AVAILABLE', 'ALLOCATED', 'LINKED', 'CONFIRMED', 'RELEASED', 'DOWNLOADED', 'INSTALLED', 'ERROR', 'UNAVAILABLE'] as const;
export const es2Replies = {
  downloadOrder: z.strictObject({ header: successHeader, iccid: replyIccid }),
  confirmOrder: z.strictObject({ header: successHeader, eid: eid.optional(), matchingId: z.string(), smdpAddress: z.string() }),
  cancelOrder: z.strictObject({ header: successHeader }),
  releaseProfile: z.strictObject({ header: successHeader }),
  getProfileStatus: z.strictObject({
    header: successHeader,
    profileStatusList: z.array(z.strictObject({
      iccid: replyIccid, eid: eid.optional(), acToken: z.string().optional().describe('Activation code'), state: z.enum(profileStates), lockFlag: z.boolean(),
      status_last_update_timestamp: z.string().optional(),
    })),
    completionTimestamp: z.string(),
  }),
} as const satisfies Record<Es2FunctionName, z.ZodObject>;

/**
 * What a brand's receiver gets (SGP.22 v2.2, 5.3.5 and 6.5.2.5). The header is its own: who calls is the SM-DP+, and the identifier
 * stays the same at every attempt.
 */
export const progressInfo = z.strictObject({
  header: z.strictObject({
    functionRequesterIdentifier: z.string().describe('The SM-DP+: its OID where it has one, else its address'),
    functionCallIdentifier: z.string().describe('The same at every attempt of one message: a receiver that has seen it answers as before and does nothing'),
  }),
  eid: eid.optional(),
  iccid: z.string().regex(/^[0-9]{18,20}F{0,2}$/),
  profileType: z.string(),
  timestamp: z.string().describe('2026-01-15T12:00:00Z: UTC, whole seconds'),
  notificationPointId: z.number().int().min(0).max(65_535),
  notificationPointStatus: z.strictObject({
    status: z.enum(['Executed-Success', 'Failed']), statusCodeData: statusCodeData.optional(),
  }).describe('Whether the device got past the point; SGP.22 codes where it did not'),
  resultData: z.string().optional().describe('With the point of the installation: base64 of the element finalResult (SGP.22), or of the whole signed ProfileInstallationResult where the brand is set up so'),
});

/** How a member reads when it is right: the sentence of a refusal. Never the value given. */
export const memberRules: Readonly<Record<string, string>> = {
  header: 'must be an object with functionRequesterIdentifier and functionCallIdentifier',
  'header.functionRequesterIdentifier': 'must be text of 1 to 255 characters',
  'header.functionCallIdentifier': 'must be text of 1 to 255 characters',
  iccid: 'must be text of 18 to 20 digits, padded with F or not',
  eid: 'must be text of 32 digits',
  profileType: 'must be text of 1 to 64 characters',
  matchingId: 'must be text of at most 255 capital letters, digits and dashes',
  confirmationCode: 'must be text of 1 to 64 characters',
  smdsAddress: 'must be a host name',
  releaseFlag: 'must be true or false',
  finalProfileStatusIndicator: 'must be "Available" or "Unavailable"',
  iccidList: 'must be a list of 1 to 1000 objects, each with an iccid',
};
