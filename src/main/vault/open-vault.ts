/** The vault's operations over one workspace folder, without the socket. */
import { createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { toHex } from '../../shared/tlv/index.ts';
import { importNames } from '../vault-link/import-rows.ts';
import type { ImportName } from '../vault-link/import-rows.ts';
import { VaultError } from '../vault-link/operations.ts';
import type { OperationInput, OperationName, OperationOutput, Vault } from '../vault-link/operations.ts';
import { bindProfile, rebindProfile } from './binding.ts';
import { checkValuesOf } from './check-values.ts';
import { sealConfirmationCode, verifyConfirmationCode } from './confirmation.ts';
import { openPrivateFolder, removeTemporaryFiles } from './files.ts';
import { openKek } from './kek.ts';
import type { Protection, ScryptCost } from './kek.ts';
import { readPrivateKey } from './key-material.ts';
import { createOutputRows } from './output-rows.ts';
import { demandSecrets, fingerprintOf, subscriberContext } from './personalising.ts';
import { sealImport } from './importing.ts';
import { createPreparation } from './preparation.ts';
import { checkedRandom } from './random.ts';
import type { RandomBytes } from './random.ts';
import { deriveWorkspaceKeys, open, seal, sealProfile } from './sealing.ts';
import { runSelfTests, selfTests } from './self-test.ts';
import { openSoftwareProvider } from './software-provider.ts';
import { checkSecrets, encodeSecrets, plainIccid } from './subscribers.ts';
import { createTemplates } from './templates.ts';
import { makeTransportKey, openTransportKey } from './transport-keys.ts';
import type { TransportKey } from './transport-keys.ts';
import { createWorkers } from './workers.ts';

export interface VaultOptions {
  /** The vault's folder; made 0700 when it is missing. */
  readonly root: string;
  /** Zeroed once used. */
  readonly passphrase?: Uint8Array | undefined;
  /** Preparation workers; 0 (the default) works in this thread. */
  readonly workers?: number | undefined;
  /** The workers' program file; without it there are none. */
  readonly workerFile?: string | undefined;
  readonly random?: RandomBytes;
  /** UTC epoch milliseconds. */
  readonly now?: () => number;
  /** Cost of a passphrase set now; stored ones carry their own. */
  readonly scryptCost?: ScryptCost;
}

type Handlers = { [N in OperationName]: (input: OperationInput<N>) => OperationOutput<N> | Promise<OperationOutput<N>> };

export interface OpenVault {
  readonly protection: Protection;
  /** Inputs must have passed the operation's schema. Throws {@link VaultError}. */
  handle<N extends OperationName>(name: N, input: OperationInput<N>): Promise<OperationOutput<N>>;
  /** Ends the workers. */
  close(): Promise<void>;
}

/**
 * Tests the primitives, opens (or makes) the workspace's keys, and is ready. Throws SelfTestFailed or StoreError, with a
 * stable code and a sentence for the operator.
 */
export function openVault(options: VaultOptions): OpenVault {
  const random = options.random ?? checkedRandom();
  const startedAt = (options.now ?? Date.now)();
  try {
    const selfTest = runSelfTests(selfTests(random));
    openPrivateFolder(options.root);
    removeTemporaryFiles(options.root);
    const { kek, protection } = openKek(options.root, options.passphrase, random, options.scryptCost);
    const keys = deriveWorkspaceKeys(kek);
    const provider = openSoftwareProvider(options.root, keys.signing, random);
    const templates = createTemplates();
    const workers = createWorkers(options.workers ?? 0, options.workerFile);
    const preparation = createPreparation({ workers, fingerprintKey: keys.fingerprint, random });
    const batchKeys = createBatchKeys(keys.batch, random);
    const outputs = createOutputRows({ transportKey: keys.transport, protection, random });

    const handlers: Handlers = {
      status: () => ({ protection, keys: provider.list().length, templates: templates.size, selfTest, startedAt }),

      generateKey: ({ use, curve }) => provider.generate(use, curve),
      importKey: ({ use, key }) => {
        const { curve, scalar } = readPrivateKey(key);
        return provider.adopt(use, curve, scalar);
      },
      sign: ({ keyId, data }) => {
        if (provider.find(keyId).use === 'tls') throw new VaultError('KEY_USE_REFUSED', 'a TLS key signs in TLS only');
        return { signature: provider.sign(keyId, data) };
      },
      releaseTlsKey: ({ keyId }) => {
        if (provider.find(keyId).use !== 'tls') throw new VaultError('KEY_USE_REFUSED', 'only TLS keys leave the vault');
        return { pkcs8: provider.release(keyId) };
      },

      createBatchKey: () => ({ batchKey: batchKeys.create() }),
      sealSubscribers: async ({ batchKey, items, strict }) => {
        const key = batchKeys.open(batchKey);
        for (const { iccid, secrets } of items) {
          checkSecrets(plainIccid(iccid), secrets);
          if (strict) demandSecrets(plainIccid(iccid), secrets);
        }
        const sealedItems: OperationOutput<'sealSubscribers'>['items'] = [];
        for (const { iccid, secrets } of items) {
          const encoded = encodeSecrets(secrets);
          const sealed = sealProfile(key, subscriberContext(iccid), encoded, random);
          encoded.fill(0);
          sealedItems.push(secrets.k ? { sealed, fingerprint: fingerprintOf(keys.fingerprint, secrets.k) } : { sealed });
          // A large import must not hold up a device's download.
          if (sealedItems.length % 100 === 0) await breathe();
        }
        return { items: sealedItems };
      },

      createTransportKey: (given) => makeTransportKey(keys.transport, given, random),
      sealImport: async ({ batchKey, keys: sealedKeys, wrapped, shared, rows, count, strict }) => {
        const known = (name: string): ImportName => {
          if (!(importNames as readonly string[]).includes(name)) throw new VaultError('VAULT_INPUT_INVALID', 'a column of the import names no secret');
          return name as ImportName;
        };
        const transportKeys: TransportKey[] = [];
        try {
          for (const { algorithm, sealed } of sealedKeys) transportKeys.push(openTransportKey(keys.transport, algorithm, sealed));
          if (wrapped.some(({ key }) => key >= transportKeys.length)) throw new VaultError('VAULT_INPUT_INVALID', 'a column of the import names no transport key');
          const plan = {
            strict: strict ?? false,
            keys: transportKeys, wrapped: wrapped.map((one) => ({ ...one, name: known(one.name) })), shared: shared.map((one) => ({ ...one, name: known(one.name) })),
          };
          return { answers: await sealImport({ batchKey: batchKeys.open(batchKey), fingerprintKey: keys.fingerprint, random }, workers, plan, rows, count) };
        } finally {
          for (const key of transportKeys) key.octets.fill(0);
        }
      },

      loadTemplate: (source) => {
        templates.load(source);
        return {};
      },
      prepare: async ({ template, batchKey, items }) => ({
        items: await preparation.prepare(templates.get(template), batchKeys.open(batchKey), items.map((item) => ({
          ...item, subscriber: item.subscriber && { sealed: item.subscriber.sealed, batchKey: batchKeys.open(item.subscriber.batchKey) },
        }))),
      }),
      bind: (input) => bindProfile({
        compiled: templates.get(input.template).compiled, batchKey: batchKeys.open(input.batchKey), keptKey: keys.kept, provider, random,
      }, input),
      checkValues: (input) => checkValuesOf(templates.get(input.template).compiled, batchKeys.open(input.batchKey), input),
      rebind: (input) => rebindProfile({ keptKey: keys.kept, provider }, input),

      openOutput: (input) => outputs.open(input),
      outputRows: async (input) => outputs.rows(input, templates.get(input.template), batchKeys.open(input.batchKey)),
      closeOutput: (input) => outputs.close(input),

      sealConfirmationCode: ({ orderId, code }) => ({ sealed: sealConfirmationCode(keys.confirmation, orderId, code, random) }),
      verifyConfirmationCode: ({ orderId, sealed, transactionId, hashCc }) => ({
        ok: verifyConfirmationCode(keys.confirmation, orderId, sealed, transactionId, hashCc),
      }),
    };

    return {
      protection,
      handle: async (name, input) => handlers[name](input),
      close: async () => workers?.close(),
    };
  } finally {
    options.passphrase?.fill(0);
  }
}

/** The vault in the caller's process, behind the interface the engine uses: for tests and measurements. */
export function vaultInProcess(vault: OpenVault): Vault {
  return { call: (name, input) => vault.handle(name, input), state: 'ready', close: () => vault.close() };
}

interface BatchKeys {
  create(): Uint8Array;
  /** Throws {@link VaultError} SEAL_BROKEN. */
  open(batchKey: Uint8Array): KeyObject;
}

const OPENED = 256;

/** Batch keys: random, sealed under the workspace's key for them; the ones in use stay opened. */
function createBatchKeys(sealingKey: KeyObject, random: RandomBytes): BatchKeys {
  const opened = new Map<string, KeyObject>();
  return {
    create: () => {
      const key = random(32);
      try {
        return seal(sealingKey, ['batch key'], key, random);
      } finally {
        key.fill(0);
      }
    },
    open: (batchKey) => {
      // A damaged blob must not become a map key of any size.
      if (batchKey.length > 128) throw new VaultError('SEAL_BROKEN', 'the sealed batch key is damaged');
      const name = toHex(batchKey);
      const known = opened.get(name);
      if (known) return known;
      const octets = open(sealingKey, ['batch key'], batchKey);
      try {
        const key = createSecretKey(octets);
        if (opened.size >= OPENED) opened.delete(opened.keys().next().value!);
        opened.set(name, key);
        return key;
      } finally {
        octets.fill(0);
      }
    },
  };
}
