/** Elements, files and places of a package as an operator reads them. */
import type { TemplateNode } from '../../shared/contract/template-view.ts';
import type { TemplateRow } from '../../shared/contract/types.ts';
import { plural } from '../design/formats.ts';
import { toneIcon, type Look } from '../design/status.tsx';

const elementNames: Readonly<Record<string, string>> = {
  'header': 'Header', 'genericFileManagement': 'File management', 'pinCodes': 'PINs', 'pukCodes': 'PUKs', 'akaParameter': 'Authentication', 'cdmaParameter': 'CDMA authentication',
  'securityDomain': 'Security domain', 'rfm': 'Remote file management', 'application': 'Application', 'nonStandard': 'Not standardised', 'end': 'End', 'mf': 'Master file', 'cd': 'Configuration data',
  'telecom': 'Telecom', 'usim': 'USIM', 'opt-usim': 'USIM, optional files', 'isim': 'ISIM', 'opt-isim': 'ISIM, optional files', 'phonebook': 'Phone book', 'gsm-access': 'GSM access',
  'csim': 'CSIM', 'opt-csim': 'CSIM, optional files', 'eap': 'EAP', 'df-5gs': '5G files', 'df-saip': 'SUCI by the USIM', 'df-snpn': 'SNPN', 'df-5gprose': '5G ProSe', 'iot': 'IoT', 'opt-iot': 'IoT, optional files',
};

const fileMeanings: Readonly<Record<string, string>> = {
  'ef-iccid': 'Number of the card', 'ef-imsi': 'Subscriber identity', 'ef-acc': 'Access classes', 'ef-ad': 'Administrative data, length of the MNC', 'ef-spn': 'Name of the provider',
  'ef-pnn': 'Names of networks', 'ef-opl': 'Where which network name is shown', 'ef-spdi': 'Networks shown under the provider name', 'ef-ust': 'Services of the USIM', 'ef-est': 'Services switched on',
  'ef-ist': 'Services of the ISIM', 'ef-gid1': 'Group identifier, level 1', 'ef-gid2': 'Group identifier, level 2', 'ef-msisdn': 'Own telephone numbers', 'ef-smsp': 'SMS parameters, service centre',
  'ef-plmnwact': 'Networks the user prefers', 'ef-oplmnwact': 'Networks the operator prefers', 'ef-hplmnwact': 'Home networks by technology', 'ef-fplmn': 'Forbidden networks',
  'ef-ehplmn': 'Equivalent home networks', 'ef-hpplmn': 'Search interval for the home network', 'ef-ecc': 'Emergency numbers', 'ef-acl': 'Allowed access points', 'ef-keys': 'Session keys', 'ef-keysPS': 'Session keys, packet',
  'ef-loci': 'Last location', 'ef-psloci': 'Last location, packet', 'ef-epsloci': 'Last location, 4G', 'ef-5gs3gpploci': 'Last location, 5G', 'ef-5gsn3gpploci': 'Last location, 5G over other access',
  'ef-suci-calc-info': 'Keys and schemes for concealing the identity', 'ef-suci-calc-info-usim': 'Keys and schemes, for the USIM itself', 'ef-routing-indicator': 'Routing indicator', 'ef-uac-aic': 'Access identities',
  'ef-impi': 'Private IMS identity', 'ef-impu': 'Public IMS identities', 'ef-domain': 'IMS home domain', 'ef-pcscf': 'IMS proxy', 'ef-dir': 'Applications', 'ef-arr': 'Access rules', 'ef-pl': 'Preferred languages',
  'ef-li': 'Languages', 'ef-umpc': 'Power of the card', 'ef-5gauthkeys': '5G authentication keys', 'ef-5gs3gppnsc': '5G security context', 'ef-5gsn3gppnsc': '5G security context, other access', 'ef-epsnsc': '4G security context',
  'ef-start-hfn': 'Counters of the ciphering', 'ef-threshold': 'Limit of the counters', 'ef-netpar': 'Cells seen last', 'ef-fdn': 'Fixed dialling numbers', 'ef-bdn': 'Barred dialling numbers', 'ef-sdn': 'Service dialling numbers',
  'ef-sms': 'Short messages', 'ef-smss': 'State of short messages', 'ef-adn': 'Contacts', 'ef-cbmi': 'Cell broadcast', 'ef-lrplmnsi': 'Network at switch-on', 'ef-ehplmnpi': 'How equivalent home networks are shown',
};

