/**
 * Everything that may be asked of the vault. The engine passes identifiers, public keys and sealed blobs; it gets
 * signatures, sealed blobs and bound packages. Bytes travel as raw attachments of the frame, never as text.
 */
import { z } from 'zod';

// Any Uint8Array, also a Buffer or a view of shared memory.
const bytes: z.ZodType<Uint8Array, Uint8Array> = z.instanceof(Uint8Array);
const exactly = (n: number) => bytes.refine((b) => b.length === n, `must be ${n} octets`);

export const curve = z.enum(['P-256', 'brainpoolP256r1']);
export const keyUse = z.enum(['ci', 'dpauth', 'dppb', 'tls', 'audit']);

/** Secrets as they come from a stock file; each value already in its raw form (K 16 or 32 octets; OPc and OP 16, with TUAK TOPc and TOP 32; PIN as ASCII digits). */
export const subscriberSecrets = z.object({
  k: bytes.optional(), opc: bytes.optional(), op: bytes.optional(),
  pin1: bytes.optional(), pin2: bytes.optional(), puk1: bytes.optional(), puk2: bytes.optional(), adm1: bytes.optional(),
  scp80Kic: bytes.optional(), scp80Kid: bytes.optional(), scp80Kik: bytes.optional(),
  adm2: bytes.optional(), scp81Psk: bytes.optional(), scp81Dek: bytes.optional(),
  scp02Enc: bytes.optional(), scp02Mac: bytes.optional(), scp02Dek: bytes.optional(),
  scp03Enc: bytes.optional(), scp03Mac: bytes.optional(), scp03Dek: bytes.optional(),
  /** Identities of the IMS, ASCII: no secrets, kept with them. */
  impi: bytes.optional(), impu: bytes.optional(),
});
export type SubscriberSecrets = z.infer<typeof subscriberSecrets>;

export const transportAlgorithm = z.enum(['aes-128', 'aes-192', 'aes-256', '3des-2key', 'des']);
export type TransportAlgorithm = z.infer<typeof transportAlgorithm>;
/** `cbc`: IV of zeros; `cbc-23`: IV of 0x23 octets. */
export const wrappingMode = z.enum(['ecb', 'cbc', 'cbc-23']);
export type WrappingMode = z.infer<typeof wrappingMode>;
/** Whose octets the sender reverses: those that are encrypted, or those that come out. */
export const wrappingOrder = z.enum(['no', 'clear', 'encrypted']);
export type WrappingOrder = z.infer<typeof wrappingOrder>;
/** What is encrypted for a check value: AES over 16 zeros, AES over 16 octets of 01 (GlobalPlatform), DES over 8 zeros. */
export const kcvConvention = z.enum(['aes-zero', 'aes-one', 'des-zero']);
export type KcvConvention = z.infer<typeof kcvConvention>;
/** A transport key as the engine keeps it. */
export const sealedTransportKey = z.object({ algorithm: transportAlgorithm, sealed: bytes });

/** A transport key and how values are encrypted under it. */
const wrappingKey = sealedTransportKey.extend({ mode: wrappingMode, reversed: wrappingOrder });

const operation = <N extends string, I extends z.ZodType, O extends z.ZodType>(name: N, input: I, output: O, options: { repeatable: boolean }) => ({
  name, input, output,
  /** Safe to send again after the vault came back: no effect that a second run would double. */
  repeatable: options.repeatable,
});

