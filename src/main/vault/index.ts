/** The vault: the only place that ever sees a key or a subscriber secret. */
export { openVault, vaultInProcess } from './open-vault.ts';
export type { OpenVault, VaultOptions } from './open-vault.ts';
export { runVault } from './program.ts';
