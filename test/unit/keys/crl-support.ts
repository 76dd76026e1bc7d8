/** Revocation lists of a lab PKI for tests, dated by the clock of the test's world. */
import { issueCrl, labIssuer } from '../../../src/main/lab/pki/index.ts';
import type { CrlRequest, LabPki, RevokedLabCertificate } from '../../../src/main/lab/pki/index.ts';
import { parseCertificate } from '../../../src/main/rsp/index.ts';
import { fromHex } from '../../../src/shared/tlv/index.ts';
import type { World } from '../downloads/support.ts';

export const DAY = 86_400_000;
export const put = (world: World, bytes: Uint8Array | string): string => world.ctx.uploads.put(Buffer.from(bytes as Uint8Array));
export const serialOf = (certificate: Uint8Array): Uint8Array => fromHex(parseCertificate(certificate).serialHex);
const seconds = (at: number): Date => new Date(Math.floor(at / 1000) * 1000);

export const revokedNow = (world: World, certificate: Uint8Array, more: Partial<RevokedLabCertificate> = {}): RevokedLabCertificate =>
  ({ serial: serialOf(certificate), at: seconds(world.clock.now()), reason: 1, ...more });

export function listOf(world: World, pki: LabPki, revoked: readonly RevokedLabCertificate[], more: Partial<CrlRequest> = {}, who: 'ci' | 'eum' = 'ci'): Uint8Array {
  const now = world.clock.now();
  return issueCrl({ issuer: labIssuer(pki, who), curve: pki.curve, number: 1, thisUpdate: seconds(now - DAY), nextUpdate: seconds(now + 30 * DAY), revoked, ...more });
}

export interface ImportedCrl {
  crl: { id: number; number: string; revoked: number; issuerKeyId: string; role: string; identities: string[]; state: string; nextUpdate: number };
  state: string; newlyRevoked: number; ours: string[]; warnings: string[];
}
export const importCrl = (world: World, bytes: Uint8Array | string): Promise<ImportedCrl> => world.engine.ok<ImportedCrl>('pki.importCrl' as never, { crl: put(world, bytes) });
export const refusedCrl = (world: World, bytes: Uint8Array | string): Promise<{ code: string; message: string }> => world.engine.refused('pki.importCrl', { crl: put(world, bytes) });
