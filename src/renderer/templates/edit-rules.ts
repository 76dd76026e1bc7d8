/** The editor's rules: which edit stands for which section, what is the same as before, what cannot be right. */
import { schemaSentence } from '../../shared/contract/sentence.ts';
import { templateEdit, type TemplateEditInput } from '../../shared/contract/template-edit.ts';
import type { TemplatePresent } from '../../shared/contract/template-present.ts';

export type Edit<K extends TemplateEditInput['kind']> = Extract<TemplateEditInput, { kind: K }>;
export type ListName = 'oplmnwact' | 'hplmnwact' | 'plmnwact' | 'ehplmn' | 'fplmn';

export const sections = [
  { id: 'names', name: 'Names', text: 'What the device shows as provider and network.' },
  { id: 'networks', name: 'Networks and roaming', text: 'Which networks the device prefers, treats as home, or stays away from.' },
  { id: 'services', name: 'Services', text: 'Service tables: what the applications tell the device they can do.' },
  { id: 'pins', name: 'PINs and PUKs', text: 'How the codes are delivered. The codes themselves are made for each profile.' },
  { id: 'keys', name: 'OTA keys', text: 'Key sets of the security domains. The keys themselves are written for each profile.' },
  { id: 'apns', name: 'Access points', text: 'Access points the subscription may use.' },
  { id: 'privacy', name: '5G privacy', text: 'How the identity is concealed on 5G networks (SUCI), and the routing indicator.' },
  { id: 'emergency', name: 'Emergency numbers', text: 'Numbers the device dials as emergency calls, beside those it knows itself.' },
  { id: 'ims', name: 'IMS identities', text: 'Identities for voice and messages over IMS. Templates with a place for them write them for each profile.' },
  { id: 'numbers', name: 'Numbers', text: 'Service centre, group identifiers, length of the MNC.' },
  { id: 'algorithm', name: 'Algorithm', text: 'How the subscription is authenticated.' },
  { id: 'mandatory', name: 'Demands on the eUICC', text: 'What an eUICC must be able to do to take this profile. It refuses the profile otherwise.' },
  { id: 'cdma', name: 'CDMA', text: 'The CDMA application, which most networks do not need any more.' },
] as const;
export type SectionId = (typeof sections)[number]['id'];

const sectionOf: Readonly<Record<TemplateEditInput['kind'], SectionId>> = {
  'spn': 'names', 'network-names': 'names', 'profile-type': 'names', 'plmn-list': 'networks', 'hpplmn': 'networks', 'services': 'services', 'pin-policy': 'pins', 'add-key-set': 'keys', 'remove-key-set': 'keys',
  'replace-key-set': 'keys', 'apn-list': 'apns', 'suci': 'privacy', 'routing-indicator': 'privacy', 'emergency-numbers': 'emergency', 'ims': 'ims', 'service-centre': 'numbers', 'group-identifier': 'numbers',
  'mnc-length': 'numbers', 'algorithm': 'algorithm', 'mandatory-services': 'mandatory', 'strip-csim': 'cdma',
};
export const sectionOfEdit = (edit: TemplateEditInput): SectionId => sectionOf[edit.kind];

/** One edit per key: what is changed again takes the place of what stood there. */
export function keyOf(edit: TemplateEditInput): string {
  switch (edit.kind) {
    case 'plmn-list': return `plmn-list:${edit.list}`;
    case 'services': return `services:${edit.table}`;
    case 'pin-policy': return `pin-policy:${edit.code}:${edit.reference}:${edit.element ?? ''}`;
    case 'add-key-set': return `add-key-set:${edit.domain ?? ''}:${edit.set.version}`;
    case 'remove-key-set': case 'replace-key-set': return `key-set:${edit.domain ?? ''}:${edit.version}`;
    case 'group-identifier': return `group-identifier:${edit.level}`;
    default: return edit.kind;
  }
}

