/**
 * The eUICC's side of ES8+ (SGP.22 v2.2, 5.5): takes the segments of a bound profile package one after the other,
 * checks signature, MACs, counters, sizes and order, and ends in a profile or in the error the specification names.
 */
import { concat, readAll, readOne, sameBytes, tlv, TlvError } from '../../../shared/tlv/index.ts';
import type { TlvNode } from '../../../shared/tlv/index.ts';
import type { LabCurve } from '../pki/keys.ts';
import { agree, deriveChannelKeys, verifyRaw } from './cipher.ts';
import { readMetadata, readProfile, swapNibbles } from './profile.ts';
import type { DeviceMetadata } from './profile.ts';
import { SecureChannel } from './secure-channel.ts';
import type { Opened } from './secure-channel.ts';
import { readHeader } from './segmentation.ts';

/** BppCommandId, SGP.22 v2.2, 2.5.6. */
export const BPP_COMMAND = { initialiseSecureChannel: 0, configureISDP: 1, storeMetadata: 2, storeMetadata2: 3, replaceSessionKeys: 4, loadProfileElements: 5 } as const;
/** ErrorReason, SGP.22 v2.2, 2.5.6, as far as this eUICC uses them. */
export const ERROR_REASON = {
  incorrectInputValues: 1, invalidSignature: 2, invalidTransactionId: 3, unsupportedCrtValues: 4, unsupportedRemoteOperationType: 5,
  unsupportedProfileClass: 6, scp03tStructureError: 7, scp03tSecurityError: 8, iccidAlreadyExists: 9, insufficientMemory: 10,
  interruption: 11, peProcessingError: 12, dataMismatch: 13, pprNotAllowed: 15, unknownError: 127,
} as const;

export interface ReceiverContext {
  readonly transactionId: Uint8Array;
  readonly curve: LabCurve;
  /** Public key of CERT.DPpb. */
  readonly dppbPoint: Uint8Array;
  readonly otsk: Uint8Array;
  readonly otpk: Uint8Array;
  /** 16 packed bytes. */
  readonly eid: Uint8Array;
  /** Bytes a profile package may have. */
  readonly freeMemory: number;
  readonly testProfiles: boolean;
  readonly forbiddenRules: { readonly ppr1: boolean; readonly ppr2: boolean };
  isInstalled(iccid: Uint8Array): boolean;
}

export type Received =
  | { readonly kind: 'continue' }
  /** Status words of the transport command: the element is not expected here (5.7.6). */
  | { readonly kind: 'status'; readonly sw: 0x6985 }
  | { readonly kind: 'failed'; readonly bppCommandId: number; readonly errorReason: number; readonly iccid?: Uint8Array }
  | { readonly kind: 'complete'; readonly metadata: DeviceMetadata; readonly metadataDer: Uint8Array; readonly upp: Buffer };

type Expected = 'channel' | 'configure' | 'metadata' | 'metadata segment' | 'keys or profile' | 'profile' | 'profile segment' | 'nothing';

const COMMAND_OF: Record<Expected, number> = {
  channel: BPP_COMMAND.initialiseSecureChannel, configure: BPP_COMMAND.configureISDP, metadata: BPP_COMMAND.storeMetadata,
  'metadata segment': BPP_COMMAND.storeMetadata, 'keys or profile': BPP_COMMAND.replaceSessionKeys, profile: BPP_COMMAND.loadProfileElements,
  'profile segment': BPP_COMMAND.loadProfileElements, nothing: BPP_COMMAND.loadProfileElements,
};

const GO_ON: Received = { kind: 'continue' };
const NOT_EXPECTED: Received = { kind: 'status', sw: 0x6985 };
const MAX_PROPRIETARY = 128;

export class PackageReceiver {
  #expected: Expected = 'channel';
  #channel: SecureChannel | undefined;
  /** Bytes of BF36 still to come, and of the group being read. */
  #left = 0;
  #groupLeft = 0;
  #metadataParts: Buffer[] = [];
  #metadata: DeviceMetadata | undefined;
  #profileParts: Buffer[] = [];
  #profileLength = 0;
  readonly #context: ReceiverContext;

