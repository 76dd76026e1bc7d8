import type { FileEntry } from '../file-system.ts';
import { type Finding, finding } from '../findings.ts';
import { bodyOf, named, type Scope } from './scope.ts';

/** Services of EF.UST (TS 31.102, 4.2.8) whose bit and whose file belong together. */
const FILES_OF_SERVICES: Readonly<Record<number, string>> = {
  12: 'ef-smsp', 19: 'ef-spn', 20: 'ef-plmnwact', 21: 'ef-msisdn', 35: 'ef-acl', 42: 'ef-oplmnwact', 43: 'ef-hplmnwact', 45: 'ef-pnn', 46: 'ef-opl',
  51: 'ef-spdi', 71: 'ef-ehplmn', 122: 'ef-5gs3gpploci', 123: 'ef-5gauthkeys', 124: 'ef-suci-calc-info', 125: 'ef-suci-calc-info-usim',
  126: 'ef-uac-aic', 129: 'ef-opl5g',
};

/** EF.UST of one USIM. */
export interface ServiceTable {
  readonly entry: FileEntry;
  readonly body: Uint8Array;
}

export function serviceTables(scope: Scope): ServiceTable[] {
  return named(scope, 'ef-ust').flatMap((entry) => {
    const view = bodyOf(scope, entry);
    return view && entry.parts.length > 0 ? [{ entry, body: view.body }] : [];
  });
}

export function hasService(table: Uint8Array, service: number): boolean {
  return ((table[(service - 1) >> 3] ?? 0) & (1 << ((service - 1) & 7))) !== 0;
}

/** Rule V33: what EF.UST and EF.EST say is what there is. */
export function checkServiceTables(scope: Scope): Finding[] {
  return serviceTables(scope).flatMap((table) => [...checkTable(scope, table), ...checkEnabled(scope, table)]);
}

function checkTable(scope: Scope, { entry, body }: ServiceTable): Finding[] {
  const findings: Finding[] = [];
  for (const [number, file] of Object.entries(FILES_OF_SERVICES)) {
    const service = Number(number);
    const found = named(scope, file).filter((other) => other.path.startsWith(entry.path) && other.element.name !== 'opt-isim');
    const available = hasService(body, service);
    // On-card calculation keeps its data in DF.SAIP alone (TS 31.102, 4.4.11.8).
    if (service === 124 && hasService(body, 125)) continue;
    if (available && found.length === 0) {
      findings.push(finding('V33', 'error', entry.place, `EF.UST says service ${service} is available, but there is no ${file}.`));
    }
    const asked = found.find((other) => other.node);
    if (!available && asked) findings.push(finding('V33', 'error', entry.place, `EF.UST says service ${service} is not available, but ${asked.place} is there.`));
  }
  return findings;
}

const ENABLED = [[0x01, 2, 'fixed dialling'], [0x02, 6, 'barred dialling'], [0x04, 35, 'the access point list']] as const;

/** A service can only be enabled where EF.UST has it (TS 31.102, 4.2.47). */
function checkEnabled(scope: Scope, { entry, body }: ServiceTable): Finding[] {
  return named(scope, 'ef-est').filter((other) => other.path === entry.path).flatMap((est) => {
    const bits = bodyOf(scope, est)?.body[0];
    if (bits === undefined || est.parts.length === 0) return [];
    return ENABLED.filter(([bit, service]) => bits & bit && !hasService(body, service))
      .map(([, service, what]) => finding('V33', 'error', est.place, `EF.EST enables ${what}, but service ${service} is not available.`));
  });
}
