/** What a virtual eUICC remembers between two uses, and its form in a file. Lab material throughout. */
import { createHash } from 'node:crypto';
import { fromHex, toHex } from '../../../shared/tlv/index.ts';
import { issueEuicc, keyIdentifier } from '../pki/index.ts';
import type { CertificateDefect, LabCurve, LabPki, Random } from '../pki/index.ts';

/** An eUICC certificate with its key under one CI; the device also verifies SM-DP+ certificates with that CI's key. */
export interface Credential {
  readonly ciKeyId: Uint8Array;
  readonly curve: LabCurve;
  readonly ciPublicPoint: Uint8Array;
  readonly certificate: Uint8Array;
  readonly eumCertificate: Uint8Array;
  readonly privateKeyPkcs8: Uint8Array;
}

export interface InstalledProfile {
  /** Digits without padding. */
  readonly iccid: string;
  /** Hexadecimal. */
  readonly aid: string;
  /** BF25 TLV. */
  readonly metadata: Uint8Array;
  state: 'disabled' | 'enabled';
  /** The profile package; absent after loading a state that was saved without packages. Holds subscriber keys. */
  readonly upp?: Buffer;
  /** SHA-256 of the package, hexadecimal. */
  readonly uppDigest: string;
  /** Of the package, in bytes. */
  readonly size: number;
  /** Which credential signs this profile's notifications. */
  readonly ciKeyId: Uint8Array;
}

export interface StoredNotification {
  readonly seqNumber: number;
  /** FQDN (and port, in a lab) of the recipient. */
  readonly address: string;
  /** PendingNotification DER. */
  readonly der: Uint8Array;
}

/** A one-time key pair of a download that has not come to an end. */
export interface UnfinishedKey {
  /** SM-DP+ OID, hexadecimal content octets. */
  readonly smdpOid: string;
  readonly curve: LabCurve;
  readonly otsk: Buffer;
  readonly otpk: Uint8Array;
}

export interface DeviceState {
  readonly eid: string;
  readonly tac: string;
  readonly imei?: string;
  readonly credentials: readonly Credential[];
  /** Bytes a profile package may have. */
  readonly freeMemory: number;
  readonly testProfiles: boolean;
  readonly forbiddenRules: { readonly ppr1: boolean; readonly ppr2: boolean };
  profiles: InstalledProfile[];
  notifications: StoredNotification[];
  unfinishedKeys: UnfinishedKey[];
  /** Sequence number of the next notification. */
  nextSeqNumber: number;
  nextAid: number;
}

export interface NewDevice {
  readonly eid: string;
  /** One credential is issued from each; the first is the preferred CI. */
  readonly pkis: readonly LabPki[];
  readonly now: Date;
  readonly random: Random;
  readonly tac?: string;
  readonly imei?: string;
  readonly freeMemory?: number;
  readonly testProfiles?: boolean;
  readonly forbiddenRules?: { readonly ppr1: boolean; readonly ppr2: boolean };
  readonly defects?: readonly CertificateDefect[];
}

/** A factory-new device with certificates from lab PKIs. */
export function createDevice(device: NewDevice): DeviceState {
  return {
    eid: device.eid, tac: device.tac ?? '35290611', imei: device.imei,
    credentials: device.pkis.map((pki) => {
      const issued = issueEuicc(pki, device.eid, device.now, { random: device.random, defects: device.defects });
      return {
        ciKeyId: keyIdentifier(pki.ci.publicPoint), curve: pki.curve, ciPublicPoint: pki.ci.publicPoint,
        certificate: issued.certificate, eumCertificate: pki.eum.certificate, privateKeyPkcs8: issued.privateKeyPkcs8,
      };
    }),
    freeMemory: device.freeMemory ?? 524_288, testProfiles: device.testProfiles ?? true,
    forbiddenRules: device.forbiddenRules ?? { ppr1: false, ppr2: false },
    profiles: [], notifications: [], unfinishedKeys: [], nextSeqNumber: 1, nextAid: 0x10,
  };
}

const VERSION = 1;
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/**
 * State as plain JSON values. Profile packages hold subscriber keys and are left out unless asked for; the digest
 * stays, so that a saved device still tells which package it holds.
 */
