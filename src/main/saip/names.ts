/**
 * Names of profile elements, services and template files (SAIP 3.3.1 ASN.1 module, annex A). Tags of files inside an
 * element count up from A2 in the order of these lists; from index 31 on they take two octets (BF1F …).
 */
const CHOICES = [
  'header', 'genericFileManagement', 'pinCodes', 'pukCodes', 'akaParameter', 'cdmaParameter', 'securityDomain', 'rfm',
  'application', 'nonStandard', 'end', 'rfu1', 'rfu2', 'rfu3', 'rfu4', 'rfu5', 'mf', 'cd', 'telecom', 'usim', 'opt-usim',
  'isim', 'opt-isim', 'phonebook', 'gsm-access', 'csim', 'opt-csim', 'eap', 'df-5gs', 'df-saip', 'df-snpn', 'df-5gprose',
  'iot', 'opt-iot',
] as const;

export type ElementName = (typeof CHOICES)[number] | 'unknown';

/** The constructed context tag with number `index`. */
export function contextTag(index: number): number {
  return index < 31 ? 0xa0 + index : 0xbf00 + index;
}

const BY_TAG = new Map<number, ElementName>(CHOICES.map((name, index) => [contextTag(index), name]));
const TO_TAG = new Map<ElementName, number>(CHOICES.map((name, index) => [name, contextTag(index)]));

export function elementName(tag: number): ElementName {
  return BY_TAG.get(tag) ?? 'unknown';
}

export function elementTag(name: Exclude<ElementName, 'unknown'>): number {
  return TO_TAG.get(name)!;
}

/** ServicesList flags in tag order from 80 (SAIP 3.3.1, ProfileHeader). */
export const SERVICES = [
  'contactless', 'usim', 'isim', 'csim', 'milenage', 'tuak128', 'cave', 'gba-usim', 'gba-isim', 'mbms', 'eap', 'javacard',
  'multos', 'multiple-usim', 'multiple-isim', 'multiple-csim', 'tuak256', 'usim-test-algorithm', 'ber-tlv', 'dfLink',
  'cat-tp', 'get-identity', 'profile-a-x25519', 'profile-b-p256', 'suciCalculatorApi', 'dns-resolution', 'scp11ac',
  'scp11c-authorization-mechanism', 's16mode', 'eaka',
] as const;

export const SERVICE_MILENAGE = 0x84;
export const SERVICE_TEST_ALGORITHM = 0x91;

const MF = 'mf ef-pl ef-iccid ef-dir ef-arr ef-umpc';
const USIM = 'adf-usim ef-imsi ef-arr ef-keys ef-keysPS ef-hpplmn ef-ust ef-fdn ef-sms ef-smsp ef-smss ef-spn ef-est '
  + 'ef-start-hfn ef-threshold ef-psloci ef-acc ef-fplmn ef-loci ef-ad ef-ecc ef-netpar ef-epsloci ef-epsnsc';
const OPT_USIM = 'ef-li ef-acmax ef-acm ef-gid1 ef-gid2 ef-msisdn ef-puct ef-cbmi ef-cbmid ef-sdn ef-ext2 ef-ext3 ef-cbmir '
  + 'ef-plmnwact ef-oplmnwact ef-hplmnwact ef-dck ef-cnl ef-smsr ef-bdn ef-ext5 ef-ccp2 ef-ext4 ef-acl ef-cmi ef-ici ef-oci '
  + 'ef-ict ef-oct ef-vgcs ef-vgcss ef-vbs ef-vbss ef-emlpp ef-aaem ef-hiddenkey ef-pnn ef-opl ef-mbdn ef-ext6 ef-mbi '
  + 'ef-mwis ef-cfis ef-ext7 ef-spdi ef-mmsn ef-ext8 ef-mmsicp ef-mmsup ef-mmsucp ef-nia ef-vgcsca ef-vbsca ef-gbabp ef-msk '
  + 'ef-muk ef-ehplmn ef-gbanl ef-ehplmnpi ef-lrplmnsi ef-nafkca ef-spni ef-pnni ef-ncp-ip ef-ufc ef-nasconfig ef-uicciari '
  + 'ef-pws ef-fdnuri ef-bdnuri ef-sdnuri ef-ial ef-ips ef-ipd ef-epdgid ef-epdgselection ef-epdgidem ef-epdgselectionem '
  + 'ef-frompreferred ef-imsconfigdata ef-3gpppsdataoff ef-3gpppsdataoffservicelist ef-xcapconfigdata ef-earfcnlist '
  + 'ef-mudmidconfigdata ef-eaka';
