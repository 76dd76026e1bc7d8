/** SGP.22 (RSP) as pure functions: messages, certificates, session cryptography, bound packages. No I/O. */
export * from './bound-package.ts';
export * from './certificate-chain.ts';
export * from './certificates.ts';
export * from './cmac.ts';
export * from './crl.ts';
export * from './curves.ts';
export * from './digits.ts';
export * from './errors.ts';
export * from './messages/index.ts';
export * from './metadata.ts';
export * from './private-key.ts';
export * from './replay.ts';
export * from './scp03t.ts';
export * from './session-keys.ts';
export { readOid, oidValue } from './asn1.ts';
export type { Bytes } from './asn1.ts';
