import { childOf, leaf } from '../tree.ts';
import { SERVICES } from '../names.ts';
import type { MandatoryServicesEdit, ServiceTableEdit } from './types.ts';
import { badValue, filesNamed, headerOf, type Homes, noPlace, type Workbench, writeFile } from './workbench.ts';

const TABLES: Readonly<Record<ServiceTableEdit['table'], { file: string; homes: Homes; most: number }>> = {
  ust: { file: 'ef-ust', homes: ['usim', 'iot'], most: 255 }, est: { file: 'ef-est', homes: ['usim', 'opt-iot'], most: 8 },
  ist: { file: 'ef-ist', homes: ['isim'], most: 255 },
};

/** Sets and clears bits of a service table; the table grows when a service lies beyond its end. */
export function setServices(bench: Workbench, table: ServiceTableEdit['table'], on: readonly number[], off: readonly number[]): void {
  const { file: name, homes, most } = TABLES[table];
  for (const n of [...on, ...off]) if (!Number.isInteger(n) || n < 1 || n > most) throw badValue(name, `A service number is a whole number from 1 to ${most}.`);
  const both = on.find((n) => off.includes(n));
  if (both !== undefined) throw badValue(name, `Service ${both} cannot be switched on and off at once.`);
  for (const file of filesNamed(bench, name, homes)) {
    const body = new Uint8Array(Math.max(file.body.length, ...on.map((n) => ((n - 1) >> 3) + 1)));
    body.set(file.body);
    for (const n of on) body[(n - 1) >> 3]! |= 1 << ((n - 1) & 7);
    for (const n of off) if ((n - 1) >> 3 < body.length) body[(n - 1) >> 3]! &= ~(1 << ((n - 1) & 7));
    writeFile(bench, file, body);
  }
}

export function editServices(bench: Workbench, edit: ServiceTableEdit): string {
  setServices(bench, edit.table, edit.on ?? [], edit.off ?? []);
  const list = (numbers: readonly number[] | undefined): string => (numbers ?? []).join(', ');
  const parts = [edit.on?.length ? `on: ${list(edit.on)}` : '', edit.off?.length ? `off: ${list(edit.off)}` : ''].filter(Boolean);
  return `Services of EF.${edit.table.toUpperCase()} ${parts.join('; ')}`;
}

/** Sets and clears flags of eUICC-Mandatory-services, which stand in the order of their tags. */
export function setMandatory(bench: Workbench, on: readonly string[], off: readonly string[]): void {
  const tag = (name: string): number => {
    const index = (SERVICES as readonly string[]).indexOf(name);
    if (index < 0) throw badValue('header/eUICC-Mandatory-services', `There is no service named ${name}.`);
    return 0x80 + index;
  };
  const list = childOf(headerOf(bench), 0xa5);
  if (!list?.children) throw noPlace('header/eUICC-Mandatory-services', 'The header has no list of services.');
  const [wanted, unwanted] = [on.map(tag), off.map(tag)];
  const both = wanted.find((one) => unwanted.includes(one));
  if (both !== undefined) throw badValue('header/eUICC-Mandatory-services', `The service ${SERVICES[both - 0x80]} cannot be demanded and not.`);
  const before = list.children.map((flag) => flag.tag);
  const kept = list.children.filter((flag) => !unwanted.includes(flag.tag));
  for (const one of wanted) if (!kept.some((flag) => flag.tag === one)) kept.push(leaf(one, []));
  kept.sort((a, b) => a.tag - b.tag);
  if (kept.length === before.length && kept.every((flag, i) => flag.tag === before[i])) return;
  list.children = kept;
  bench.places.add('header');
}

export function editMandatory(bench: Workbench, edit: MandatoryServicesEdit): string {
  setMandatory(bench, edit.on ?? [], edit.off ?? []);
  const parts = [edit.on?.length ? `demanded: ${edit.on.join(', ')}` : '', edit.off?.length ? `not demanded: ${edit.off.join(', ')}` : ''].filter(Boolean);
  return `Services of the eUICC ${parts.join('; ')}`;
}
