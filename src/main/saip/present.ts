/** What a template has now, in the shapes of the edits that would change it. Read from the files as the eUICC would hold them. */
import { sameBytes, toHex } from '../../shared/tlv/index.ts';
import { referenceName } from './decode/access.ts';
import { alphaText, networkNameText } from './decode/alphabet.ts';
import { EST_NAMES, IST_NAMES, servicesOn, UST_NAMES } from './decode/services.ts';
import { bcd, isBlank, plain, plmnText, readTlvs, recordsOf } from './decode/text.ts';
import type { EmergencyCategory, KeyProtocol } from './edit/types.ts';
import { ACCESS_TECHNOLOGY, type AccessTechnology, diallingDigits } from './encoders.ts';
import { SaipError } from './errors.ts';
import { type FileView, findFiles, recordLengthOf, siteSource, viewFile } from './files.ts';
import { entrySize, type PlmnEntry } from './lists.ts';
import { type ElementName, SERVICES } from './names.ts';
import { elementPlace, integerOr, type ProfileElement, readPackage } from './package.ts';
import { readSuci } from './rules/suci.ts';
import { KEY_VERSIONS, keyReference, pinList, pukList } from './slots.ts';
import { childOf } from './tree.ts';

export interface PresentService {
  readonly number: number;
  readonly name: string;
  readonly on: boolean;
}

export interface PresentCode {
  readonly code: 'pin' | 'puk';
  readonly reference: number;
  readonly name: string;
  /** Identification of its element. */
  readonly element?: number;
  /** The directory it guards: `MF`, or the place of the application. */
  readonly context: string;
  readonly enabled: boolean;
  readonly changeable: boolean;
  readonly switchable: boolean;
  readonly attempts: number;
}

export interface PresentKeySet {
  readonly version: number;
  readonly protocol?: KeyProtocol;
  readonly algorithm: 'aes' | 'des' | 'other';
  /** Octets of each key; of SCP81 those of its key encryption key. */
  readonly bytes: number;
  readonly keys: number;
}

/** Absent where the template has no such file. Of several applications the first one's; `differing` names what another has otherwise. */
export interface TemplatePresent {
  readonly profileType?: string;
  readonly spn?: { readonly name: string; readonly networkNameAtHome: boolean; readonly hiddenWhenRoaming: boolean };
  readonly networkNames?: {
    readonly names: readonly { readonly full: string; readonly short?: string }[];
    readonly rules: readonly { readonly plmn: string; readonly from: string; readonly to: string; readonly name: number }[];
  };
  readonly lists: readonly {
    readonly list: 'plmnwact' | 'oplmnwact' | 'hplmnwact' | 'fplmn' | 'ehplmn';
    /** `act` is 0 in lists without technologies. */
    readonly entries: readonly PlmnEntry[];
    readonly capacity: number;
  }[];
  readonly homeSearchMinutes?: number;
  readonly services: readonly { readonly table: 'ust' | 'est' | 'ist'; readonly services: readonly PresentService[] }[];
  readonly codes: readonly PresentCode[];
  readonly domains: readonly { readonly place: string; readonly aid?: string; readonly sets: readonly PresentKeySet[] }[];
  readonly apns?: { readonly apns: readonly string[]; readonly enforced: boolean };
  readonly suci?: {
    readonly calculatedBy: 'ue' | 'usim';
    readonly schemes: readonly { readonly scheme: 'null' | 'profile-a' | 'profile-b'; readonly key?: number }[];
    readonly keys: readonly { readonly id: number; readonly value: string }[];
  };
  readonly routingIndicator?: string;
  readonly emergencyNumbers?: readonly { readonly number: string; readonly name?: string; readonly categories: readonly EmergencyCategory[] }[];
  readonly ims?: { readonly impi?: string; readonly impus: readonly string[]; readonly domain?: string };
  readonly serviceCentre?: string;
  readonly groupIdentifiers: readonly { readonly level: 1 | 2; readonly value: string }[];
  readonly mncLength?: number;
  readonly mandatoryServices: readonly { readonly name: string; readonly on: boolean }[];
  readonly algorithm?: { readonly algorithm: 'milenage' | 'tuak' | 'test' | 'other'; readonly keyBytes: number; readonly iterations: number; readonly options: number; readonly applications: number };
  /** Applications of the package in their order: usim, isim, csim, iot. */
  readonly applications: readonly string[];
  readonly has5gFiles: boolean;
  readonly differing: readonly string[];
}