const bare = (name: string): string => name.replace(/^(ef|df|adf)-/, '').replace(/^df-/, '');

/** `usim` → `USIM`, `ef-imsi` → `EF.IMSI`, a file of file management by its path. */
export function nodeName(name: string): string {
  const element = elementNames[name];
  if (element !== undefined) return element;
  const [, kind] = /^(ef|df|adf)-/.exec(name) ?? [];
  return kind === undefined ? name : `${kind.toUpperCase()}.${bare(name).replaceAll('-', '_').toUpperCase()}`;
}

/** The same, where the directory of an element is told from the element. */
export const nodeTitle = (node: Pick<TemplateNode, 'name' | 'kind'>): string => (node.kind === 'directory' && node.name === 'mf' ? 'MF' : nodeName(node.name));

export const nodeMeaning = (name: string): string | undefined => fileMeanings[name];

/** Elements a package has several of: only their identification tells them apart. */
const several: ReadonlySet<string> = new Set(['pinCodes', 'pukCodes', 'akaParameter', 'genericFileManagement', 'rfm', 'securityDomain', 'application']);

/** A place as findings and changes name it: `usim[4]/ef-imsi` → `USIM / EF.IMSI`. */
export function placeWords(place: string): string {
  return place.split('/').map((part) => {
    const [, name = part, id] = /^(.*?)(?:\[#?(\d+)\])?$/.exec(part) ?? [];
    return `${nodeName(name).replace(/^(pin|puk) (?=\d)/, (code) => code.toUpperCase())}${id !== undefined && several.has(name) ? ` #${id}` : ''}`;
  }).join(' / ');
}

/** Every node by its id. */
export function indexNodes(elements: readonly TemplateNode[]): ReadonlyMap<string, TemplateNode> {
  const all = new Map<string, TemplateNode>();
  const walk = (nodes: readonly TemplateNode[]): void => nodes.forEach((node) => {
    all.set(node.id, node);
    walk(node.children);
  });
  walk(elements);
  return all;
}

/** The node a place means: itself, the first below it (`key 1` of `key 1/1`), else what it lies in; undefined for a place of no node. */
export function nodeAt(nodes: ReadonlyMap<string, TemplateNode>, place: string): TemplateNode | undefined {
  for (let text = place; text !== '';) {
    const exact = nodes.get(text);
    if (exact !== undefined) return exact;
    for (const [id, node] of nodes) if (id.startsWith(`${text}/`) || id.startsWith(`${text}[`)) return node;
    const cut = text.lastIndexOf('/');
    text = cut < 0 ? '' : text.slice(0, cut);
  }
  return undefined;
}

export const treeAddress = (id: string, place: string): string => `/templates/${id}?at=${encodeURIComponent(place)}`;

export function checkLook(errors: number, warnings: number): Look {
  const tone = errors > 0 ? 'danger' : warnings > 0 ? 'warning' : 'success';
  const words = [errors > 0 ? plural(errors, 'error') : '', warnings > 0 ? plural(warnings, 'warning') : ''].filter(Boolean).join(', ');
  return { tone, icon: toneIcon(tone), word: words === '' ? 'Clean' : words };
}

const slotNames: Readonly<Record<string, string>> = {
  iccid: 'ICCID', imsi: 'IMSI', acc: 'Access class', k: 'K', opc: 'OPc', pin1: 'PIN 1', pin2: 'PIN 2', puk1: 'PUK 1', puk2: 'PUK 2', adm1: 'ADM 1', adm2: 'ADM 2', msisdn: 'MSISDN', spn: 'Provider name', smsp: 'Service centre',
  impi: 'Private IMS identity', impu: 'Public IMS identity', oplmnwact: 'Networks the operator prefers', hplmnwact: 'Home networks by technology', fplmn: 'Forbidden networks', ehplmn: 'Equivalent home networks',
};

/** `scp80Kic` → `SCP80 KIC`. */
export const slotName = (name: string): string => slotNames[name] ?? name.replace(/^(scp\d\d)(.*)$/i, (_, family: string, key: string) => `${family.toUpperCase()} ${key.toUpperCase()}`);

export const versionName = (row: Pick<TemplateRow, 'name' | 'version'>): string => `${row.name}, v${row.version}`;
