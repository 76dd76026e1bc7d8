/** Binding a prepared profile to one eUICC (SGP.22 v2.2, 2.5.3 and 5.5), and once more for a retry (5.6.2). */
import type { KeyObject } from 'node:crypto';
import { concat, sameBytes } from '../../shared/tlv/index.ts';
import {
  assembleBoundPackage, bindSegments, CONFIGURE_ISDP_PLAIN, decodeSegments, encodeSegments, initialiseSecureChannel,
  initialiseSecureChannelToSign, RspError,
} from '../rsp/index.ts';
import type { BoundSegments, Curve } from '../rsp/index.ts';
import { packageDigest, personalise, SaipError, writeLate } from '../saip/index.ts';
import type { CompiledTemplate } from '../saip/index.ts';
import { VaultError } from '../vault-link/operations.ts';
import type { OperationInput, OperationOutput } from '../vault-link/operations.ts';
import { drawScalar } from './key-material.ts';
import { profileContext } from './personalising.ts';
import type { KeyProvider } from './provider.ts';
import type { RandomBytes } from './random.ts';
import { open, openProfile, seal } from './sealing.ts';

export interface BindParts {
  readonly compiled: CompiledTemplate;
  /** Opened key of the profile's batch. */
  readonly batchKey: KeyObject;
  readonly keptKey: KeyObject;
  readonly provider: KeyProvider;
  readonly random: RandomBytes;
}

/**
 * Rebuilds the package, proves it is the one that was prepared, and binds it. The one-time private key, the package in
 * clear and the session keys are zeroed before this returns. Throws {@link VaultError} PACKAGE_DIGEST_MISMATCH,
 * SEAL_BROKEN, KEY_UNKNOWN, KEY_USE_REFUSED or VAULT_INPUT_INVALID.
 */
export function bindProfile(parts: BindParts, input: OperationInput<'bind'>): OperationOutput<'bind'> {
  const { compiled, provider, random } = parts;
  demandSigner(provider, input.signingKeyId, input.curve);
  const upp = new Uint8Array(compiled.size);
  const otskDp = drawScalar(input.curve, random);
  const ppk = input.protection === 'profile-keys' ? { macChaining: random(16), enc: random(16), mac: random(16) } : undefined;
  try {
    rebuild(parts, input, upp);
    return refusing(() => {
      const { segments, otpkDp } = bindSegments({
        curve: input.curve, transactionId: input.transactionId, eid: input.eid, hostId: input.hostId, otskDp,
        euiccOtpk: input.euiccOtpk, configureIsdp: CONFIGURE_ISDP_PLAIN, metadata: input.metadata, upp,
        protection: ppk ? { ppk } : 'session-keys',
      });
      const kept = { curve: input.curve, otpkDp, euiccOtpk: input.euiccOtpk, hostId: input.hostId, segments };
      return {
        boundPackage: signAndAssemble(provider, input.signingKeyId, input.transactionId, kept),
        otpkDp,
        kept: seal(parts.keptKey, keptContext(input.keepFor), encodeKept(kept), random),
      };
    });
  } finally {
    otskDp.fill(0);
    upp.fill(0);
    if (ppk) for (const key of Object.values(ppk)) key.fill(0);
  }
}

/** The kept segments under a new transaction id and signature. Refuses other one-time keys than those they were made for. */
export function rebindProfile(parts: Pick<BindParts, 'keptKey' | 'provider'>, input: OperationInput<'rebind'>): OperationOutput<'rebind'> {
  const octets = open(parts.keptKey, keptContext(input.keepFor), input.kept);
  return refusing(() => {
    const kept = decodeKept(octets);
    demandSigner(parts.provider, input.signingKeyId, kept.curve);
    for (const name of ['otpkDp', 'euiccOtpk', 'hostId'] as const) {
      if (!sameBytes(kept[name], input[name])) throw new VaultError('VAULT_INPUT_INVALID', `${name} is not the one this package was bound with`);
    }
    return { boundPackage: signAndAssemble(parts.provider, input.signingKeyId, input.transactionId, kept) };
  });
}