interface Files {
  readonly elements: readonly ProfileElement[];
  readonly differing: Set<string>;
}

/** Throws {@link SaipError} for what is no package; a file that cannot be read counts as absent. */
export function presentValues(der: Uint8Array): TemplatePresent {
  const pkg = readPackage(der);
  const files: Files = { elements: pkg.elements, differing: new Set() };
  const ust = serviceTable(files, 'ust');
  const est = serviceTable(files, 'est');
  const on = (table: readonly number[] | undefined, n: number): boolean => table?.includes(n) ?? false;
  const present = {
    ...optional('profileType', pkg.header?.profileType),
    ...optional('spn', spnOf(files)), ...optional('networkNames', namesOf(files)),
    lists: (['oplmnwact', 'hplmnwact', 'plmnwact', 'ehplmn', 'fplmn'] as const).flatMap((list) => plmnListOf(files, list)),
    ...optional('homeSearchMinutes', mapped(fileOf(files, 'ef-hpplmn', ['usim', 'iot']), ({ body }) => 6 * (body[0] ?? 0))),
    services: [
      ...table('ust', ust, UST_NAMES), ...table('est', est, EST_NAMES), ...table('ist', serviceTable(files, 'ist'), IST_NAMES),
    ],
    codes: codesOf(pkg.elements), domains: domainsOf(pkg.elements),
    ...optional('apns', mapped(fileOf(files, 'ef-acl', ['opt-usim']), ({ body }) => ({ apns: apnsOf(body), enforced: on(est, 3) }))),
    ...optional('suci', suciOf(files, on(ust, 125))),
    ...optional('routingIndicator', mapped(fileOf(files, 'ef-routing-indicator', ['df-5gs', 'opt-iot']), ({ body }) => bcd(body.subarray(0, 2)))),
    ...optional('emergencyNumbers', mapped(fileOf(files, 'ef-ecc', ['usim', 'iot']), eccOf)),
    ...optional('ims', imsOf(files)), ...optional('serviceCentre', mapped(fileOf(files, 'ef-smsp', ['usim', 'opt-iot']), centreOf)),
    groupIdentifiers: ([1, 2] as const).flatMap((level) => {
      const file = fileOf(files, `ef-gid${level}`, ['opt-usim']);
      return file ? [{ level, value: toHex(file.body.subarray(0, file.body.findLastIndex((octet) => octet !== 0xff) + 1)) }] : [];
    }),
    ...optional('mncLength', mapped(fileOf(files, 'ef-ad', ['usim', 'iot']), ({ body }) => (body.length > 3 ? body[3]! & 15 : undefined))),
    mandatoryServices: SERVICES.map((name) => ({ name, on: (pkg.header?.services as readonly string[] | undefined)?.includes(name) ?? false })),
    ...optional('algorithm', algorithmOf(pkg.elements)),
    applications: pkg.elements.filter(({ name }) => name === 'usim' || name === 'isim' || name === 'csim' || name === 'iot').map(({ name }) => name),
    has5gFiles: pkg.elements.some(({ name }) => name === 'df-5gs' || name === 'opt-iot'),
  };
  return { ...present, differing: [...files.differing] };
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

const mapped = <T>(file: FileView | undefined, read: (file: FileView) => T | undefined): T | undefined => file && read(file);

/** The file in the first of the elements that has it, with its own content: a link's content is another file's. */
function fileOf({ elements, differing }: Files, name: string, within: readonly ElementName[]): FileView | undefined {
  let first: FileView | undefined;
  for (const site of findFiles(elements, name, within)) {
    if (childOf(site.node, 0x80) || (childOf(childOf(site.node, 0xa1), 0xc7)?.value.length ?? 0) > 0) continue;
    let view: FileView;
    try {
      const { body, place } = viewFile(site);
      view = { body, place, recordLength: recordLengthOf(siteSource(site)) };
    } catch (error) {
      if (error instanceof SaipError) continue;
      throw error;
    }
    if (view.body.length === 0) continue;
    if (!first) first = view;
    else if (!sameBytes(first.body, view.body)) differing.add(name);
  }
  return first;
}

function serviceTable(files: Files, table: 'ust' | 'est' | 'ist'): number[] | undefined {
  const homes: Readonly<Record<typeof table, readonly ElementName[]>> = { ust: ['usim', 'iot'], est: ['usim', 'opt-iot'], ist: ['isim'] };
  return mapped(fileOf(files, `ef-${table}`, homes[table]), ({ body }) => servicesOn(body));
}

function table(name: 'ust' | 'est' | 'ist', on: readonly number[] | undefined, names: readonly string[]): TemplatePresent['services'][number][] {
  if (!on) return [];
  const last = Math.max(names.length, ...on);
  const services = Array.from({ length: last }, (_, i) => ({ number: i + 1, name: names[i] ?? 'Unknown service', on: on.includes(i + 1) }));
  return [{ table: name, services: services.filter((one) => one.on || one.name !== 'Reserved') }];
}

function spnOf(files: Files): TemplatePresent['spn'] {
  return mapped(fileOf(files, 'ef-spn', ['usim', 'opt-iot']), ({ body }) => {
    const display = body[0] === 0xff ? 1 : body[0]!;
    return { name: isBlank(body) ? '' : alphaText(body.subarray(1)), networkNameAtHome: (display & 1) !== 0, hiddenWhenRoaming: (display & 2) !== 0 };
  });
}

function namesOf(files: Files): TemplatePresent['networkNames'] {
  const pnn = fileOf(files, 'ef-pnn', ['opt-usim']);
  if (!pnn) return undefined;
  const records = recordsOf(pnn.body, pnn.recordLength);
  const used = records.slice(0, records.findLastIndex((record) => !isBlank(record)) + 1);
  const opl = fileOf(files, 'ef-opl', ['opt-usim']);
  return {
    names: used.map((record) => {
      const list = readTlvs(record) ?? [];
      const part = (tag: number): string | undefined => {
        const found = list.find((item) => item.tag === tag);
        return found && networkNameText(found.value);
      };
      return { full: part(0x43) ?? '', ...optional('short', part(0x45)) };
    }),
    rules: opl ? recordsOf(opl.body, opl.recordLength).flatMap((record) => {
      const code = plmnText(record);
      if (code === undefined || record.length < 8) return [];
      return [{ plmn: code.replace('-', ''), from: toHex(record.subarray(3, 5)), to: toHex(record.subarray(5, 7)), name: record[7]! }];
    }) : [],
  };
}

/** Names for the two octets where names say all of them, else the number. LTE-M shares its bit with WB-E-UTRAN. */
export function technologiesOf(mask: number): readonly AccessTechnology[] | number {
  const names: AccessTechnology[] = [];
  let rest = mask;
  const take = (name: AccessTechnology, bits: number): void => {
    names.push(name);
    rest &= ~bits;
  };
  if (mask & 0x0800) take('NG-RAN', 0x0800);
  const lte = mask & 0x7000;
  if (lte === 0x4000) take('E-UTRAN', lte);
  if ((lte & 0x6000) === 0x6000) take('E-UTRAN-WB', 0x6000);
  if ((lte & 0x5000) === 0x5000) take('NB-IoT', 0x5000);
  if (mask & 0x8000) take('UTRAN', 0x8000);
  if (mask & 0x0080) take('GSM', 0x0080);
  const again = names.reduce((sum, name) => sum | ACCESS_TECHNOLOGY[name], 0);
  return rest === 0 && names.length > 0 && again === mask ? names : mask;
}

const LIST_HOMES: Readonly<Record<string, readonly ElementName[]>> = {
  plmnwact: ['opt-usim'], oplmnwact: ['opt-usim', 'opt-iot'], hplmnwact: ['opt-usim', 'opt-iot'], fplmn: ['usim', 'iot'], ehplmn: ['opt-usim', 'opt-iot'],
};

function plmnListOf(files: Files, list: TemplatePresent['lists'][number]['list']): TemplatePresent['lists'][number][] {
  const file = fileOf(files, `ef-${list}`, LIST_HOMES[list]!);
  if (!file) return [];
  const size = entrySize(list);
  const entries = recordsOf(file.body, size).flatMap((entry): PlmnEntry[] => {
    const code = plmnText(entry);
    return code === undefined ? [] : [{ plmn: code.replace('-', ''), act: size === 5 ? technologiesOf(entry[3]! * 256 + entry[4]!) : 0 }];
  });
  return [{ list, entries, capacity: Math.floor(file.body.length / size) }];
}

/** Directories that have codes of their own; those of the root come before any application. */
const GUARDED: ReadonlySet<ElementName> = new Set<ElementName>(['mf', 'usim', 'isim', 'csim', 'iot']);

function codesOf(elements: readonly ProfileElement[]): PresentCode[] {
  return elements.flatMap((element) => {
    if (element.name !== 'pinCodes' && element.name !== 'pukCodes') return [];
    const isPuk = element.name === 'pukCodes';
    const owner = elements.findLast((other) => other.index < element.index && GUARDED.has(other.name));
    return (isPuk ? pukList(element) : pinList(element)).map((code): PresentCode => {
      const reference = keyReference(code) ?? 0;
      const attributes = numberIn(childOf(code, 0x83)?.value) ?? 7;
      const tries = numberIn(childOf(code, isPuk ? 0x82 : 0x84)?.value) ?? (isPuk ? 0xaa : 0x33);
      return {
        code: isPuk ? 'puk' : 'pin', reference, name: isPuk ? `PUK${reference === 129 ? 2 : reference}` : referenceName(reference),
        ...optional('element', element.identification), context: owner && owner.name !== 'mf' ? elementPlace(owner) : 'MF',
        enabled: (attributes & 1) !== 0, changeable: (attributes & 2) !== 0, switchable: (attributes & 4) !== 0, attempts: (tries & 0xff) >> 4,
      };
    });
  });
}

const numberIn = (value: Uint8Array | undefined): number | undefined => value && integerOr(value);

const PROTOCOLS: readonly KeyProtocol[] = ['scp80', 'scp81', 'scp02', 'scp03'];

function domainsOf(elements: readonly ProfileElement[]): TemplatePresent['domains'] {
  return elements.filter(({ name }) => name === 'securityDomain').map((element) => {
    const aids = childOf(element.node, 0xa1)?.children?.filter((child) => child.tag === 0x4f) ?? [];
    const sets = new Map<number, { keys: number; type: number; bytes: number }>();
    for (const key of childOf(element.node, 0xa2)?.children ?? []) {
      const version = childOf(key, 0x83)?.value[0] ?? 0;
      const component = childOf(childOf(key, 0x30), 0x30);
      const known = sets.get(version);
      sets.set(version, { keys: (known?.keys ?? 0) + 1, type: childOf(component, 0x80)?.value[0] ?? 0, bytes: childOf(component, 0x86)?.value.length ?? 0 });
    }
    return {
      place: elementPlace(element), ...optional('aid', aids[2] && toHex(aids[2].value)),
      sets: [...sets].map(([version, { keys, type, bytes }]): PresentKeySet => ({
        version, keys, bytes, algorithm: type === 0x88 ? 'aes' : type >= 0x80 && type <= 0x84 ? 'des' : 'other',
        ...optional('protocol', PROTOCOLS.find((one) => version >= KEY_VERSIONS[one][0] && version <= KEY_VERSIONS[one][1])),
      })),
    };
  });
}

function apnsOf(body: Uint8Array): string[] {
  return (readTlvs(body.subarray(1)) ?? []).filter((item) => item.tag === 0xdd).slice(0, body[0] === 0xff ? 0 : body[0]).flatMap(({ value }) => {
    const labels: string[] = [];
    for (let at = 0; at < value.length; at += 1 + value[at]!) labels.push(plain(value.subarray(at + 1, at + 1 + value[at]!)));
    return labels.length > 0 ? [labels.join('.')] : [];
  });
}

const SCHEMES = ['null', 'profile-a', 'profile-b'] as const;

function suciOf(files: Files, byUsim: boolean): TemplatePresent['suci'] {
  const file = byUsim ? fileOf(files, 'ef-suci-calc-info-usim', ['df-saip', 'opt-iot']) : fileOf(files, 'ef-suci-calc-info', ['df-5gs', 'opt-iot']);
  if (!file) return undefined;
  const { schemes, keys } = readSuci(file.body);
  return {
    calculatedBy: byUsim ? 'usim' : 'ue',
    schemes: schemes.flatMap(({ id, keyIndex }) => (SCHEMES[id] ? [{ scheme: SCHEMES[id], ...optional('key', keyIndex || undefined) }] : [])),
    keys: keys.map(({ id, key }) => ({ id, value: toHex(key) })),
  };
}

const CATEGORIES: readonly EmergencyCategory[] = ['police', 'ambulance', 'fire', 'marine', 'mountain'];

function eccOf({ body, recordLength }: FileView): NonNullable<TemplatePresent['emergencyNumbers']> {
  return recordsOf(body, recordLength).flatMap((record) => {
    const number = bcd(record.subarray(0, 3));
    if (number === '') return [];
    const name = record.length > 4 ? alphaText(record.subarray(3, -1)) : '';
    const mask = record.at(-1) === 0xff ? 0 : record.at(-1)!;
    return [{ number, ...optional('name', name || undefined), categories: CATEGORIES.filter((_, bit) => mask & (1 << bit)) }];
  });
}

function imsOf(files: Files): TemplatePresent['ims'] {
  if (!files.elements.some(({ name }) => name === 'isim')) return undefined;
  const text = (bytes: Uint8Array): string | undefined => {
    const item = readTlvs(bytes)?.find((one) => one.tag === 0x80);
    return item && item.value.length > 0 ? plain(item.value) : undefined;
  };
  const one = (name: string): string | undefined => mapped(fileOf(files, name, ['isim']), ({ body }) => text(body));
  const impu = fileOf(files, 'ef-impu', ['isim']);
  return {
    ...optional('impi', one('ef-impi')), ...optional('domain', one('ef-domain')),
    impus: impu ? recordsOf(impu.body, impu.recordLength).flatMap((record) => text(record) ?? []) : [],
  };
}

function centreOf({ body, recordLength }: FileView): string | undefined {
  const record = recordsOf(body, recordLength)[0];
  const at = recordLength - 28;
  if (!record || at < 0) return undefined;
  return isBlank(record) || record[at]! & 0x02 ? '' : diallingDigits(record, at + 13);
}

const ALGORITHMS = ['other', 'milenage', 'tuak', 'test'] as const;

function algorithmOf(elements: readonly ProfileElement[]): TemplatePresent['algorithm'] {
  const own = elements.flatMap((element) => (element.name === 'akaParameter' ? childOf(childOf(element.node, 0xa1), 0xa1) ?? [] : []));
  const [first] = own;
  if (!first) return undefined;
  return {
    algorithm: ALGORITHMS[childOf(first, 0x80)?.value[0] ?? 0] ?? 'other', keyBytes: childOf(first, 0x82)?.value.length ?? 0,
    iterations: numberIn(childOf(first, 0x87)?.value) ?? 1, options: childOf(first, 0x81)?.value[0] ?? 0, applications: own.length,
  };
}
