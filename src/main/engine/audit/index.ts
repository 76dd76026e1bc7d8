export { appendAlike, type AuditEntry, appendAudit, genesis, type JsonValue } from './append.ts';
export { type ChainAnswer, verifyChain } from './verify.ts';
