/** Findings of a template that no profile will have: placeholders which its slots overwrite. */
import { elementPlace, KEY_VERSIONS, type KeyFamily, readPackage, type SlotName } from '../../saip/index.ts';
import type { TemplateRecord } from './records.ts';

interface KeptFinding {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  readonly place: string;
  readonly message: string;
}
interface KeptSlot {
  readonly name: string;
  readonly writes: readonly unknown[];
}

const valueSlots: ReadonlyMap<string, SlotName> = new Map([
  ['pinCodes/pin 1', 'pin1'], ['pinCodes/pin 129', 'pin2'], ['pinCodes/pin 10', 'adm1'], ['pinCodes/pin 11', 'adm2'],
  ['pukCodes/puk 1', 'puk1'], ['pukCodes/puk 129', 'puk2'], ['akaParameter/key', 'k'], ['akaParameter/opc', 'opc'],
]);
/** By protocol, the slot of key 1, 2 and 3 of a set. */
const keySlots: Readonly<Record<KeyFamily, readonly SlotName[]>> = {
  scp80: ['scp80Kic', 'scp80Kid', 'scp80Kik'], scp81: ['scp81Psk', 'scp81Dek'], scp02: ['scp02Enc', 'scp02Mac', 'scp02Dek'], scp03: ['scp03Enc', 'scp03Mac', 'scp03Dek'],
};
const families = Object.keys(keySlots) as KeyFamily[];

/** The slot for what stands at a place of a finding, like `pinCodes[3]/pin 1` or `securityDomain[9]/key 64/1`. */
export function slotAt(place: string): SlotName | undefined {
  const [, element, field = ''] = /^(\w+)\[[^\]]*\]\/(.+)$/.exec(place) ?? [];
  const [, version, id] = (element === 'securityDomain' ? /^key (\d+)\/(\d+)$/.exec(field) : null) ?? [];
  if (version === undefined) return valueSlots.get(`${element}/${field}`);
  const family = families.find((one) => Number(version) >= KEY_VERSIONS[one][0] && Number(version) <= KEY_VERSIONS[one][1]);
  return family && keySlots[family][Number(id) - 1];
}

const isPlaceholder = ({ rule, severity, message }: KeptFinding): boolean => severity === 'warning' && ['V13', 'V26', 'V35'].includes(rule) && /published|placeholder/.test(message);

/** Where the keys stand that slots write: slots never reach into a second security domain. Undefined without a domain. */
export function keyDomain(der: Uint8Array): string | undefined {
  const domain = readPackage(der).elements.find((element) => element.name === 'securityDomain');
  return domain && elementPlace(domain);
}

/**
 * The findings, those of placeholders with the slot that overwrites them (`filledBy`). A slot counts for as many places as it writes.
 * Without `domain` ({@link keyDomain}) keys are taken for those of the first security domain that has findings.
 */
export function withFillers<F extends KeptFinding>(findings: readonly F[], slots: readonly KeptSlot[], domain?: string): (F & { filledBy?: string })[] {
  const room = new Map(slots.map((slot) => [slot.name, slot.writes.length]));
  return findings.map((one) => {
    const slot = isPlaceholder(one) ? slotAt(one.place) : undefined;
    const left = slot === undefined ? 0 : (room.get(slot) ?? 0);
    const elsewhere = domain !== undefined && one.place.startsWith('securityDomain') && !one.place.startsWith(`${domain}/`);
    if (slot === undefined || left === 0 || elsewhere) return one;
    room.set(slot, left - 1);
    return { ...one, filledBy: slot };
  });
}

/** Warnings that stay in every profile, and those of values that preparation replaces: from what is kept of a version, not from its package. */
export function warningsOf(template: Pick<TemplateRecord, 'findings' | 'slots'>): { readonly stay: number; readonly filled: number } {
  const findings = withFillers(JSON.parse(template.findings) as readonly KeptFinding[], JSON.parse(template.slots) as readonly KeptSlot[]);
  const filled = findings.filter((one) => one.filledBy !== undefined).length;
  return { stay: findings.filter((one) => one.severity === 'warning').length - filled, filled };
}
