/** Names of subject and reason codes (SGP.22 v2.2, 5.2.6). Codes are text: 3.10 is not 3.1. */
export const subjectNames: Readonly<Record<string, string>> = {
  '1': 'Generic', '1.1': 'Function requester', '1.2': 'Function provider', '1.3': 'Protocol', '1.3.1': 'Protocol format',
  '1.3.2': 'Protocol version', '1.6': 'Function', '8': 'eUICC remote provisioning', '8.1': 'eUICC', '8.1.1': 'EID',
  '8.1.2': 'EUM certificate', '8.1.3': 'eUICC certificate', '8.2': 'Profile', '8.2.1': 'Profile ICCID', '8.2.5': 'Profile type',
  '8.2.6': 'MatchingID', '8.2.7': 'Confirmation code', '8.2.8': 'Profile policy rules', '8.2.9': 'Profile metadata',
  '8.2.10': 'Bound profile package', '8.8': 'SM-DP+', '8.8.1': 'SM-DP+ address', '8.8.2': 'SM-DP+ security configuration',
  '8.8.3': 'Specification version number', '8.8.4': 'SM-DP+ certificate', '8.8.5': 'Download order', '8.9': 'SM-DS',
  '8.9.1': 'SM-DS address', '8.9.2': 'SM-DS security configuration', '8.9.3': 'SM-DS specification version number',
  '8.9.4': 'SM-DS certificate', '8.9.5': 'Event record', '8.10': 'RSP operation', '8.10.1': 'TransactionId', '8.11': 'GSMA CI',
  '8.11.1': 'CI public key',
};

export const reasonNames: Readonly<Record<string, string>> = {
  '1.1': 'Unknown requester', '1.2': 'Not allowed', '2.1': 'Invalid', '2.2': 'Mandatory element missing',
  '2.3': 'Conditional element missing', '3.1': 'Unsupported', '3.3': 'Already in use', '3.5': 'Invalid transition', '3.7': 'Unavailable',
  '3.8': 'Refused', '3.9': 'Unknown', '3.10': 'Invalid association', '3.11': 'Value has changed', '4.2': 'Execution error',
  '4.3': 'Stopped on warning', '4.8': 'Insufficient memory', '4.10': 'Time to live expired', '5.1': 'Inaccessible',
  '6.1': 'Verification failed', '6.3': 'Expired', '6.4': 'Maximum number of retries exceeded',
};
