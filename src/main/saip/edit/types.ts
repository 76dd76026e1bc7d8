import type { PlmnEntry } from '../lists.ts';

/**
 * One change an operator makes to a template. JSON-able. An edit reaches every USIM (ISIM, …) of the package. Files an edit
 * needs and the template lacks are created with the template's own identifier and the access rules of a file like it; the
 * service table is kept in step with them.
 */
export type TemplateEdit =
  | SpnEdit | NetworkNamesEdit | PlmnActListEdit | PlmnListEdit | ServiceTableEdit | HomeSearchEdit | PinPolicyEdit | AddKeySetEdit | RemoveKeySetEdit
  | ReplaceKeySetEdit | ApnListEdit | SuciEdit | RoutingIndicatorEdit | EmergencyEdit | ImsEdit | ServiceCentreEdit | GroupIdentifierEdit | MncLengthEdit
  | MandatoryServicesEdit | StripCsimEdit | AlgorithmEdit | ProfileTypeEdit;

/** EF.SPN (TS 31.102, 4.2.12): 1 to 16 characters of the GSM alphabet, or 1 to 7 others. */
export interface SpnEdit {
  readonly kind: 'spn';
  readonly name: string;
  /** The network's name is shown beside the provider's in the home network. As the template has it when absent. */
  readonly networkNameAtHome?: boolean;
  /** The provider's name is hidden outside the home networks. As the template has it when absent. */
  readonly hiddenWhenRoaming?: boolean;
}

/** EF.PNN and EF.OPL (TS 31.102, 4.2.58 and 4.2.59). */
export interface NetworkNamesEdit {
  readonly kind: 'network-names';
  /** Record 1 is the name in the home network. At least one. */
  readonly names: readonly { readonly full: string; readonly short?: string }[];
  /** Where which name is shown, first match wins. EF.OPL stays as it is when absent. */
  readonly rules?: readonly {
    /** Five or six digits; D stands for any digit. */
    readonly plmn: string;
    /** Location or tracking area codes, four hexadecimal digits; 0000 to FFFE is everywhere. */
    readonly from: string;
    readonly to: string;
    /** Record of EF.PNN from 1; 0 takes the name from other sources. */
    readonly name: number;
  }[];
}

/** Lists with access technologies (TS 31.102, 4.2.5, 4.2.53, 4.2.54). */
export interface PlmnActListEdit {
  readonly kind: 'plmn-list';
  readonly list: 'plmnwact' | 'oplmnwact' | 'hplmnwact';
  readonly entries: readonly PlmnEntry[];
  /** Entries the file has room for; as the template has it when absent, more when the list needs it. */
  readonly capacity?: number;
}

/** Bare lists (TS 31.102, 4.2.16 and 4.2.84). */
export interface PlmnListEdit {
  readonly kind: 'plmn-list';
  readonly list: 'fplmn' | 'ehplmn';
  readonly entries: readonly string[];
  readonly capacity?: number;
}

/** Services of EF.UST, EF.EST (TS 31.102, 4.2.8 and 4.2.47) or EF.IST (TS 31.103, 4.2.7) by number. */
export interface ServiceTableEdit {
  readonly kind: 'services';
  readonly table: 'ust' | 'est' | 'ist';
  readonly on?: readonly number[];
  readonly off?: readonly number[];
}

/** EF.HPPLMN (TS 31.102, 4.2.6): 0, or 6 to 480 in steps of 6. */
export interface HomeSearchEdit {
  readonly kind: 'hpplmn';
  readonly minutes: number;
}

/** A PIN or PUK as delivered (SAIP 3.4.1, 8.5). What is absent stays. */
export interface PinPolicyEdit {
  readonly kind: 'pin-policy';
  readonly code: 'pin' | 'puk';
  /** Key reference: PIN1 1, PIN2 129, ADM1 10; PUK1 1, PUK2 129. */
  readonly reference: number;
  /** Identification of the pinCodes element; every element that has the reference when absent. */
  readonly element?: number;
  readonly enabled?: boolean;
  readonly changeable?: boolean;
  /** The holder may switch it on and off. */
  readonly switchable?: boolean;
  /** Attempts, 1 to 15. */
  readonly attempts?: number;
}

export type KeyProtocol = 'scp80' | 'scp81' | 'scp02' | 'scp03';

/** A set of keys: protocol, version in its range (01-0F, 40-4F, 20-2F, 30-3F), algorithm and octets of each key. */
export interface KeySet {
  readonly protocol: KeyProtocol;
  readonly version: number;
  /** AES, or DES (two-key triple DES, 16 octets; three-key, 24); for SCP81 that of the key encryption key. */
  readonly algorithm: 'aes' | 'des';
  readonly bytes: 16 | 24 | 32;
}

