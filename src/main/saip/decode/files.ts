import { ruleFields } from './access.ts';
import { acl, ecc, groupIdentifier, hpplmn, location, msisdn, opl, plmnList, pnn, smsp, spdi, spn } from './network.ts';
import { EST_NAMES, IST_NAMES, serviceFields, UST_NAMES } from './services.ts';
import * as subscriber from './subscriber.ts';
import type { Field } from './types.ts';

type Decoder = (body: Uint8Array, recordLength: number) => Field[];

const withAct: Decoder = (body) => plmnList(body, 5);
const bare: Decoder = (body) => plmnList(body, 3);
const choice = (label: string, words: readonly string[]): Decoder => (body) => [{ label, value: words[body[0]!] ?? `reserved (${body[0]})` }];

/** By file name; `element/file` where two applications have different files of one name. */
const DECODERS: Readonly<Record<string, Decoder>> = {
  'ef-iccid': subscriber.iccid, 'ef-dir': subscriber.directory, 'ef-arr': ruleFields, 'ef-arr-usim': ruleFields, 'ef-umpc': subscriber.powerConsumption,
  'ef-pl': subscriber.language, 'usim/ef-li': subscriber.language, 'opt-usim/ef-li': subscriber.language,
  'ef-imsi': subscriber.imsi, 'ef-acc': subscriber.accessClasses, 'ef-ad': subscriber.administrativeData,
  'ef-ust': (body) => serviceFields(body, UST_NAMES), 'ef-est': (body) => serviceFields(body, EST_NAMES), 'ef-ist': (body) => serviceFields(body, IST_NAMES),
  'ef-spn': spn, 'ef-spdi': spdi, 'ef-pnn': pnn, 'ef-opl': opl, 'ef-opl5g': opl, 'ef-gid1': groupIdentifier, 'ef-gid2': groupIdentifier,
  'ef-msisdn': msisdn, 'ef-smsp': smsp, 'ef-plmnwact': withAct, 'ef-oplmnwact': withAct, 'ef-hplmnwact': withAct, 'ef-fplmn': bare, 'ef-ehplmn': bare,
  'ef-ehplmnpi': choice('Equivalent home networks in the list of networks', ['no indication', 'only the first one shown', 'all shown']),
  'ef-lrplmnsi': choice('At switch-on', ['last network first', 'home network first']),
  'ef-hpplmn': hpplmn, 'ef-ecc': ecc, 'ef-acl': acl, 'ef-keys': subscriber.sessionKeys, 'ef-keysPS': subscriber.sessionKeys,
  'ef-loci': (body) => location(body, 4), 'ef-psloci': (body) => location(body, 7), 'ef-epsloci': (body) => location(body, 12),
  'ef-5gs3gpploci': (body) => location(body, 13), 'ef-5gsn3gpploci': (body) => location(body, 13),
  'ef-suci-calc-info': subscriber.suci, 'ef-suci-calc-info-usim': subscriber.suci, 'ef-routing-indicator': subscriber.routingIndicator,
  'ef-uac-aic': subscriber.accessIdentities, 'ef-impi': subscriber.uri('Private identity'), 'ef-impu': subscriber.uriRecords('Public identity'),
  'ef-domain': subscriber.uri('Home domain'), 'ef-pcscf': subscriber.proxy,
};

/** What a file's content says, in words; nothing for a file that is shown as octets only. */
export function decodeFile(element: string, file: string, body: Uint8Array, recordLength: number): Field[] {
  // The files of a CDMA application share names with those of a USIM, not their content.
  const decoder = element === 'csim' || element === 'opt-csim' ? (file === 'ef-arr' ? ruleFields : undefined) : DECODERS[`${element}/${file}`] ?? DECODERS[file];
  return decoder && body.length > 0 ? decoder(body, recordLength) : [];
}

/** Files that hold keys while a subscription is in use: their octets are shown only when they are empty. */
const KEY_FILES: ReadonlySet<string> = new Set([
  'ef-keys', 'ef-keysPS', 'ef-epsnsc', 'ef-5gs3gppnsc', 'ef-5gsn3gppnsc', 'ef-5gauthkeys', 'ef-kc', 'ef-kcgprs', 'ef-eapkeys', 'ef-msk', 'ef-muk',
  'ef-spc', 'ef-gbabp', 'ef-eaka',
]);

/** True when the octets of a file must not be shown. An empty key file (FF or 00, with an empty key set number) is no secret. */
export function isSecretFile(file: string, body: Uint8Array): boolean {
  if (!KEY_FILES.has(file)) return false;
  return body.some((octet) => octet !== 0xff && octet !== 0 && octet !== 0x07);
}