export function saveDevice(state: DeviceState, options: { withPackages?: boolean } = {}): unknown {
  return {
    version: VERSION, eid: state.eid, tac: state.tac, imei: state.imei, freeMemory: state.freeMemory,
    testProfiles: state.testProfiles, forbiddenRules: state.forbiddenRules, nextSeqNumber: state.nextSeqNumber, nextAid: state.nextAid,
    credentials: state.credentials.map((one) => ({
      ciKeyId: toHex(one.ciKeyId), curve: one.curve, ciPublicPoint: toHex(one.ciPublicPoint), certificate: base64(one.certificate),
      eumCertificate: base64(one.eumCertificate), privateKeyPkcs8: base64(one.privateKeyPkcs8),
    })),
    profiles: state.profiles.map(({ upp, metadata, ciKeyId, ...rest }) => ({
      ...rest, metadata: base64(metadata), ciKeyId: toHex(ciKeyId), ...(options.withPackages && upp ? { upp: base64(upp) } : {}),
    })),
    notifications: state.notifications.map((one) => ({ ...one, der: base64(one.der) })),
    unfinishedKeys: state.unfinishedKeys.map((key) => ({ smdpOid: key.smdpOid, curve: key.curve, otsk: base64(key.otsk), otpk: toHex(key.otpk) })),
  };
}

export class DeviceStateError extends Error {
  readonly code = 'DEVICE_STATE_INVALID';
  constructor(message: string) {
    super(message);
    this.name = 'DeviceStateError';
  }
}

type Fields = Record<string, unknown>;

function fields(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new DeviceStateError(`The saved device has no usable ${what}.`);
  return value as Fields;
}

function list(value: unknown, what: string): Fields[] {
  if (!Array.isArray(value)) throw new DeviceStateError(`The saved device has no list of ${what}.`);
  return value.map((one) => fields(one, what));
}

function text(from: Fields, name: string): string {
  const value = from[name];
  if (typeof value !== 'string') throw new DeviceStateError(`The saved device lacks "${name}".`);
  return value;
}

function count(from: Fields, name: string): number {
  const value = from[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new DeviceStateError(`The saved device has no valid "${name}".`);
  return value;
}

const hex = (from: Fields, name: string): Uint8Array => {
  const value = text(from, name);
  if (!/^([0-9a-f]{2})*$/i.test(value)) throw new DeviceStateError(`"${name}" of the saved device is not hexadecimal.`);
  return fromHex(value);
};
const bytes = (from: Fields, name: string): Buffer => Buffer.from(text(from, name), 'base64');

function curveOf(from: Fields): LabCurve {
  const value = text(from, 'curve');
  if (value !== 'P-256' && value !== 'brainpoolP256r1') throw new DeviceStateError(`The saved device names the unknown curve "${value}".`);
  return value;
}

/** Reads what {@link saveDevice} made; throws {@link DeviceStateError} naming the first thing that is wrong. */
export function loadDevice(saved: unknown): DeviceState {
  const root = fields(saved, 'content');
  if (root['version'] !== VERSION) throw new DeviceStateError('The saved device has another format version.');
  const eid = text(root, 'eid');
  if (!/^\d{32}$/.test(eid)) throw new DeviceStateError('The saved device has no valid EID.');
  const rules = fields(root['forbiddenRules'], 'policy rules');
  return {
    eid, tac: text(root, 'tac'), imei: root['imei'] === undefined ? undefined : text(root, 'imei'),
    freeMemory: count(root, 'freeMemory'), testProfiles: root['testProfiles'] === true,
    forbiddenRules: { ppr1: rules['ppr1'] === true, ppr2: rules['ppr2'] === true },
    nextSeqNumber: count(root, 'nextSeqNumber'), nextAid: count(root, 'nextAid'),
    credentials: list(root['credentials'], 'credentials').map((one) => ({
      ciKeyId: hex(one, 'ciKeyId'), curve: curveOf(one), ciPublicPoint: hex(one, 'ciPublicPoint'), certificate: bytes(one, 'certificate'),
      eumCertificate: bytes(one, 'eumCertificate'), privateKeyPkcs8: bytes(one, 'privateKeyPkcs8'),
    })),
    profiles: list(root['profiles'], 'profiles').map((one) => ({
      iccid: text(one, 'iccid'), aid: text(one, 'aid'), metadata: bytes(one, 'metadata'), ciKeyId: hex(one, 'ciKeyId'),
      state: one['state'] === 'enabled' ? 'enabled' : 'disabled', uppDigest: text(one, 'uppDigest'), size: count(one, 'size'),
      ...(one['upp'] === undefined ? {} : { upp: bytes(one, 'upp') }),
    })),
    notifications: list(root['notifications'], 'notifications').map((one) => ({ seqNumber: count(one, 'seqNumber'), address: text(one, 'address'), der: bytes(one, 'der') })),
    unfinishedKeys: list(root['unfinishedKeys'], 'unfinished keys').map((one) => ({
      smdpOid: text(one, 'smdpOid'), curve: curveOf(one), otsk: bytes(one, 'otsk'), otpk: hex(one, 'otpk'),
    })),
  };
}

/** SHA-256 of a package, hexadecimal. */
export function packageDigest(upp: Uint8Array): string {
  return createHash('sha256').update(upp).digest('hex');
}