/** Keys come in with zeros, which personalisation overwrites. */
export interface AddKeySetEdit {
  readonly kind: 'add-key-set';
  readonly set: KeySet;
  /** Instance AID of the security domain; the first one (of the MNO) when absent. */
  readonly domain?: string;
}

export interface RemoveKeySetEdit {
  readonly kind: 'remove-key-set';
  readonly version: number;
  readonly domain?: string;
}

/** Takes the set with `version` out and puts another in its place. */
export interface ReplaceKeySetEdit {
  readonly kind: 'replace-key-set';
  readonly version: number;
  readonly set: KeySet;
  readonly domain?: string;
}

/** EF.ACL (TS 31.102, 4.2.48). */
export interface ApnListEdit {
  readonly kind: 'apn-list';
  readonly apns: readonly string[];
  /** The list binds the terminal (service 3 of EF.EST). */
  readonly enforced: boolean;
}

/** EF.SUCI_Calc_Info (TS 31.102, 4.4.11.8; SAIP 3.4.1, 12.2). Public keys of the home network: public data. */
export interface SuciEdit {
  readonly kind: 'suci';
  /** Who calculates: the terminal, or the USIM itself. */
  readonly calculatedBy: 'ue' | 'usim';
  /** Highest priority first; `key` counts from 1 in `keys` and is absent for the null scheme. */
  readonly schemes: readonly { readonly scheme: 'null' | 'profile-a' | 'profile-b'; readonly key?: number }[];
  /** Identifier 0 to 255; value in hexadecimal: 32 octets (X25519), or 33 or 65 (P-256). */
  readonly keys: readonly { readonly id: number; readonly value: string }[];
}

/** EF.Routing_Indicator (TS 31.102, 4.4.11.11): one to four digits. */
export interface RoutingIndicatorEdit {
  readonly kind: 'routing-indicator';
  readonly digits: string;
}

export type EmergencyCategory = 'police' | 'ambulance' | 'fire' | 'marine' | 'mountain';

/** EF.ECC (TS 31.102, 4.2.21). */
export interface EmergencyEdit {
  readonly kind: 'emergency-numbers';
  readonly numbers: readonly { readonly number: string; readonly name?: string; readonly categories?: readonly EmergencyCategory[] }[];
}

/** EF.IMPI, EF.IMPU, EF.DOMAIN (TS 31.103, 4.2.2 to 4.2.4). What is absent stays. */
export interface ImsEdit {
  readonly kind: 'ims';
  readonly impi?: string;
  readonly impus?: readonly string[];
  readonly domain?: string;
}

/** Service centre number in EF.SMSP (TS 31.102, 4.2.27), `+` in front for international. */
export interface ServiceCentreEdit {
  readonly kind: 'service-centre';
  readonly number: string;
}

/** EF.GID1 or EF.GID2 in hexadecimal. */
export interface GroupIdentifierEdit {
  readonly kind: 'group-identifier';
  readonly level: 1 | 2;
  readonly value: string;
}

/** Octet 4 of EF.AD (TS 31.102, 4.2.18). */
export interface MncLengthEdit {
  readonly kind: 'mnc-length';
  readonly digits: 2 | 3;
}

/** Flags of eUICC-Mandatory-services by name (SAIP 3.4.1, 8.2.1). */
export interface MandatoryServicesEdit {
  readonly kind: 'mandatory-services';
  readonly on?: readonly string[];
  readonly off?: readonly string[];
}

/** Takes the CDMA application and everything that serves it alone out of the package. */
export interface StripCsimEdit {
  readonly kind: 'strip-csim';
}

/** Authentication algorithm of every application that has parameters of its own (SAIP 3.4.1, 8.4). */
export interface AlgorithmEdit {
  readonly kind: 'algorithm';
  readonly algorithm: 'milenage' | 'tuak' | 'test';
  /** Octets of K, TUAK only: 16 (default) or 32. */
  readonly keyBytes?: 16 | 32;
  /** Keccak permutations, TUAK only: 1 (default) to 255. */
  readonly iterations?: number;
  /** algorithmOptions octet; 00 when absent, 02 for the test algorithm. */
  readonly options?: number;
}

/** profileType in the header: the name of the package, 1 to 100 octets. */
export interface ProfileTypeEdit {
  readonly kind: 'profile-type';
  readonly text: string;
}

/** One line of what an edit did, for people. */
export interface EditSummary {
  readonly kind: TemplateEdit['kind'];
  /** Places it touched, as findings and the tree name them. Empty when the template was like that already. */
  readonly places: readonly string[];
  readonly text: string;
}

export interface EditedPackage {
  readonly der: Uint8Array;
  readonly changes: readonly EditSummary[];
}
