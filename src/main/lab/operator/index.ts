/** The operator's side of a lab: a brand's system (ES2+ client, receiver of progress), an SM-DS for ES12, their certificates. */
export { startLabBss } from './bss.ts';
export type { LabBss, LabBssOptions } from './bss.ts';
export { callEs2plus, es2plusAgent } from './es2-client.ts';
export type { Es2plusAnswer, Es2plusClientOptions, Es2plusFunction, ExecutionStatus } from './es2-client.ts';
export type { ProgressInfo } from './messages.ts';
export { createOperatorCa, issueTlsCertificate } from './pki.ts';
export type { CaOptions, LeafOptions, OperatorCa, TlsKeyPair } from './pki.ts';
export type { LabServer, Misbehaviour } from './server.ts';
export { startLabSmds } from './smds.ts';
export type { LabEvent, LabSmds, LabSmdsOptions } from './smds.ts';
