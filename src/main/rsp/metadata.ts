/** StoreMetadataRequest (SGP.22 v2.2, 5.5.3): what the user is shown and the eUICC stores, the same octets in both places. */
import { integerBytes, readInteger, readUtf8, tlv, TlvError, utf8Bytes } from '../../shared/tlv/index.ts';
import { inside, octets, outer } from './asn1.ts';
import type { Bytes } from './asn1.ts';
import { iccidBytes, iccidText, plmnBytes, plmnText } from './digits.ts';
import { decoding, RspError } from './errors.ts';
import { pprIdsValue, readPprIds } from './messages/euicc-info.ts';
import type { PprIds } from './messages/euicc-info.ts';
import { eventsValue, readEvents } from './messages/notification.ts';
import type { NotificationEvent } from './messages/notification.ts';

export type ProfileClass = 'test' | 'provisioning' | 'operational';
const CLASSES: readonly ProfileClass[] = ['test', 'provisioning', 'operational'];
const ICON_TYPES = ['jpg', 'png'] as const;

export interface ProfileOwner {
  readonly mcc: string;
  readonly mnc: string;
  readonly gid1?: Bytes;
  readonly gid2?: Bytes;
}

export interface ProfileMetadata {
  /** 18 to 20 digits. */
  readonly iccid: string;
  /** At most 32 characters. */
  readonly serviceProviderName: string;
  /** At most 64 characters. */
  readonly profileName: string;
  /** At most 1,024 octets, 64 by 64 pixels. */
  readonly icon?: { readonly type: 'jpg' | 'png'; readonly bytes: Bytes };
  readonly profileClass: ProfileClass;
  readonly notifications: readonly { readonly events: readonly NotificationEvent[]; readonly address: string }[];
  /** Required when policy rules are set. */
  readonly owner?: ProfileOwner;
  readonly ppr?: Partial<PprIds>;
}

function refuse(message: string): never {
  throw new RspError('METADATA_INVALID', message);
}

function characters(text: string, max: number, name: string): Bytes {
  if (/\p{Surrogate}/u.test(text)) refuse(`${name} is not valid text`);
  if ([...text].length > max) refuse(`${name} is longer than ${max} characters`);
  return utf8Bytes(text);
}

function ownerTlv(owner: ProfileOwner): Bytes {
  const parts = [tlv(0x80, plmnBytes(owner.mcc, owner.mnc))];
  if (owner.gid1 !== undefined) parts.push(tlv(0x81, owner.gid1));
  if (owner.gid2 !== undefined) parts.push(tlv(0x82, owner.gid2));
  return tlv(0xb7, ...parts);
}

/**
 * Builds BF25. The class "operational" is the default and left out, as DER asks; rules need an owner (5.5.3).
 * Throws {@link RspError} `METADATA_INVALID` or `VALUE_INVALID`.
 */
export function buildMetadata(fields: ProfileMetadata): Bytes {
  const parts = [
    tlv(0x5a, iccidBytes(fields.iccid)),
    tlv(0x91, characters(fields.serviceProviderName, 32, 'the service provider name')),
    tlv(0x92, characters(fields.profileName, 64, 'the profile name')),
  ];
  if (fields.icon !== undefined) {
    if (fields.icon.bytes.length === 0 || fields.icon.bytes.length > 1024) refuse('an icon has at most 1,024 octets');
    parts.push(tlv(0x93, integerBytes(ICON_TYPES.indexOf(fields.icon.type))), tlv(0x94, fields.icon.bytes));
  }
  if (fields.profileClass !== 'operational') parts.push(tlv(0x95, integerBytes(CLASSES.indexOf(fields.profileClass))));
  if (fields.notifications.length > 0) {
    parts.push(tlv(0xb6, ...fields.notifications.map(({ events, address }) => {
      if (events.length === 0) refuse('a notification address without an event');
      if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/.test(address)) {
        refuse(`"${address}" is not a host name to send notifications to`);
      }
      return tlv(0x30, tlv(0x80, eventsValue(events)), tlv(0x81, utf8Bytes(address)));
    })));
  }
  if (fields.owner !== undefined) parts.push(ownerTlv(fields.owner));
  if (fields.ppr && (fields.ppr.pprUpdateControl || fields.ppr.ppr1 || fields.ppr.ppr2)) {
    if (fields.owner === undefined) refuse('policy rules need a profile owner');
    parts.push(tlv(0x99, pprIdsValue(fields.ppr)));
  }
  return tlv(0xbf25, ...parts);
}

/** Reads a BF25 TLV; elements RSP does not define are ignored. Throws {@link RspError} `MESSAGE_MALFORMED`. */
export function parseMetadata(der: Bytes): ProfileMetadata & { readonly raw: Bytes } {
  return decoding('the profile metadata', () => {
    const root = outer(der, 0xbf25);
    const fields = inside(root);
    const iccid = iccidText(octets(fields.take('iccid', 0x5a), 'iccid', 10));
    const serviceProviderName = readUtf8(fields.take('serviceProviderName', 0x91).value);
    const profileName = readUtf8(fields.take('profileName', 0x92).value);
    const iconType = fields.optional(0x93);
    const icon = fields.optional(0x94);
    const classNode = fields.optional(0x95);
    const config = fields.optional(0xb6);
    const owner = fields.optional(0xb7);
    const rules = fields.optional(0x99);
    return {
      raw: root.raw,
      iccid,
      serviceProviderName,
      profileName,
      icon: icon && { type: choice(iconType ?? refuseTlv('an icon without a type'), ICON_TYPES), bytes: octets(icon, 'icon', 0, 1024) },
      profileClass: classNode ? choice(classNode, CLASSES) : 'operational',
      notifications: config ? readNotifications(config) : [],
      owner: owner && readOwner(owner),
      ppr: rules && readPprIds(rules.value),
    };
  });
}

function refuseTlv(message: string): never {
  throw new TlvError('TLV_BAD_VALUE', message);
}

function choice<N extends string>(node: { readonly value: Bytes }, names: readonly N[]): N {
  return names[readInteger(node.value)] ?? refuseTlv('a number that stands for nothing');
}

function readNotifications(node: { readonly value: Bytes }): { events: NotificationEvent[]; address: string }[] {
  const list = inside(node);
  const found: { events: NotificationEvent[]; address: string }[] = [];
  while (!list.atEnd) {
    const entry = inside(list.take('notificationConfigurationInformation', 0x30));
    const events = readEvents(entry.take('profileManagementOperation', 0x80).value);
    found.push({ events, address: readUtf8(entry.take('notificationAddress', 0x81).value) });
  }
  return found;
}

function readOwner(node: { readonly value: Bytes }): ProfileOwner {
  const fields = inside(node);
  const plmn = plmnText(octets(fields.take('mccMnc', 0x80), 'mccMnc', 3));
  return { ...plmn, gid1: fields.optional(0x81)?.value, gid2: fields.optional(0x82)?.value };
}