const TELECOM = 'df-telecom ef-arr ef-rma ef-sume ef-ice-dn ef-ice-ff ef-psismsc df-graphics ef-img ef-iidf ef-ice-graphics '
  + 'ef-launch-scws ef-icon df-phonebook ef-pbr ef-ext1 ef-aas ef-gas ef-psc ef-cc ef-puid ef-iap ef-adn ef-pbc ef-anr ef-puri '
  + 'ef-email ef-sne ef-uid ef-grp ef-ccp1 df-multimedia ef-mml ef-mmdf df-mmss ef-mlpl ef-mspl ef-mmssmode df-mcs ef-mst '
  + 'ef-mcs-config df-v2x ef-vst ef-v2x-config ef-v2xp-pc5 ef-v2xp-Uu';
const ISIM = 'adf-isim ef-impi ef-impu ef-domain ef-ist ef-ad ef-arr';
const OPT_ISIM = 'ef-pcscf ef-sms ef-smsp ef-smss ef-smsr ef-gbabp ef-gbanl ef-nafkca ef-uicciari ef-frompreferred '
  + 'ef-imsconfigdata ef-xcapconfigdata ef-webrtcuri ef-mudmidconfigdata';
const CSIM = 'adf-csim ef-arr ef-call-count ef-imsi-m ef-imsi-t ef-tmsi ef-ah ef-aop ef-aloc ef-cdmahome ef-znregi ef-snregi '
  + 'ef-distregi ef-accolc ef-term ef-acp ef-prl ef-ruimid ef-csim-st ef-spc ef-otapaspc ef-namlock ef-ota ef-sp ef-esn-meid-me '
  + 'ef-li ef-usgind ef-ad ef-max-prl ef-spcs ef-mecrp ef-home-tag ef-group-tag ef-specific-tag ef-call-prompt';
const DF_5GS = 'df-df-5gs ef-5gs3gpploci ef-5gsn3gpploci ef-5gs3gppnsc ef-5gsn3gppnsc ef-5gauthkeys ef-uac-aic '
  + 'ef-suci-calc-info ef-opl5g ef-supinai ef-routing-indicator ef-ursp ef-tn3gppsnn ef-cag ef-sor-cmci ef-dri ef-5gsedrx '
  + 'ef-5gnswo-conf ef-mchpplmn ef-kausf-derivation';
const IOT = 'mf ef-pl ef-iccid ef-dir ef-arr ef-umpc adf-usim ef-imsi ef-arr-usim ef-keys ef-keysPS ef-hpplmn ef-ust '
  + 'ef-start-hfn ef-threshold ef-psloci ef-acc ef-fplmn ef-loci ef-ad ef-ecc ef-netpar';
const OPT_IOT = 'ef-fdn ef-sms ef-smsp ef-smss ef-spn ef-est ef-oplmnwact ef-hplmnwact ef-ehplmn ef-epsloci ef-epsnsc df-df-5gs '
  + 'ef-5gs3gpploci ef-5gsn3gpploci ef-5gs3gppnsc ef-5gsn3gppnsc ef-5gauthkeys ef-uac-aic ef-suci-calc-info ef-opl5g '
  + 'ef-supi-nai ef-routing-indicator ef-ursp ef-tn3gppsnn df-df-saip ef-suci-calc-info-usim';

const FILES = new Map<ElementName, readonly string[]>(Object.entries({
  'mf': MF, 'usim': USIM, 'opt-usim': OPT_USIM, 'telecom': TELECOM, 'isim': ISIM, 'opt-isim': OPT_ISIM, 'csim': CSIM,
  'df-5gs': DF_5GS, 'iot': IOT, 'opt-iot': OPT_IOT,
  'gsm-access': 'df-gsm-access ef-kc ef-kcgprs ef-cpbcch ef-invscan',
  'df-saip': 'df-df-saip ef-suci-calc-info-usim',
  'eap': 'df-eap ef-eapkeys ef-eapstatus ef-puid ef-ps ef-curid ef-reid ef-realm',
}).map(([name, files]) => [name as ElementName, files.split(' ')]));

