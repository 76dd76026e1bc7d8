/** EUICCInfo1 and EUICCInfo2 (SGP.22 v2.2, 5.7.8). */
import { children, integerBytes, readInteger, readOne, readUtf8, tlv, TlvError, utf8Bytes } from '../../../shared/tlv/index.ts';
import type { TlvNode } from '../../../shared/tlv/index.ts';
import { inside, namedBits, namedBitsValue, octets, outer } from '../asn1.ts';
import type { Bytes } from '../asn1.ts';
import { decoding, RspError } from '../errors.ts';

const UICC_CAPABILITIES = [
  'contactlessSupport', 'usimSupport', 'isimSupport', 'csimSupport', 'akaMilenage', 'akaCave', 'akaTuak128', 'akaTuak256',
  'usimTestAlgorithm', 'rfu2', 'gbaAuthenUsim', 'gbaAuthenISim', 'mbmsAuthenUsim', 'eapClient', 'javacard', 'multos',
  'multipleUsimSupport', 'multipleIsimSupport', 'multipleCsimSupport', 'berTlvFileSupport', 'dfLinkSupport', 'catTp',
  'getIdentity', 'profile-a-x25519', 'profile-b-p256', 'suciCalculatorApi', 'dns-resolution', 'scp11ac',
  'scp11c-authorization-mechanism', 's16mode', 'eaka', 'iotminimal',
] as const;
const RSP_CAPABILITIES = [
  'additionalProfile', 'crlSupport', 'rpmSupport', 'testProfileSupport', 'deviceInfoExtensibilitySupport', 'serviceSpecificDataSupport',
] as const;
const PPR_NAMES = ['pprUpdateControl', 'ppr1', 'ppr2'] as const;

/** SIM services by bit number (SGP.22 v2.2, 5.7.8; later bits from the profile package specification, 2.3 and up). */
export type UiccCapability = (typeof UICC_CAPABILITIES)[number];
export type RspCapability = (typeof RSP_CAPABILITIES)[number];

export interface PprIds {
  readonly pprUpdateControl: boolean;
  readonly ppr1: boolean;
  readonly ppr2: boolean;
}

export interface EuiccInfo1 {
  /** SGP.22 version the eUICC supports, e.g. `2.2.0`. */
  readonly svn: string;
  /** In the eUICC's order of preference; identifiers of any length. */
  readonly ciPkIdsForVerification: readonly Bytes[];
  readonly ciPkIdsForSigning: readonly Bytes[];
}

export interface EuiccInfo2 extends EuiccInfo1 {
  readonly profileVersion: string;
  readonly firmwareVersion: string;
  readonly extCardResource: Bytes;
  /** Octets, from tag 82 of the extended card resources (TS 102 226); absent when the eUICC does not say. */
  readonly freeNonVolatileMemory?: number;
  readonly freeVolatileMemory?: number;
  /** Empty when the eUICC sets no bit at all: then it does not say what it can. */
  readonly uiccCapability: readonly UiccCapability[];
  readonly ts102241Version?: string;
  readonly globalplatformVersion?: string;
  readonly rspCapability: readonly RspCapability[];
  readonly category?: number;
  readonly forbiddenProfilePolicyRules?: PprIds;
  readonly ppVersion: string;
  readonly sasAccreditationNumber: string;
  /** Further versions of the profile package the eUICC reads; eUICCs of later versions of SGP.22 name them. */
  readonly additionalProfileVersions?: readonly string[];
  /** Content of the two bit strings as received. */
  readonly uiccCapabilityBits: Bytes;
  readonly rspCapabilityBits: Bytes;
  /** The whole BF22 TLV as received. */
  readonly raw: Bytes;
}

function version(node: TlvNode, name: string): string {
  return octets(node, name, 3).join('.');
}

function versionBytes(text: string): Bytes {
  const parts = text.split('.').map(Number);
  if (parts.length !== 3 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) {
    throw new RspError('VALUE_INVALID', `"${text}" is not a version of three numbers`);
  }
  return Uint8Array.from(parts);
}

function keyIds(node: TlvNode): Bytes[] {
  return children(node).map((child) => {
    if (child.tag !== 0x04) throw new TlvError('TLV_UNEXPECTED_TAG', 'a CI public key identifier is not an octet string');
    return octets(child, 'CI public key identifier', 0, 64);
  });
}

function keyIdList(tag: number, ids: readonly Bytes[]): Bytes {
  return tlv(tag, ...ids.map((id) => tlv(0x04, id)));
}

/** Reads a BF20 TLV. Throws {@link RspError} `MESSAGE_MALFORMED`. */
export function parseEuiccInfo1(der: Bytes): EuiccInfo1 {
  return decoding('euiccInfo1', () => {
    const fields = inside(outer(der, 0xbf20));
    return {
      svn: version(fields.take('svn', 0x82), 'svn'),
      ciPkIdsForVerification: keyIds(fields.take('euiccCiPKIdListForVerification', 0xa9)),
      ciPkIdsForSigning: keyIds(fields.take('euiccCiPKIdListForSigning', 0xaa)),
    };
  });
}

export function buildEuiccInfo1(info: EuiccInfo1): Bytes {
  return tlv(
    0xbf20, tlv(0x82, versionBytes(info.svn)), keyIdList(0xa9, info.ciPkIdsForVerification), keyIdList(0xaa, info.ciPkIdsForSigning),
  );
}

export function readPprIds(value: Bytes): PprIds {
  const set = namedBits(value, PPR_NAMES);
  return { pprUpdateControl: set.includes('pprUpdateControl'), ppr1: set.includes('ppr1'), ppr2: set.includes('ppr2') };
}

export function pprIdsValue(ppr: Partial<PprIds>): Bytes {
  return namedBitsValue(PPR_NAMES.filter((name) => ppr[name] === true), PPR_NAMES);
}

