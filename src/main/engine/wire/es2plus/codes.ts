/**
 * From a refusal of ours to what a brand's system reads: subject and reason code of SGP.22 v2.2, 5.2.6 and 5.3, and a sentence.
 * The common codes (1.x) are those of SGP.02, to which 5.2.6.3 refers.
 */

export interface StatusCode {
  /** Dotted decimal, always text: `3.10` is not `3.1`. */
  readonly subject: string;
  readonly reason: string;
  readonly message: string;
}

export const es2FunctionNames = ['downloadOrder', 'confirmOrder', 'cancelOrder', 'releaseProfile', 'getProfileStatus'] as const;
export type Es2FunctionName = (typeof es2FunctionNames)[number];

const code = (subject: string, reason: string, message: string): StatusCode => ({ subject, reason, message });

/** Codes that mean the same whichever function is called. */
const everywhere = {
  // Tables 24, 27, 30, 32: Profile ICCID.
  PROFILE_UNKNOWN: code('8.2.1', '3.9', 'No profile with this ICCID is known.'),
  ICCID_NOT_ENTITLED: code('8.2.1', '1.2', 'The caller may not use the profile with this ICCID.'),
  PROFILE_NOT_AVAILABLE: code('8.2.1', '3.3', 'The profile with this ICCID is not available: it is in use or not for sale.'),
  PROFILE_DELIVERED: code('8.2.1', '3.3', 'The profile was downloaded to a device already.'),
  ORDER_UNKNOWN: code('8.2.1', '1.2', 'There is no open download order for this ICCID.'),
  TRANSITION_REFUSED: code('8.2.1', '1.2', 'The state of the profile does not allow this function: it was never ordered, its order has gone further, or it has ended.'),
  // Table 24: Profile Type.
  TYPE_UNKNOWN: code('8.2.5', '3.9', 'No profile type of this name is known.'),
  TYPE_NOT_ENTITLED: code('8.2.5', '1.2', 'The caller may not order this profile type.'),
  STOCK_EMPTY: code('8.2.5', '3.7', 'No profile of this profile type is available at the moment.'),
  TYPE_MISMATCH: code('8.2.5', '3.8', 'The profile with this ICCID is of another profile type.'),
  QUOTA_EXCEEDED: code('8.8.5', '3.8', 'The number of orders agreed with the caller is used up.'),
  // Table 27: EID, MatchingID, SM-DS.
  EID_REQUIRED: code('8.1.1', '2.2', 'The EID is missing; this order needs it.'),
  EID_MISMATCH: code('8.1.1', '3.10', 'Another EID is associated with this ICCID.'),
  MATCHING_ID_USED: code('8.2.6', '3.3', 'This MatchingID was used before; a MatchingID is never used twice.'),
  MATCHING_ID_REQUIRED: code('8.2.6', '2.2', 'The MatchingID of the order is missing.'),
  MATCHING_ID_MISMATCH: code('8.2.6', '3.10', 'Another MatchingID is associated with this ICCID.'),
  SMDS_UNREACHABLE: code('8.9', '5.1', 'The SM-DS address is invalid, or the SM-DS cannot be reached.'),
  SMDS_REFUSED: code('8.9', '4.2', 'The SM-DS refused to register the event.'),
  NOT_FOUND: code('8.2.1', '3.9', 'No profile with this ICCID is known.'),
  // SGP.02, common codes: the message names the parameter.
  BRAND_UNKNOWN: code('1.1', '1.1', 'The caller is not known.'),
  EID_INVALID: code('1.6', '2.1', 'The parameter eid is not a valid EID.'),
  MATCHING_ID_INVALID: code('1.6', '2.1', 'The parameter matchingId may hold capital letters, digits and dashes only, at most 255.'),
  MATCHING_ID_WEAK: code('1.6', '2.1', 'The parameter matchingId can be guessed: leave it out, or give at least 16 varied characters.'),
  CONFIRMATION_CODE_INVALID: code('1.6', '2.1', 'The parameter confirmationCode must have 1 to 64 characters.'),
  ACTIVATION_CODE_TOO_LONG: code('1.6', '2.1', 'The parameter matchingId is too long: the activation code would have more than 255 characters.'),
  EXPIRY_INVALID: code('1.2', '4.2', 'The lifetime of orders is set wrongly at the SM-DP+.'),
  INPUT_INVALID: code('1.6', '2.1', 'A parameter of the function is invalid.'),
  MEMBER_INVALID: code('1.6', '2.1', 'A parameter of the function is invalid.'),
  MEMBER_MISSING: code('1.6', '2.2', 'A mandatory parameter of the function is missing.'),
  CONDITIONAL_MISSING: code('1.6', '2.3', 'Either iccid or profileType is needed.'),
  CONFLICT: code('1.2', '4.2', 'The function met another change at the same moment; nothing was changed. Call it again.'),
  VAULT_UNAVAILABLE: code('1.2', '4.2', 'The SM-DP+ cannot reach its key store at the moment; nothing was changed. Call the function again.'),
  WORKSPACE_READ_ONLY: code('1.2', '4.2', 'The SM-DP+ cannot store anything at the moment; nothing was changed.'),
  INTERNAL: code('1.2', '4.2', 'The SM-DP+ could not finish the function; nothing was changed.'),
} as const satisfies Record<string, StatusCode>;

