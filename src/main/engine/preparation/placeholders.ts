/** Findings of a template that no profile will have: placeholders which its slots overwrite. */
import type { TemplateRecord } from '../types/index.ts';

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

/** Where a published default or a placeholder stands, and the slot that writes there. SCP80 has the key versions 01 to 0F. */
const places: readonly (readonly [RegExp, string])[] = [
  [/^pinCodes.*\/pin 1$/, 'pin1'], [/^pinCodes.*\/pin 129$/, 'pin2'], [/^pinCodes.*\/pin 10$/, 'adm1'], [/^pinCodes.*\/pin 11$/, 'adm2'],
  [/^pukCodes.*\/puk 1$/, 'puk1'], [/^pukCodes.*\/puk 129$/, 'puk2'], [/^akaParameter.*\/key$/, 'k'], [/^akaParameter.*\/opc$/, 'opc'],
  [/^securityDomain.*\/key ([1-9]|1[0-5])\/1$/, 'scp80Kic'], [/^securityDomain.*\/key ([1-9]|1[0-5])\/2$/, 'scp80Kid'], [/^securityDomain.*\/key ([1-9]|1[0-5])\/3$/, 'scp80Kik'],
];
const isPlaceholder = ({ rule, message }: KeptFinding): boolean => ['V13', 'V26', 'V35'].includes(rule) && /published|placeholder/.test(message);

/** Warnings that stay in every profile, and those of values that preparation replaces. A slot counts for as many places as it writes. */
export function warningsOf(template: Pick<TemplateRecord, 'findings' | 'slots'>): { readonly stay: number; readonly filled: number } {
  const slots = JSON.parse(template.slots) as readonly KeptSlot[];
  const room = new Map(slots.map((slot) => [slot.name, slot.writes.length]));
  const warnings = (JSON.parse(template.findings) as readonly KeptFinding[]).filter((one) => one.severity === 'warning');
  let filled = 0;
  for (const one of warnings) {
    const slot = isPlaceholder(one) ? places.find(([place]) => place.test(one.place))?.[1] : undefined;
    const left = slot === undefined ? 0 : (room.get(slot) ?? 0);
    if (slot === undefined || left === 0) continue;
    room.set(slot, left - 1);
    filled += 1;
  }
  return { stay: warnings.length - filled, filled };
}