  constructor(context: ReceiverContext) {
    this.#context = context;
  }

  /** Takes the next segment. After anything but `continue` the receiver takes no more. */
  receive(segment: Uint8Array): Received {
    const received = this.#dispatch(segment);
    if (received.kind !== 'continue') {
      this.#expected = 'nothing';
      this.#channel?.close();
      for (const part of this.#profileParts) part.fill(0);
    }
    return received;
  }

  /** Gives up in the middle, for a reason outside the package; names the command that was being processed. */
  abandon(errorReason: number): Received {
    const bppCommandId = COMMAND_OF[this.#expected];
    this.#expected = 'nothing';
    this.#channel?.close();
    for (const part of this.#profileParts) part.fill(0);
    return { kind: 'failed', bppCommandId, errorReason, iccid: this.#metadata?.iccid };
  }

  #dispatch(segment: Uint8Array): Received {
    const header = readHeader(segment);
    if (!header || this.#expected === 'nothing') return NOT_EXPECTED;
    if (this.#expected === 'channel') return this.#openChannel(segment, header.size, header.tag, header.length);
    if (segment.length > this.#left) return NOT_EXPECTED;
    this.#left -= segment.length;
    const isGroup = header.tag >= 0xa0 && header.tag <= 0xa3;
    const body = segment.subarray(isGroup ? header.size : 0);
    switch (this.#expected) {
      case 'configure':
        return header.tag === 0xa0 ? this.#configure(body, header.length) : NOT_EXPECTED;
      case 'metadata':
        return this.#openGroup(0xa1, header.tag, body, header.length, 'metadata segment');
      case 'metadata segment':
        return this.#metadataSegment(segment);
      case 'keys or profile':
        if (header.tag === 0xa2) return this.#replaceKeys(body, header.length);
        return this.#openGroup(0xa3, header.tag, body, header.length, 'profile segment');
      case 'profile':
        return this.#openGroup(0xa3, header.tag, body, header.length, 'profile segment');
      case 'profile segment':
        return this.#profileSegment(segment);
    }
  }

  #openGroup(wanted: number, tag: number, body: Uint8Array, length: number, next: Expected): Received {
    if (tag !== wanted || body.length !== 0 || length === 0 || length > this.#left) return NOT_EXPECTED;
    this.#groupLeft = length;
    this.#expected = next;
    return GO_ON;
  }

  #openChannel(segment: Uint8Array, size: number, tag: number, length: number): Received {
    if (tag !== 0xbf36) return NOT_EXPECTED;
    const request = segment.subarray(size);
    if (request.length > length || readHeader(request)?.tag !== 0xbf23) return NOT_EXPECTED;
    this.#left = length - request.length;
    const parts = initialiseRequest(request);
    const fail = (errorReason: number): Received => ({ kind: 'failed', bppCommandId: BPP_COMMAND.initialiseSecureChannel, errorReason });
    if (!parts) return fail(ERROR_REASON.incorrectInputValues);
    const { operation, transactionId, template, otpk, signature } = parts;
    const context = this.#context;
    const signed = concat(operation.raw, transactionId.raw, template.raw, otpk.raw, tlv(0x5f49, context.otpk));
    if (!verifyRaw(context.curve, context.dppbPoint, signed, signature.value)) return fail(ERROR_REASON.invalidSignature);
    if (operation.value.length !== 1 || operation.value[0] !== 1) return fail(ERROR_REASON.unsupportedRemoteOperationType);
    if (!sameBytes(transactionId.value, context.transactionId)) return fail(ERROR_REASON.invalidTransactionId);
    const hostId = hostIdOf(template);
    if (!hostId) return fail(ERROR_REASON.unsupportedCrtValues);
    const secret = agree(context.curve, context.otsk, otpk.value);
    if (!secret) return fail(ERROR_REASON.incorrectInputValues);
    this.#channel = new SecureChannel(deriveChannelKeys(secret, hostId, context.eid));
    secret.fill(0);
    this.#expected = 'configure';
    return GO_ON;
  }

  #open(segment: Uint8Array, tag: 0x86 | 0x87 | 0x88, bppCommandId: number): { plain: Buffer } | { failed: Received } {
    const header = readHeader(segment);
    const opened: Opened = header?.tag === tag && header.size + header.length === segment.length
      ? this.#channel!.open(segment, tag)
      : { ok: false, fault: 'structure' };
    if (opened.ok) return { plain: opened.plain };
    const errorReason = opened.fault === 'structure' ? ERROR_REASON.scp03tStructureError : ERROR_REASON.scp03tSecurityError;
    return { failed: { kind: 'failed', bppCommandId, errorReason, iccid: this.#metadata?.iccid } };
  }

  #configure(body: Uint8Array, length: number): Received {
    // SM-DP+ proprietary data has at most 128 bytes, so there is exactly one segment.
    const bppCommandId = BPP_COMMAND.configureISDP;
    if (body.length !== length) return { kind: 'failed', bppCommandId, errorReason: ERROR_REASON.scp03tStructureError };
    const opened = this.#open(body, 0x87, bppCommandId);
    if ('failed' in opened) return opened.failed;
    if (!isConfigureRequest(opened.plain)) return { kind: 'failed', bppCommandId, errorReason: ERROR_REASON.incorrectInputValues };
    this.#expected = 'metadata';
    return GO_ON;
  }

  #metadataSegment(segment: Uint8Array): Received {
    if (segment.length > this.#groupLeft) return NOT_EXPECTED;
    this.#groupLeft -= segment.length;
    const opened = this.#open(segment, 0x88, this.#metadataParts.length === 0 ? BPP_COMMAND.storeMetadata : BPP_COMMAND.storeMetadata2);
    if ('failed' in opened) return opened.failed;
    this.#metadataParts.push(opened.plain);
    return this.#groupLeft > 0 ? GO_ON : this.#storeMetadata();
  }

  #storeMetadata(): Received {
    const metadata = readMetadata(Buffer.concat(this.#metadataParts));
    const fail = (errorReason: number): Received => ({ kind: 'failed', bppCommandId: BPP_COMMAND.storeMetadata, errorReason, iccid: metadata?.iccid });
    if (!metadata) return fail(ERROR_REASON.incorrectInputValues);
    const { testProfiles, forbiddenRules } = this.#context;
    if (metadata.profileClass === 'test' && !testProfiles) return fail(ERROR_REASON.unsupportedProfileClass);
    if (this.#context.isInstalled(metadata.iccid)) return fail(ERROR_REASON.iccidAlreadyExists);
    const hasRules = metadata.ppr1 || metadata.ppr2;
    if ((hasRules && !metadata.hasOwner) || (metadata.ppr1 && forbiddenRules.ppr1) || (metadata.ppr2 && forbiddenRules.ppr2)) {
      return fail(ERROR_REASON.pprNotAllowed);
    }
    this.#metadata = metadata;
    this.#expected = 'keys or profile';
    return GO_ON;
  }

  #replaceKeys(body: Uint8Array, length: number): Received {
    const bppCommandId = BPP_COMMAND.replaceSessionKeys;
    const fail = (errorReason: number): Received => ({ kind: 'failed', bppCommandId, errorReason, iccid: this.#metadata?.iccid });
    if (body.length !== length) return fail(ERROR_REASON.scp03tStructureError);
    const opened = this.#open(body, 0x87, bppCommandId);
    if ('failed' in opened) return opened.failed;
    const keys = replacementKeys(opened.plain);
    opened.plain.fill(0);
    if (!keys) return fail(ERROR_REASON.incorrectInputValues);
    this.#channel!.replaceKeys(keys);
    this.#expected = 'profile';
    return GO_ON;
  }

  #profileSegment(segment: Uint8Array): Received {
    if (segment.length > this.#groupLeft) return NOT_EXPECTED;
    this.#groupLeft -= segment.length;
    const opened = this.#open(segment, 0x86, BPP_COMMAND.loadProfileElements);
    if ('failed' in opened) return opened.failed;
    this.#profileParts.push(opened.plain);
    this.#profileLength += opened.plain.length;
    if (this.#profileLength > this.#context.freeMemory) return this.#refuseProfile(ERROR_REASON.insufficientMemory);
    return this.#groupLeft > 0 ? GO_ON : this.#install();
  }

  #install(): Received {
    if (this.#left !== 0) return NOT_EXPECTED;
    const upp = Buffer.concat(this.#profileParts);
    const metadata = this.#metadata!;
    const profile = readProfile(upp);
    // A card ignores the header's ICCID (5.5.5); the lab does not, because a package that names another profile is a mix-up.
    const sameProfile = profile.ok && profile.headerIccid !== undefined && sameBytes(swapNibbles(profile.headerIccid), metadata.iccid);
    if (sameProfile) return { kind: 'complete', metadata, metadataDer: Buffer.concat(this.#metadataParts), upp };
    upp.fill(0);
    return this.#refuseProfile(profile.ok ? ERROR_REASON.dataMismatch : ERROR_REASON.peProcessingError);
  }

  #refuseProfile(errorReason: number): Received {
    return { kind: 'failed', bppCommandId: BPP_COMMAND.loadProfileElements, errorReason, iccid: this.#metadata?.iccid };
  }
}

interface InitialiseRequest { operation: TlvNode; transactionId: TlvNode; template: TlvNode; otpk: TlvNode; signature: TlvNode }

function initialiseRequest(der: Uint8Array): InitialiseRequest | undefined {
  return lenient(() => {
    const nodes = readAll(readOne(der, 0xbf23, { strict: true }).value, { strict: true });
    const [operation, transactionId, template, otpk, signature] = nodes;
    if (!operation || !transactionId || !template || !otpk || !signature || nodes.length !== 5) return undefined;
    const tags = nodes.map((node) => node.tag);
    if (![0x82, 0x80, 0xa6, 0x5f49, 0x5f37].every((tag, i) => tags[i] === tag)) return undefined;
    return { operation, transactionId, template, otpk, signature };
  });
}

/** Host id of a control reference template with key type AES and key length 16; undefined for any other (5.5.1). */
function hostIdOf(template: TlvNode): Uint8Array | undefined {
  return lenient(() => {
    const [type, length, host, ...more] = readAll(template.value, { strict: true });
    if (more.length || type?.tag !== 0x80 || length?.tag !== 0x81 || host?.tag !== 0x84) return undefined;
    if (!sameBytes(type.value, Uint8Array.of(0x88)) || !sameBytes(length.value, Uint8Array.of(0x10))) return undefined;
    return host.value.length >= 1 && host.value.length <= 16 ? host.value : undefined;
  });
}

function isConfigureRequest(der: Uint8Array): boolean {
  return lenient(() => {
    const [data, ...more] = readAll(readOne(der, 0xbf24, { strict: true }).value, { strict: true });
    if (!data) return true;
    if (more.length || data.tag !== 0xb8 || data.raw.length > MAX_PROPRIETARY) return false;
    return readAll(data.value, { strict: true })[0]?.tag === 0x06;
  }) ?? false;
}

/** Reads a ReplaceSessionKeysRequest (5.5.4): chaining value, encryption key, MAC key, 16 bytes each. */
export function replacementKeys(der: Uint8Array): { chaining: Buffer; enc: Buffer; mac: Buffer } | undefined {
  return lenient(() => {
    const nodes = readAll(readOne(der, 0xbf26, { strict: true }).value, { strict: true });
    if (nodes.length !== 3 || !nodes.every((node, i) => node.tag === 0x80 + i && node.value.length === 16)) return undefined;
    const [chaining, enc, mac] = nodes.map((node) => Buffer.from(node.value));
    return { chaining: chaining!, enc: enc!, mac: mac! };
  });
}

/** Malformed content is an answer here, not an exception. */
function lenient<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TlvError) return undefined;
    throw error;
  }
}