export type Es2Code = keyof typeof everywhere;

/** Where a function's own table says otherwise. */
const own: Readonly<Partial<Record<Es2FunctionName, Readonly<Partial<Record<Es2Code, StatusCode>>>>>> = {
  cancelOrder: {
    // Table 30 puts a different EID under the ICCID; table 27 (ConfirmOrder) under the EID.
    EID_MISMATCH: code('8.2.1', '3.10', 'Another EID is associated with this ICCID.'),
  },
  releaseProfile: {
    ORDER_UNKNOWN: code('8.2.1', '3.5', 'The profile cannot be released: there is no confirmed order for it.'),
    TRANSITION_REFUSED: code('8.2.1', '3.5', 'The profile cannot be released: its order is not confirmed, or has ended.'),
    EID_REQUIRED: code('8.2.1', '3.5', 'The profile cannot be released: the order names an SM-DS and no EID.'),
  },
};

export const es2Codes: readonly Es2Code[] = Object.keys(everywhere) as Es2Code[];

/** Status code of a refusal in one function. A code nobody put into the table is answered as a fault of ours. */
export function statusCodeOf(name: Es2FunctionName, problem: string): StatusCode {
  const known = Object.hasOwn(everywhere, problem) ? (problem as Es2Code) : 'INTERNAL';
  return own[name]?.[known] ?? everywhere[known];
}

/** Every status code a function may answer with, for its description. */
export function statusCodesOf(name: Es2FunctionName): StatusCode[] {
  const seen = new Map<string, StatusCode>();
  for (const problem of possible[name]) {
    const status = statusCodeOf(name, problem);
    const key = `${status.subject}/${status.reason}`;
    if (!seen.has(key)) seen.set(key, status);
  }
  return [...seen.values()];
}

const always: readonly Es2Code[] = ['MEMBER_INVALID', 'MEMBER_MISSING', 'INTERNAL'];
const possible: Readonly<Record<Es2FunctionName, readonly Es2Code[]>> = {
  downloadOrder: [...always, 'CONDITIONAL_MISSING', 'PROFILE_UNKNOWN', 'ICCID_NOT_ENTITLED', 'PROFILE_NOT_AVAILABLE', 'TYPE_UNKNOWN', 'TYPE_NOT_ENTITLED', 'STOCK_EMPTY', 'TYPE_MISMATCH', 'QUOTA_EXCEEDED'],
  confirmOrder: [...always, 'PROFILE_UNKNOWN', 'ICCID_NOT_ENTITLED', 'TRANSITION_REFUSED', 'EID_REQUIRED', 'EID_MISMATCH', 'MATCHING_ID_USED', 'SMDS_UNREACHABLE', 'SMDS_REFUSED'],
  cancelOrder: [...always, 'PROFILE_UNKNOWN', 'ICCID_NOT_ENTITLED', 'TRANSITION_REFUSED', 'PROFILE_DELIVERED', 'EID_REQUIRED', 'EID_MISMATCH', 'MATCHING_ID_REQUIRED', 'MATCHING_ID_MISMATCH'],
  releaseProfile: [...always, 'PROFILE_UNKNOWN', 'ICCID_NOT_ENTITLED', 'TRANSITION_REFUSED', 'SMDS_UNREACHABLE', 'SMDS_REFUSED'],
  getProfileStatus: always,
};
