/** The operator's side of a lab: a brand's system with its certificates. */
export { callEs2plus, es2plusAgent } from './es2-client.ts';
export type { Es2plusAnswer, Es2plusClientOptions, Es2plusFunction, ExecutionStatus } from './es2-client.ts';
export { createOperatorCa, issueSmdsTlsCertificate, issueTlsCertificate } from './pki.ts';
export type { CaOptions, LeafOptions, OperatorCa, TlsKeyPair } from './pki.ts';