/** What the template has now as edits that would change nothing, by key. What it has no file for begins empty. */
export function presentEdits(now: TemplatePresent): ReadonlyMap<string, TemplateEditInput> {
  const all: TemplateEditInput[] = [
    { kind: 'spn', name: now.spn?.name ?? '', networkNameAtHome: now.spn?.networkNameAtHome ?? true, hiddenWhenRoaming: now.spn?.hiddenWhenRoaming ?? false },
    { kind: 'network-names', names: (now.networkNames?.names ?? []).map((one) => ({ ...one })), rules: (now.networkNames?.rules ?? []).map((one) => ({ ...one })) },
    { kind: 'profile-type', text: now.profileType ?? '' },
    ...(['oplmnwact', 'hplmnwact', 'plmnwact'] as const).map((list): TemplateEditInput => {
      const own = now.lists.find((one) => one.list === list);
      return { kind: 'plmn-list', list, entries: (own?.entries ?? []) as Extract<Edit<'plmn-list'>, { list: 'oplmnwact' | 'hplmnwact' | 'plmnwact' }>['entries'], ...(own === undefined ? {} : { capacity: own.capacity }) };
    }),
    ...(['ehplmn', 'fplmn'] as const).map((list): TemplateEditInput => {
      const own = now.lists.find((one) => one.list === list);
      return { kind: 'plmn-list', list, entries: (own?.entries ?? []).map((entry) => entry.plmn), ...(own === undefined ? {} : { capacity: own.capacity }) };
    }),
    { kind: 'hpplmn', minutes: now.homeSearchMinutes ?? 0 },
    ...now.services.map(({ table }): TemplateEditInput => ({ kind: 'services', table, on: [], off: [] })),
    ...now.codes.map((one): TemplateEditInput => ({
      kind: 'pin-policy', code: one.code, reference: one.reference, ...(one.element === undefined ? {} : { element: one.element }), attempts: one.attempts,
      ...(one.code === 'puk' ? {} : { enabled: one.enabled, changeable: one.changeable, switchable: one.switchable }),
    })),
    { kind: 'apn-list', apns: now.apns?.apns ?? [], enforced: now.apns?.enforced ?? false },
    { kind: 'suci', calculatedBy: now.suci?.calculatedBy ?? 'ue', schemes: now.suci?.schemes ?? [], keys: now.suci?.keys ?? [] },
    { kind: 'routing-indicator', digits: now.routingIndicator ?? '' },
    { kind: 'emergency-numbers', numbers: (now.emergencyNumbers ?? []).map((one) => ({ ...one })) },
    { kind: 'ims', impi: now.ims?.impi ?? '', impus: now.ims?.impus ?? [], domain: now.ims?.domain ?? '' },
    { kind: 'service-centre', number: now.serviceCentre ?? '' },
    ...([1, 2] as const).map((level): TemplateEditInput => ({ kind: 'group-identifier', level, value: now.groupIdentifiers.find((one) => one.level === level)?.value ?? '' })),
    { kind: 'mnc-length', digits: now.mncLength === 3 ? 3 : 2 },
    { kind: 'algorithm', algorithm: now.algorithm?.algorithm === 'other' ? 'milenage' : now.algorithm?.algorithm ?? 'milenage', keyBytes: now.algorithm?.keyBytes === 32 ? 32 : 16, iterations: now.algorithm?.iterations ?? 1 },
    { kind: 'mandatory-services', on: [], off: [] },
  ];
  return new Map(all.map((edit) => [keyOf(edit), edit]));
}