/** Elements whose fields are template files, also those whose file list is not known here. */
export const FILE_ELEMENTS: ReadonlySet<ElementName> = new Set<ElementName>([
  'mf', 'cd', 'telecom', 'usim', 'opt-usim', 'isim', 'opt-isim', 'phonebook', 'gsm-access', 'csim', 'opt-csim', 'eap', 'df-5gs',
  'df-saip', 'df-snpn', 'df-5gprose', 'iot', 'opt-iot',
]);

/** Elements that create every file of their template unless told not to (SAIP annex A). */
export const CREATED_BY_DEFAULT: ReadonlySet<ElementName> = new Set<ElementName>(['mf', 'usim', 'isim', 'csim', 'iot']);

/** Name of a file field, `undefined` when the tag is beyond the known list. */
export function fileName(element: ElementName, tag: number): string | undefined {
  return FILES.get(element)?.[tagNumber(tag) - 2];
}

export function fileTag(element: ElementName, file: string): number | undefined {
  const index = FILES.get(element)?.indexOf(file) ?? -1;
  return index < 0 ? undefined : contextTag(index + 2);
}

/** True when every field tag of the element is known, so that another one is worth a warning. */
export function hasFileList(element: ElementName): boolean {
  return FILES.has(element);
}

/** The number inside a one- or two-octet context tag. */
export function tagNumber(tag: number): number {
  return tag > 0xff ? tag & 0x7f : tag & 0x1f;
}

export interface FileDefault {
  readonly fid: string;
  /** Size in octets of a transparent file, or of one record. */
  readonly size: number;
  /** Records of a linear fixed file; absent for a transparent one. */
  readonly records?: number;
  /** What the file holds when nothing else is said; repeated to the end of the file. FF when absent. */
  readonly repeat?: readonly number[];
  /** Elements that may hold the file. */
  readonly elements: readonly ElementName[];
}

const FFFFFF0000 = [0xff, 0xff, 0xff, 0, 0];

/** Template defaults of the files personalisation and the checks look into (SAIP annex A). */
export const FILE_DEFAULTS = {
  'ef-iccid': { fid: '2fe2', size: 10, elements: ['mf', 'iot'] },
  'ef-imsi': { fid: '6f07', size: 9, elements: ['usim', 'iot'] },
  'ef-acc': { fid: '6f78', size: 2, elements: ['usim', 'iot'] },
  'ef-spn': { fid: '6f46', size: 17, elements: ['usim', 'opt-iot'] },
  'ef-ad': { fid: '6fad', size: 4, repeat: [0, 0, 0, 2], elements: ['usim', 'iot'] },
  'ef-smsp': { fid: '6f42', size: 38, records: 1, elements: ['usim', 'opt-iot'] },
  'ef-fplmn': { fid: '6f7b', size: 12, elements: ['usim', 'iot'] },
  'ef-msisdn': { fid: '6f40', size: 24, records: 1, elements: ['opt-usim'] },
  'ef-gid1': { fid: '6f3e', size: 8, elements: ['opt-usim'] },
  'ef-gid2': { fid: '6f3f', size: 8, elements: ['opt-usim'] },
  'ef-plmnwact': { fid: '6f60', size: 40, repeat: FFFFFF0000, elements: ['opt-usim'] },
  'ef-oplmnwact': { fid: '6f61', size: 40, repeat: FFFFFF0000, elements: ['opt-usim', 'opt-iot'] },
  'ef-hplmnwact': { fid: '6f62', size: 5, repeat: FFFFFF0000, elements: ['opt-usim', 'opt-iot'] },
  'ef-ehplmn': { fid: '6fd9', size: 15, elements: ['opt-usim', 'opt-iot'] },
} as const satisfies Record<string, FileDefault>;

export type KnownFile = keyof typeof FILE_DEFAULTS;
