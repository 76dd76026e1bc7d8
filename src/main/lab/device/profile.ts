/** What the virtual eUICC reads out of profile metadata (SGP.22 v2.2, 5.5.3) and of the profile package itself. */
import { readAll, readInteger, readOne, readUtf8, TlvError } from '../../../shared/tlv/index.ts';
import type { TlvNode } from '../../../shared/tlv/index.ts';

export type NotificationEvent = 'install' | 'enable' | 'disable' | 'delete';
export const EVENT_BITS: Record<NotificationEvent, number> = { install: 0x80, enable: 0x40, disable: 0x20, delete: 0x10 };

export interface DeviceMetadata {
  /** Ten bytes, nibbles swapped, as tag 5A carries them. */
  readonly iccid: Uint8Array;
  readonly serviceProviderName: string;
  readonly profileName: string;
  readonly profileClass: 'test' | 'provisioning' | 'operational';
  readonly notifications: readonly { readonly events: readonly NotificationEvent[]; readonly address: string }[];
  readonly hasOwner: boolean;
  readonly ppr1: boolean;
  readonly ppr2: boolean;
}

const CLASSES = ['test', 'provisioning', 'operational'] as const;
/** In the order of the type; tags from B-ranges above 99 are later additions and left alone. */
const KNOWN = [0x5a, 0x91, 0x92, 0x93, 0x94, 0x95, 0xb6, 0xb7, 0x99];

/** Reads a whole BF25 TLV; undefined when it is not a StoreMetadataRequest that this eUICC can take. */
export function readMetadata(der: Uint8Array): DeviceMetadata | undefined {
  try {
    return metadata(readAll(readOne(der, 0xbf25, { strict: true }).value, { strict: true }));
  } catch (error) {
    if (error instanceof TlvError) return undefined;
    throw error;
  }
}

function metadata(nodes: readonly TlvNode[]): DeviceMetadata | undefined {
  const known = nodes.map((node) => KNOWN.indexOf(node.tag)).filter((at) => at >= 0);
  if (known.some((at, i) => i > 0 && at <= known[i - 1]!)) return undefined;
  const value = (tag: number): Uint8Array | undefined => nodes.find((node) => node.tag === tag)?.value;
  const iccid = value(0x5a);
  const provider = value(0x91);
  const name = value(0x92);
  if (iccid?.length !== 10 || !provider || provider.length > 32 || !name || name.length > 64) return undefined;
  const iconType = value(0x93);
  const icon = value(0x94);
  if ((icon && (!iconType || icon.length > 1024)) || (iconType && (iconType.length !== 1 || iconType[0]! > 1))) return undefined;
  const classValue = value(0x95);
  const profileClass = classValue ? CLASSES[readInteger(classValue)] : 'operational';
  if (!profileClass) return undefined;
  const notifications = value(0xb6);
  const rules = value(0x99);
  const owner = value(0xb7);
  if (owner && readAll(owner).find((node) => node.tag === 0x80)?.value.length !== 3) return undefined;
  return {
    iccid, profileClass, serviceProviderName: readUtf8(provider), profileName: readUtf8(name), hasOwner: owner !== undefined,
    notifications: notifications ? readAll(notifications).map(notificationEntry) : [],
    ppr1: ((rules?.[1] ?? 0) & 0x40) !== 0, ppr2: ((rules?.[1] ?? 0) & 0x20) !== 0,
  };
}

function notificationEntry(node: TlvNode): DeviceMetadata['notifications'][number] {
  const parts = readAll(node.value);
  const bits = parts.find((part) => part.tag === 0x80)?.value[1] ?? 0;
  const address = parts.find((part) => part.tag === 0x81)?.value;
  if (node.tag !== 0x30 || !address) throw new TlvError('TLV_BAD_VALUE', 'notification entry without address');
  const events = (Object.keys(EVENT_BITS) as NotificationEvent[]).filter((event) => bits & EVENT_BITS[event]);
  return { events, address: readUtf8(address) };
}

export type ReadProfile = { readonly ok: true; readonly elements: number; /** As the header writes it, not swapped. */ readonly headerIccid?: Uint8Array } | { readonly ok: false };

/** Splits a profile package into its elements: the header (A0) first, the end element (AA) last and only there. */
export function readProfile(upp: Uint8Array): ReadProfile {
  try {
    const elements = readAll(upp, { strict: true });
    const tags = elements.map((element) => element.tag);
    if (tags[0] !== 0xa0 || tags.indexOf(0xaa) !== tags.length - 1 || tags.lastIndexOf(0xa0) !== 0) return { ok: false };
    const header = readAll(elements[0]!.value);
    return { ok: true, elements: elements.length, headerIccid: header.find((node) => node.tag === 0x83)?.value };
  } catch (error) {
    if (error instanceof TlvError) return { ok: false };
    throw error;
  }
}

/** Swaps the nibbles of every octet: between the ICCID of a package header and that of metadata or EF.ICCID. */
export function swapNibbles(octets: Uint8Array): Uint8Array {
  return Uint8Array.from(octets, (octet) => ((octet << 4) | (octet >>> 4)) & 0xff);
}

/** Digits of a swapped ICCID, without its padding. */
export function iccidText(swapped: Uint8Array): string {
  return Buffer.from(swapNibbles(swapped)).toString('hex').toUpperCase().replace(/F+$/, '');
}