export const sameEdit = (a: TemplateEditInput | undefined, b: TemplateEditInput | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Without members that say nothing: an empty identity is one that stays. */
export function sent(edit: TemplateEditInput): TemplateEditInput {
  if (edit.kind === 'ims') {
    const impus = (edit.impus ?? []).filter((one) => one !== '');
    return { kind: 'ims', ...(edit.impi ? { impi: edit.impi } : {}), ...(edit.domain ? { domain: edit.domain } : {}), ...(impus.length > 0 ? { impus } : {}) };
  }
  if (edit.kind === 'network-names') return { ...edit, names: edit.names.map(({ full, short }) => ({ full, ...(short ? { short } : {}) })), ...(edit.rules?.length ? {} : { rules: undefined }) };
  if (edit.kind === 'emergency-numbers') return { ...edit, numbers: edit.numbers.map(({ name, ...rest }) => ({ ...rest, ...(name ? { name } : {}) })) };
  if (edit.kind === 'apn-list') return { ...edit, apns: edit.apns.filter((one) => one !== '') };
  return edit;
}

/** What stands against sending an edit, as a sentence; undefined when the engine may be asked. */
export function editProblem(edit: TemplateEditInput): string | undefined {
  const out = sent(edit);
  if (out.kind === 'spn' && out.name.trim() === '') return 'A provider name is needed.';
  if (out.kind === 'network-names' && (out.names.length === 0 || out.names.some((one) => one.full.trim() === ''))) return out.names.length === 0 ? 'At least one network name is needed; name 1 is the one at home.' : 'Each network name needs its full form.';
  if (out.kind === 'plmn-list') {
    const entries = out.entries.map((entry) => (typeof entry === 'string' ? { plmn: entry, act: 0 } : entry));
    const bad = entries.findIndex((entry) => !/^\d{5,6}$/.test(entry.plmn));
    if (bad >= 0) return `Entry ${bad + 1}: a network is its MCC and MNC, 5 or 6 digits.`;
    const none = entries.findIndex((entry) => Array.isArray(entry.act) && entry.act.length === 0);
    if (none >= 0) return `Entry ${none + 1}: choose at least one technology.`;
    if (out.capacity !== undefined && entries.length > out.capacity) return `${entries.length} entries need more room than ${out.capacity}.`;
  }
  if (out.kind === 'suci' && out.schemes.length === 0) return 'At least one scheme is needed; the null scheme conceals nothing.';
  if (out.kind === 'emergency-numbers' && out.numbers.length === 0) return 'At least one emergency number is needed.';
  if (out.kind === 'emergency-numbers' && out.numbers.some((one) => !/^\d{1,6}$/.test(one.number))) return 'An emergency number has 1 to 6 digits.';
  if (out.kind === 'routing-indicator' && !/^\d{1,4}$/.test(out.digits)) return 'A routing indicator has 1 to 4 digits.';
  if (out.kind === 'service-centre' && !/^\+?\d{3,20}$/.test(out.number)) return 'A service centre is a telephone number, with + in front when it is international.';
  if (out.kind === 'group-identifier' && !/^([0-9A-Fa-f]{2})+$/.test(out.value)) return 'A group identifier is pairs of hexadecimal digits.';
  if (out.kind === 'profile-type' && out.text.trim() === '') return 'The name of the package cannot be empty.';
  if (out.kind === 'ims' && Object.keys(out).length === 1) return 'Give at least one identity or the domain.';
  const parsed = templateEdit.safeParse(out);
  if (parsed.success) return undefined;
  const [issue] = parsed.error.issues;
  return issue === undefined ? 'Something of it cannot be right.' : schemaSentence(issue);
}

const technologyWords: readonly (readonly [RegExp, Technology])[] = [
  [/^(5g|nr|ng-?ran)$/i, 'NG-RAN'], [/^(4g|lte|e-?utran|eutran)$/i, 'E-UTRAN'], [/^(3g|umts|utran)$/i, 'UTRAN'], [/^(2g|gsm)$/i, 'GSM'], [/^(nb-?iot|nbiot)$/i, 'NB-IoT'], [/^(lte-?m|emtc|cat-?m1?)$/i, 'LTE-M'], [/^(e-utran-wb|wb)$/i, 'E-UTRAN-WB'],
];
export type Technology = 'GSM' | 'UTRAN' | 'E-UTRAN' | 'E-UTRAN-WB' | 'NB-IoT' | 'LTE-M' | 'NG-RAN';
export const technologies: readonly { readonly id: Technology; readonly name: string }[] = [
  { id: 'NG-RAN', name: '5G' }, { id: 'E-UTRAN', name: '4G' }, { id: 'UTRAN', name: '3G' }, { id: 'GSM', name: '2G' }, { id: 'NB-IoT', name: 'NB-IoT' }, { id: 'LTE-M', name: 'LTE-M' },
];

export interface PastedList {
  readonly entries: readonly { readonly plmn: string; readonly act: readonly Technology[] }[];
  /** Lines nothing could be made of, as they stood. */
  readonly unread: readonly string[];
}

/** Networks out of pasted text: one a line, `262-01`, `26201`, `262 01 4G,3G` or `262,01;LTE UMTS`. Without technologies all of 5G to 2G. */
export function pastedNetworks(text: string): PastedList {
  const entries: { plmn: string; act: Technology[] }[] = [];
  const unread: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    const found = /^"?(\d{3})"?[\s,;/-]?"?(\d{2,3})"?(?!\d)(.*)$/.exec(trimmed);
    if (found === null) {
      unread.push(trimmed);
      continue;
    }
    const words = found[3]!.split(/[\s,;|/+"]+/).filter(Boolean);
    const act = words.flatMap((word) => technologyWords.find(([pattern]) => pattern.test(word))?.[1] ?? []);
    entries.push({ plmn: `${found[1]}${found[2]}`, act: act.length > 0 ? [...new Set(act)] : ['NG-RAN', 'E-UTRAN', 'UTRAN', 'GSM'] });
  }
  return { entries, unread };
}

export function moved<T>(list: readonly T[], at: number, by: -1 | 1): T[] {
  const next = [...list];
  const to = at + by;
  if (to < 0 || to >= next.length) return next;
  [next[at], next[to]] = [next[to]!, next[at]!];
  return next;
}

/** An error of the engine names the edit by its place in the list: `edits.2`. */
export function failedEdit(field: string | undefined): number | undefined {
  const found = /^edits\.(\d+)/.exec(field ?? '');
  return found === null ? undefined : Number(found[1]);
}