function demandSigner(provider: KeyProvider, keyId: string, curve: Curve): void {
  const key = provider.find(keyId);
  if (key.use !== 'dppb') throw new VaultError('KEY_USE_REFUSED', 'a package is signed with a profile package binding key (dppb) only');
  if (key.curve !== curve) throw new VaultError('KEY_USE_REFUSED', `the signing key is on ${key.curve}, the device's one-time key on ${curve}`);
}

function rebuild({ compiled, batchKey }: BindParts, input: OperationInput<'bind'>, upp: Uint8Array): void {
  const slotBytes = openProfile(batchKey, profileContext(input.iccid, input.template), input.sealed);
  try {
    if (slotBytes.length !== compiled.slotBytesLength || !sameBytes(packageDigest(compiled, slotBytes), input.expectedDigest)) {
      throw new VaultError('PACKAGE_DIGEST_MISMATCH', 'the rebuilt profile package is not the one that was prepared; nothing was bound');
    }
    personalise(compiled, slotBytes, upp, 0);
    if (compiled.lateBytesLength > 0) writeLate(compiled, lateBytes(compiled, input.late ?? {}), upp, 0);
  } finally {
    slotBytes.fill(0);
  }
  const unknown = Object.keys(input.late ?? {}).find((name) => !compiled.slots.some((slot) => slot.late && slot.name === name));
  if (unknown !== undefined) throw new VaultError('VAULT_INPUT_INVALID', 'a roaming list is given for which the template has no late slot');
}

/** Late slots that are not given keep what the template has in them. */
function lateBytes(compiled: CompiledTemplate, given: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const out = new Uint8Array(compiled.lateBytesLength);
  for (const slot of compiled.slots) {
    if (!slot.late) continue;
    const from = slot.writes[0]!.offset;
    const value = Object.hasOwn(given, slot.name) ? given[slot.name]! : compiled.base.subarray(from, from + slot.length);
    if (value.length !== slot.length) throw new VaultError('VAULT_INPUT_INVALID', `the list for ${slot.name} must have ${slot.length} octets`);
    out.set(value, slot.at);
  }
  return out;
}

interface Kept {
  readonly curve: Curve;
  readonly otpkDp: Uint8Array;
  readonly euiccOtpk: Uint8Array;
  readonly hostId: Uint8Array;
  readonly segments: BoundSegments;
}

function signAndAssemble(provider: KeyProvider, keyId: string, transactionId: Uint8Array, kept: Kept): Uint8Array {
  const head = { transactionId, hostId: kept.hostId, otpkDp: kept.otpkDp };
  const signature = provider.sign(keyId, initialiseSecureChannelToSign({ ...head, euiccOtpk: kept.euiccOtpk }));
  return assembleBoundPackage(initialiseSecureChannel({ ...head, signature }), kept.segments);
}

const keptContext = (keepFor: string): readonly string[] => ['kept package', keepFor];

/** Version 1 (1 octet), curve (1), otPK.DP (65), otPK.EUICC (65), length of hostId (1), hostId, segments. No key is in it. */
function encodeKept({ curve, otpkDp, euiccOtpk, hostId, segments }: Kept): Uint8Array {
  return concat(Uint8Array.of(1, curve === 'P-256' ? 0 : 1), otpkDp, euiccOtpk, Uint8Array.of(hostId.length), hostId, encodeSegments(segments));
}

function decodeKept(octets: Uint8Array): Kept {
  const hostEnd = 133 + (octets[132] ?? 0);
  if (octets[0] !== 1 || octets[1]! > 1 || octets.length <= hostEnd) {
    throw new VaultError('SEAL_BROKEN', 'the kept package was written by another version of the vault');
  }
  return {
    curve: octets[1] === 0 ? 'P-256' : 'brainpoolP256r1',
    otpkDp: octets.subarray(2, 67), euiccOtpk: octets.subarray(67, 132), hostId: octets.subarray(133, hostEnd),
    segments: decodeSegments(octets.subarray(hostEnd)),
  };
}

/** What the RSP layer refuses is the caller's input; its sentences hold no secret. */
function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RspError || error instanceof SaipError) throw new VaultError('VAULT_INPUT_INVALID', error.message);
    throw error;
  }
}
