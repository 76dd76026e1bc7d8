import { fromHex } from '../../../shared/tlv/index.ts';
import { buildMetadata } from '../../rsp/metadata.ts';
import type { ProfileClass, ProfileOwner } from '../../rsp/metadata.ts';
import type { TypeRecord } from './records.ts';

/** Profile owner as a type keeps it: MCC and MNC as one text of 5 or 6 digits, group identifiers as hex. */
export interface Owner {
  readonly mccMnc: string;
  readonly gid1?: string;
  readonly gid2?: string;
}

/**
 * StoreMetadataRequest (BF25) of one profile of a type (SGP.22 v2.2, 5.5.3). Callers keep the bytes for the session: device
 * and user compare what authenticateClient showed with what the package carries. A type without notification addresses of its
 * own sends notifications to the address its order sends the device to. Throws `RspError`.
 */
export function metadataFor(type: TypeRecord, iccid: string, smdpAddress: string): Uint8Array {
  const owner = type.owner === null ? undefined : ownerOf(JSON.parse(type.owner) as Owner);
  const own = JSON.parse(type.notification_addresses) as string[];
  const addresses = own.length > 0 ? own : [smdpAddress];
  return buildMetadata({
    iccid,
    serviceProviderName: type.service_provider_name,
    profileName: type.profile_name,
    profileClass: type.profile_class as ProfileClass,
    notifications: addresses.map((address) => ({ events: ['enable', 'disable', 'delete'] as const, address })),
    ...(type.icon !== null ? { icon: { type: type.icon_type === 'png' ? 'png' as const : 'jpg' as const, bytes: type.icon } } : {}),
    ...(owner ? { owner } : {}),
    ...(type.ppr1 || type.ppr2 ? { ppr: { ppr1: type.ppr1 === 1, ppr2: type.ppr2 === 1 } } : {}),
  });
}

function ownerOf(owner: Owner): ProfileOwner {
  return {
    mcc: owner.mccMnc.slice(0, 3), mnc: owner.mccMnc.slice(3),
    ...(owner.gid1 === undefined ? {} : { gid1: fromHex(owner.gid1) }),
    ...(owner.gid2 === undefined ? {} : { gid2: fromHex(owner.gid2) }),
  };
}