/** Memory figures of the extended card resources; a value that is no TLV list says nothing and is no error. */
function cardResources(value: Bytes): { freeNonVolatileMemory?: number; freeVolatileMemory?: number } {
  const found: { freeNonVolatileMemory?: number; freeVolatileMemory?: number } = {};
  try {
    for (const node of children({ tag: 0x84, raw: value, value })) {
      if (node.value.length === 0 || node.value.length > 6) continue;
      // Unsigned octets: unlike an INTEGER there is no sign bit.
      const amount = node.value.reduce((sum, octet) => sum * 256 + octet, 0);
      if (node.tag === 0x82) found.freeNonVolatileMemory = amount;
      if (node.tag === 0x83) found.freeVolatileMemory = amount;
    }
    return found;
  } catch (error) {
    if (error instanceof TlvError) return {};
    throw error;
  }
}

/** Reads a BF22 TLV; elements later versions add are ignored. Throws {@link RspError} `MESSAGE_MALFORMED`. */
export function parseEuiccInfo2(der: Bytes): EuiccInfo2 {
  return decoding('euiccInfo2', () => {
    const root = readOne(der, 0xbf22);
    const first = new Map<number, TlvNode>();
    for (const node of children(root)) if (!first.has(node.tag)) first.set(node.tag, node);
    const need = (tag: number, name: string): TlvNode => {
      const node = first.get(tag);
      if (node === undefined) throw new TlvError('TLV_TRUNCATED', `${name} is missing`);
      return node;
    };
    const optional = <T>(tag: number, read: (node: TlvNode) => T): T | undefined => {
      const node = first.get(tag);
      return node === undefined ? undefined : read(node);
    };
    const extCardResource = need(0x84, 'extCardResource').value;
    return {
      profileVersion: version(need(0x81, 'profileVersion'), 'profileVersion'),
      svn: version(need(0x82, 'svn'), 'svn'),
      firmwareVersion: version(need(0x83, 'euiccFirmwareVer'), 'euiccFirmwareVer'),
      extCardResource,
      ...cardResources(extCardResource),
      uiccCapability: namedBits(need(0x85, 'uiccCapability').value, UICC_CAPABILITIES),
      uiccCapabilityBits: need(0x85, 'uiccCapability').value,
      rspCapabilityBits: need(0x88, 'rspCapability').value,
      ts102241Version: optional(0x86, (node) => version(node, 'ts102241Version')),
      globalplatformVersion: optional(0x87, (node) => version(node, 'globalplatformVersion')),
      rspCapability: namedBits(need(0x88, 'rspCapability').value, RSP_CAPABILITIES),
      ciPkIdsForVerification: keyIds(need(0xa9, 'euiccCiPKIdListForVerification')),
      ciPkIdsForSigning: keyIds(need(0xaa, 'euiccCiPKIdListForSigning')),
      category: optional(0x8b, (node) => readInteger(node.value)),
      forbiddenProfilePolicyRules: optional(0x99, (node) => readPprIds(node.value)),
      ppVersion: version(need(0x04, 'ppVersion'), 'ppVersion'),
      sasAccreditationNumber: readUtf8(octets(need(0x0c, 'sasAcreditationNumber'), 'sasAcreditationNumber', 0, 256)),
      additionalProfileVersions: optional(0xaf, (node) => children(node).map((child) => version(child, 'a profile package version'))),
      raw: root.raw,
    };
  });
}

export type EuiccInfo2Fields = Omit<EuiccInfo2, 'raw' | 'uiccCapabilityBits' | 'rspCapabilityBits' | 'freeNonVolatileMemory' | 'freeVolatileMemory'>;

/** Extended card resources with the installed applications set to 0 (SGP.22 v2.2, 5.7.8). Amounts in octets. */
export function buildExtCardResource(freeNonVolatileMemory: number, freeVolatileMemory: number): Bytes {
  const amount = (value: number): Bytes => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
  const parts = [tlv(0x81, Uint8Array.of(0)), tlv(0x82, amount(freeNonVolatileMemory)), tlv(0x83, amount(freeVolatileMemory))];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function buildEuiccInfo2(info: EuiccInfo2Fields): Bytes {
  const parts = [
    tlv(0x81, versionBytes(info.profileVersion)),
    tlv(0x82, versionBytes(info.svn)),
    tlv(0x83, versionBytes(info.firmwareVersion)),
    tlv(0x84, info.extCardResource),
    tlv(0x85, namedBitsValue(info.uiccCapability, UICC_CAPABILITIES)),
  ];
  if (info.ts102241Version !== undefined) parts.push(tlv(0x86, versionBytes(info.ts102241Version)));
  if (info.globalplatformVersion !== undefined) parts.push(tlv(0x87, versionBytes(info.globalplatformVersion)));
  parts.push(tlv(0x88, namedBitsValue(info.rspCapability, RSP_CAPABILITIES)));
  parts.push(keyIdList(0xa9, info.ciPkIdsForVerification), keyIdList(0xaa, info.ciPkIdsForSigning));
  if (info.category !== undefined) parts.push(tlv(0x8b, integerBytes(info.category)));
  if (info.forbiddenProfilePolicyRules !== undefined) parts.push(tlv(0x99, pprIdsValue(info.forbiddenProfilePolicyRules)));
  parts.push(tlv(0x04, versionBytes(info.ppVersion)), tlv(0x0c, utf8Bytes(info.sasAccreditationNumber)));
  if (info.additionalProfileVersions !== undefined) parts.push(tlv(0xaf, ...info.additionalProfileVersions.map((one) => tlv(0x04, versionBytes(one)))));
  return tlv(0xbf22, ...parts);
}
