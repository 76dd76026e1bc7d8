/** The link between engine and vault: what may be asked, and how it travels. */
export * from './operations.ts';
export { connectVault } from './client.ts';
export type { ConnectOptions } from './client.ts';