export const operations = {
  status: operation('status', z.object({}), z.object({
    protection: z.enum(['not-protected', 'passphrase']),
    keys: z.number().int(), templates: z.number().int(),
    selfTest: z.array(z.object({ name: z.string(), ok: z.boolean() })),
    startedAt: z.number(),
  }), { repeatable: true }),

  generateKey: operation('generateKey', z.object({ use: keyUse, curve }), z.object({ keyId: z.string(), publicKey: exactly(65) }), { repeatable: false }),
  /** PKCS#8 or SEC1, DER or PEM; refused when the curve is not one of ours. The same key imported twice keeps its id. */
  importKey: operation('importKey', z.object({ use: keyUse, key: bytes }), z.object({ keyId: z.string(), curve, publicKey: exactly(65) }), { repeatable: true }),
  /** ECDSA over SHA-256 of `data`, raw r||s. Refused for keys whose use is `tls`. */
  sign: operation('sign', z.object({ keyId: z.string(), data: bytes }), z.object({ signature: exactly(64) }), { repeatable: true }),
  /** The one key that leaves: Node's TLS server needs it in its own process. Only for use `tls`. */
  releaseTlsKey: operation('releaseTlsKey', z.object({ keyId: z.string() }), z.object({ pkcs8: bytes }), { repeatable: true }),

  createBatchKey: operation('createBatchKey', z.object({}), z.object({ batchKey: bytes }), { repeatable: true }),
  /** Seals what a stock file brought; `fingerprint` is a keyed hash of K by which reuse is found. */
  sealSubscribers: operation('sealSubscribers', z.object({
    batchKey: bytes,
    items: z.array(z.object({ iccid: z.string(), secrets: subscriberSecrets })).max(5000),
    /** Refuse secrets that everybody knows, as `prepare` would: so everywhere but in the Lab. Error `SECRETS_INVALID`. */
    strict: z.boolean().optional(),
  }), z.object({ items: z.array(z.object({ sealed: bytes, fingerprint: bytes.optional() })) }), { repeatable: true }),

  /**
   * Combines XOR components (files of hexadecimal digits) to a transport key and seals it. Errors `TRANSPORT_KEY_MALFORMED`,
   * `KCV_MISMATCH`, `ALGORITHM_WEAK` (unless `weak`).
   */
  createTransportKey: operation('createTransportKey', z.object({
    algorithm: transportAlgorithm, components: z.array(z.object({ value: bytes, kcv: bytes.optional() })).min(1).max(3), kcv: bytes.optional(), weak: z.boolean(),
  }), z.object({ sealed: bytes, kcv: exactly(3), convention: kcvConvention, checked: z.boolean() }), { repeatable: true }),
  /**
   * Rows of an import, packed as `import-rows` says: columns named in `wrapped` are opened under their transport key, check
   * values are compared, and what is right is sealed. `octets` is how long the clear value must be; padding behind it is cut. A row that is not is answered with why; the others are sealed.
   */
  sealImport: operation('sealImport', z.object({
    batchKey: bytes, keys: z.array(sealedTransportKey).max(16),
    wrapped: z.array(z.object({ name: z.string().max(32), key: z.number().int().min(0).max(15), mode: wrappingMode, reversed: wrappingOrder, octets: z.number().int().min(8).max(64).optional() })).max(32),
    shared: z.array(z.object({ name: z.string().max(32), value: bytes })).max(4),
    rows: bytes, count: z.number().int().min(0).max(5000),
    /** Refuse secrets that everybody knows, as `prepare` would: so everywhere but in the Lab. */
    strict: z.boolean().optional(),
  }), z.object({ answers: bytes }), { repeatable: true }),

  /** Makes a compiled template known under its digest (32 octets); the vault checks that digest. */
  loadTemplate: operation('loadTemplate', z.object({ digest: exactly(32), base: bytes, slots: z.string() }), z.object({}), { repeatable: true }),
  /**
   * Personalises: opens the sealed subscriber (if any), makes what is missing, encodes the slots, seals them under the
   * batch key with ICCID and template digest as AAD, and records the digest the package must match for ever.
   * Error `TEMPLATE_NOT_LOADED` asks for `loadTemplate` first.
   */
  prepare: operation('prepare', z.object({
    template: exactly(32), batchKey: bytes,
    items: z.array(z.object({
      iccid: z.string(), imsi: z.string(), msisdn: z.string().optional(),
      subscriber: z.object({ sealed: bytes, batchKey: bytes }).optional(),
      /** Refuse secrets that everybody knows; so everywhere but in the Lab. */
      strict: z.boolean().optional(),
    })).max(5000),
  }), z.object({
    items: z.array(z.object({ sealed: bytes, digest: exactly(32), packageBytes: z.number().int(), fingerprint: bytes,
      /** Keys of the package were made in the vault. */
      keysMade: z.boolean().optional(),
    })),
  }), { repeatable: true }),

  /** SGP.22 v2.2, 5.5 and 2.5.3: binds the package of one profile to one eUICC. otSK.DP is erased before the answer leaves. */
  bind: operation('bind', z.object({
    iccid: z.string(), template: exactly(32), batchKey: bytes, sealed: bytes, expectedDigest: exactly(32),
    late: z.record(z.string(), bytes).optional(),
    metadata: bytes, transactionId: bytes, eid: exactly(16), hostId: bytes, curve, euiccOtpk: exactly(65),
    signingKeyId: z.string(), protection: z.enum(['session-keys', 'profile-keys']), keepFor: z.string(),
  }), z.object({ boundPackage: bytes, otpkDp: exactly(65), kept: bytes }), { repeatable: true }),
  /** The same segments again for a new transaction, re-signed (SGP.22 v2.2, 5.6.2). `keepFor` is the AAD given at `bind`. */
  rebind: operation('rebind', z.object({
    kept: bytes, keepFor: z.string(), transactionId: bytes, hostId: bytes, otpkDp: exactly(65), euiccOtpk: exactly(65), signingKeyId: z.string(),
  }), z.object({ boundPackage: bytes }), { repeatable: true }),

  /**
   * Begins an output file: `form` is the recipient's (contract, JSON), `network` and `ota` the transport keys its key columns are
   * wrapped under. Errors `WRAPPING_MISSING` (a secret would leave in the clear; `clear` asks for that, in a Lab alone).
   */
  openOutput: operation('openOutput', z.object({
    form: bytes, head: z.object({ quantity: z.number().int(), type: z.string(), batch: z.string(), customer: z.string(), keyIndex: z.string(), otaKeyIndex: z.string() }),
    clear: z.boolean(), network: wrappingKey.optional(), ota: wrappingKey.optional(),
  }), z.object({ session: z.string(), octets: bytes }), { repeatable: true }),
  /** The next rows, as octets of the file. Error `OUTPUT_UNKNOWN` after a restart of the vault: the file begins again. */
  outputRows: operation('outputRows', z.object({
    session: z.string(), template: exactly(32), batchKey: bytes,
    items: z.array(z.object({ iccid: z.string(), sealed: bytes, open: z.record(z.string(), z.string()) })).max(5000),
  }), z.object({ octets: bytes }), { repeatable: false }),
  /** Its last octets; or with `drop` none, and it is forgotten. */
  closeOutput: operation('closeOutput', z.object({ session: z.string(), drop: z.boolean() }), z.object({ octets: bytes }), { repeatable: false }),

  /** Check values (AES or triple DES over zeros, as the key is; three octets) of a prepared profile's keys. Error `TEMPLATE_NOT_LOADED` asks for `loadTemplate` first. */
  checkValues: operation('checkValues', z.object({ iccid: z.string(), template: exactly(32), batchKey: bytes, sealed: bytes }), z.object({
    values: z.array(z.object({ name: z.string(), kcv: exactly(3) })),
  }), { repeatable: true }),

  /** Seals SHA-256(code) for one order. Error `CONFIRMATION_CODE_INVALID` when empty or over 64 octets. */
  sealConfirmationCode: operation('sealConfirmationCode', z.object({ orderId: z.string(), code: bytes }), z.object({ sealed: bytes }), { repeatable: true }),
  /** hashCc = SHA-256(SHA-256(code) || transactionId), compared in constant time (SGP.22 v2.2, 5.7.5). */
  verifyConfirmationCode: operation('verifyConfirmationCode', z.object({ orderId: z.string(), sealed: bytes, transactionId: bytes, hashCc: bytes }), z.object({ ok: z.boolean() }), { repeatable: true }),
} as const;

export type Operations = typeof operations;
export type OperationName = keyof Operations;
export type OperationInput<N extends OperationName> = z.input<Operations[N]['input']>;
export type OperationOutput<N extends OperationName> = z.output<Operations[N]['output']>;

/** Codes a vault reply may carry. */
export const vaultErrors = [
  'VAULT_INPUT_INVALID', 'VAULT_LOCKED', 'KEY_UNKNOWN', 'KEY_MALFORMED', 'KEY_USE_REFUSED', 'SEAL_BROKEN', 'TEMPLATE_NOT_LOADED',
  'TEMPLATE_DIGEST_MISMATCH', 'PACKAGE_DIGEST_MISMATCH', 'SECRETS_INVALID', 'CONFIRMATION_CODE_INVALID',
  'TRANSPORT_KEY_MALFORMED', 'KCV_MISMATCH', 'ALGORITHM_WEAK', 'OUTPUT_UNKNOWN', 'WRAPPING_MISSING', 'VAULT_UNAVAILABLE', 'VAULT_INTERNAL',
] as const;
export type VaultErrorCode = (typeof vaultErrors)[number];

export class VaultError extends Error {
  readonly code: VaultErrorCode;
  constructor(code: VaultErrorCode, message: string) {
    super(message);
    this.name = 'VaultError';
    this.code = code;
  }
}

/** What the engine holds: `vault.call('sign', { keyId, data })`. Rejects with {@link VaultError} only. */
export interface Vault {
  call<N extends OperationName>(name: N, input: OperationInput<N>): Promise<OperationOutput<N>>;
  readonly state: 'ready' | 'starting' | 'unavailable';
  close(): Promise<void>;
}
