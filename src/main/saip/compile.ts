import { createHash } from 'node:crypto';
import { fromHex, utf8Bytes } from '../../shared/tlv/index.ts';
import { aclBytes } from './edit/lists.ts';
import { fitRecords } from './edit/names.ts';
import { routingIndicatorBytes } from './edit/simple.ts';
import { suciBytes } from './edit/suci.ts';
import type { SuciEdit } from './edit/types.ts';
import { uriRecord } from './edit/ims.ts';
import { filesNamed, writeFile } from './edit/workbench.ts';
import { smspRecord, SMSP_TAIL, spn } from './encoders.ts';
import { SaipError } from './errors.ts';
import { findFiles, normaliseFile, viewFile, type FileSite } from './files.ts';
import { emptyList, entrySize, type PlmnEntry, writeList } from './lists.ts';
import type { KnownFile } from './names.ts';
import { type ProfileElement, readPackage } from './package.ts';
import {
  FILE_SLOTS, IMPU_ROOM, isSecretSlot, type KeyFamily, LATE_NAMES, type LateName, SLOT_NAMES, type SlotName, valueTargets,
} from './slots.ts';
import { templateTraits } from './traits.ts';
import { childOf, encodeTree, type Node } from './tree.ts';

/** Values every profile of a type shares; written into the base once. Absent ones stay as the template has them. */
export interface PlanConstants {
  readonly spn?: string | { readonly name: string; readonly display: number };
  /** Service centre number of EF.SMSP, `+447…`. */
  readonly smsc?: string;
  /** Digits of the MNC, byte 4 of EF.AD. */
  readonly mncLength?: 2 | 3;
  /** Hexadecimal text, padded with FF to the file. */
  readonly gid1?: string;
  readonly gid2?: string;
  /** Access point names of EF.ACL; whether they bind is for EF.EST to say. */
  readonly acl?: readonly string[];
  /** One to four digits. */
  readonly routingIndicator?: string;
  /** Schemes and keys of EF.SUCI_Calc_Info, for the one who calculates. */
  readonly suci?: Omit<SuciEdit, 'kind'>;
  /** Home network domain of the ISIM. */
  readonly ispDomain?: string;
  readonly plmnwact?: readonly PlmnEntry[];
  readonly oplmnwact?: readonly PlmnEntry[];
  readonly hplmnwact?: readonly PlmnEntry[];
  readonly fplmn?: readonly string[];
  readonly ehplmn?: readonly string[];
}

/** What a profile type personalises, and with what. JSON-able. */
export interface PersonalisationPlan {
  readonly slots: readonly SlotName[];
  readonly constants?: PlanConstants;
  readonly late?: readonly LateName[];
  /** Number of entries of late lists whose file is to be resized; the template's size otherwise. */
  readonly lateEntries?: Partial<Record<LateName, number>>;
  /** Key version of the SCP80 set the scp80 slots fill; every set of 01 to 0F when absent. */
  readonly scp80Version?: number;
  /** The same for each protocol; `scp80Version` goes before. */
  readonly keyVersions?: Partial<Record<KeyFamily, number>>;
}

export interface SlotWrite {
  readonly offset: number;
  readonly length: number;
  /** `swap` exchanges the nibbles of each octet (EF.ICCID). */
  readonly encoding: 'copy' | 'swap';
}

export interface Slot {
  readonly name: SlotName | LateName;
  /** Place in the encoded slot bytes (or, for a late slot, in the late bytes). */
  readonly at: number;
  readonly length: number;
  readonly writes: readonly SlotWrite[];
  readonly late: boolean;
  readonly secret: boolean;
}

/** A template turned into one block of bytes and the places to write to. Immutable. */
export interface CompiledTemplate {
  /** The package with slots zeroed and late lists empty. */
  readonly base: Uint8Array;
  readonly slots: readonly Slot[];
  /** SHA-256 of base (late slots zeroed) and slot table: the identity of this template version. */
  readonly digest: Uint8Array;
  readonly size: number;
  readonly slotBytesLength: number;
  readonly lateBytesLength: number;
  /** Writes as quadruples for the hot path: mode (0 copy, 1 swap), from, to, length. */
  readonly program: Int32Array;
  readonly lateProgram: Int32Array;
  /** Digits of the MNC (EF.AD), for IMS identities made from the IMSI; 0 when its applications disagree. */
  readonly mncLength: 0 | 2 | 3;
  /** Keccak permutations of TUAK, for TOPc made from TOP; 0 when its applications disagree. */
  readonly keccak: number;
}

interface Target {
  readonly node: Node;
  readonly from: number;
  readonly length: number;
  readonly encoding: 'copy' | 'swap';
}

/** Octets of a normalised file, shared by every slot and constant in it. */
type Bodies = Map<string, { content: Node; recordLength: number }>;

/**
 * Compiles a package to base and slots (once per template version). Personalised files are normalised first: their
 * content becomes one full-size fillFileContent, so each value has a fixed place. Throws {@link SaipError} with the
 * element as place when the template has no room for a slot or a constant.
 */
export function compileTemplate(der: Uint8Array, plan: PersonalisationPlan): CompiledTemplate {
  checkPlan(plan);
  const pkg = readPackage(Uint8Array.from(der));
  const bodies: Bodies = new Map();
  if (plan.slots.includes('impu')) widenIdentities(pkg.elements);
  writeConstants(pkg.elements, plan, bodies);
  const targets = new Map<SlotName | LateName, Target[]>();
  for (const name of SLOT_NAMES) if (plan.slots.includes(name)) targets.set(name, slotTargets(pkg.elements, name, plan, bodies));
  for (const name of LATE_NAMES) {
    if (plan.late?.includes(name)) targets.set(name, fileTargets(pkg.elements, name, bodies, plan.lateEntries?.[name]));
  }
  const offsets = new Map<Node, number>();
  const base = encodeTree(pkg.elements.map((element) => element.node), (node, offset) => offsets.set(node, offset));
  return freeze(base, layOut(targets, offsets), plan.constants ?? {});
}

function checkPlan(plan: PersonalisationPlan): void {
  for (const [names, known] of [[plan.slots, SLOT_NAMES], [plan.late ?? [], LATE_NAMES]] as const) {
    for (const name of names) {
      if (!(known as readonly string[]).includes(name)) throw new SaipError('PLAN_BAD', `There is no slot named ${name}.`, name);
    }
    if (new Set(names).size !== names.length) throw new SaipError('PLAN_BAD', 'The plan names a slot twice.');
  }
  if (plan.slots.includes('spn') && plan.constants?.spn !== undefined) {
    throw new SaipError('PLAN_BAD', 'The provider name is either per profile or constant, not both.', 'spn');
  }
  if (plan.slots.includes('smsp') && plan.constants?.smsc !== undefined) {
    throw new SaipError('PLAN_BAD', 'The service centre is either per profile or constant, not both.', 'smsp');
  }
  for (const name of LATE_NAMES) {
    const entries = plan.lateEntries?.[name];
    if (entries !== undefined && (!Number.isInteger(entries) || entries < 1 || entries > 4000)) {
      throw new SaipError('PLAN_BAD', 'A late list has 1 to 4000 entries.', name);
    }
  }
}

function slotTargets(elements: readonly ProfileElement[], name: SlotName, plan: PersonalisationPlan, bodies: Bodies): Target[] {
  if (FILE_SLOTS[name]) return fileTargets(elements, name, bodies);
  if (name === 'iccid') return iccidTargets(elements, bodies);
  const versions = plan.scp80Version === undefined ? plan.keyVersions : { ...plan.keyVersions, scp80: plan.scp80Version };
  const targets = valueTargets(elements, name, versions).map(({ node, place }) => {
    if (/^(pin|puk|adm)/.test(name) && node.value.length !== 8) throw new SaipError('SLOT_BAD_TARGET', 'A code field has eight bytes.', place);
    return { node, from: 0, length: node.value.length, encoding: 'copy' as const };
  });
  return sameLength(name, targets);
}

function iccidTargets(elements: readonly ProfileElement[], bodies: Bodies): Target[] {
  const header = elements.find((element) => element.name === 'header');
  if (!header) throw new SaipError('SAIP_NO_HEADER', 'The package has no header element.');
  const node = childOf(header.node, 0x83);
  if (node?.value.length !== 10) throw new SaipError('SLOT_BAD_TARGET', 'The header has no ICCID of ten bytes.', 'header/iccid');
  const files = findFiles(elements, 'ef-iccid').map((site) => {
    const { content } = bodyOf(site, bodies);
    if (content.value.length !== 10) throw new SaipError('SLOT_BAD_TARGET', 'EF.ICCID has ten bytes.', 'ef-iccid');
    return { node: content, from: 0, length: 10, encoding: 'swap' as const };
  });
  if (files.length === 0) throw new SaipError('SLOT_NO_TARGET', 'The template has no EF.ICCID.', 'iccid');
  return [{ node, from: 0, length: 10, encoding: 'copy' }, ...files];
}

function fileTargets(elements: readonly ProfileElement[], name: SlotName | LateName, bodies: Bodies, entries?: number): Target[] {
  const { file, length, tail, least } = FILE_SLOTS[name]!;
  const late = (LATE_NAMES as readonly string[]).includes(name);
  const size = late && entries ? entries * entrySize(name as LateName) : undefined;
  const targets = findFiles(elements, file).map((site) => {
    const { content, recordLength } = bodyOf(site, bodies, size, file === 'ef-impi' ? least : undefined);
    const want = tail ?? length ?? (least === undefined ? content.value.length : recordLength);
    const from = tail ? recordLength - tail : 0;
    const place = `${site.element.name}/${file}`;
    if (from < 0 || from + want > content.value.length) {
      throw new SaipError('SLOT_BAD_TARGET', `${file} is too small for its value (${content.value.length} bytes).`, place);
    }
    if (late && want % entrySize(name as LateName) !== 0) {
      throw new SaipError('SLOT_BAD_TARGET', `${file} is not a whole number of entries long.`, place);
    }
    return { node: content, from, length: want, encoding: 'copy' as const };
  });
  return sameLength(name, targets);
}

function sameLength(name: string, targets: Target[]): Target[] {
  const first = targets[0];
  if (!first) throw new SaipError('SLOT_NO_TARGET', `The template has nothing that takes ${name}.`, name);
  if (first.length === 0 || targets.some((target) => target.length !== first.length)) {
    throw new SaipError('SLOT_BAD_TARGET', `The places for ${name} differ in length.`, name);
  }
  return targets;
}

/** Gives the records of EF.IMPU the room an identity made from an IMSI needs. */
function widenIdentities(elements: readonly ProfileElement[]): void {
  if (findFiles(elements, 'ef-impu').length === 0) return;
  const bench = { elements: [...elements], places: new Set<string>() };
  for (const file of filesNamed(bench, 'ef-impu', ['isim'])) {
    if (file.recordLength >= IMPU_ROOM) continue;
    const records: Uint8Array[] = [];
    for (let at = 0; file.recordLength > 0 && at + file.recordLength <= file.body.length; at += file.recordLength) records.push(file.body.subarray(at, at + file.recordLength));
    const { body, recordLength } = fitRecords(records, IMPU_ROOM, Math.max(1, records.length), file.place);
    writeFile(bench, file, body, recordLength);
  }
}

function bodyOf(site: FileSite, bodies: Bodies, size?: number, least = 0): { content: Node; recordLength: number } {
  const key = `${site.element.index}/${site.file}`;
  const known = bodies.get(key);
  if (known) {
    if (size !== undefined && size !== known.content.value.length) {
      throw new SaipError('PLAN_BAD', 'A list is resized after it was written.', site.file);
    }
    return known;
  }
  const view = viewFile(site);
  let body = view.body;
  const want = size ?? Math.max(least, body.length);
  const resized = want !== body.length;
  if (resized) {
    body = new Uint8Array(want).fill(0xff);
    body.set(view.body.subarray(0, want));
  }
  const transparent = view.recordLength === view.body.length;
  const made = {
    content: normaliseFile(site, body, size !== undefined || resized), recordLength: transparent ? body.length : Math.min(view.recordLength, body.length),
  };
  bodies.set(key, made);
  return made;
}

function writeConstants(elements: readonly ProfileElement[], plan: PersonalisationPlan, bodies: Bodies): void {
  const constants = plan.constants;
  if (!constants) return;
  const each = (file: KnownFile, edit: (body: Uint8Array, recordLength: number) => void, size?: number): void => {
    const sites = findFiles(elements, file);
    if (sites.length === 0) throw new SaipError('SLOT_NO_TARGET', `The template has no ${file}.`, file);
    for (const site of sites) {
      const { content, recordLength } = bodyOf(site, bodies, size);
      edit(content.value, recordLength);
    }
  };
  const room = (body: Uint8Array, need: number, file: string): void => {
    if (body.length < need) throw new SaipError('SLOT_BAD_TARGET', `${file} is too small for its value (${body.length} bytes).`, file);
  };
  const { smsc, gid1, gid2 } = constants;
  if (constants.spn !== undefined) {
    const { name, display } = typeof constants.spn === 'string' ? { name: constants.spn, display: 1 } : constants.spn;
    each('ef-spn', (body) => { room(body, 17, 'ef-spn'); spn(name, body, 0, display); });
  }
  if (smsc !== undefined) {
    each('ef-smsp', (body, record) => { room(body.subarray(0, record), SMSP_TAIL, 'ef-smsp'); smspRecord(smsc, body, record - SMSP_TAIL); });
  }
  if (constants.mncLength !== undefined) {
    each('ef-ad', (body) => { room(body, 4, 'ef-ad'); body[3] = (body[3]! & 0xf0) | constants.mncLength!; });
  }
  for (const [file, hex] of [['ef-gid1', gid1], ['ef-gid2', gid2]] as const) {
    if (hex === undefined) continue;
    const bytes = fromHex(hex);
    each(file, (body) => { room(body, bytes.length, file); body.fill(0xff); body.set(bytes); });
  }
  const padded = (file: KnownFile, bytes: Uint8Array): void => {
    each(file, (body) => { room(body, bytes.length, file); body.fill(0xff); body.set(bytes); });
  };
  if (constants.acl) padded('ef-acl', aclBytes(constants.acl));
  if (constants.routingIndicator !== undefined) padded('ef-routing-indicator', routingIndicatorBytes(constants.routingIndicator));
  if (constants.suci) padded(constants.suci.calculatedBy === 'usim' ? 'ef-suci-calc-info-usim' : 'ef-suci-calc-info', suciBytes(constants.suci));
  if (constants.ispDomain !== undefined) padded('ef-domain', uriRecord(constants.ispDomain, 'ef-domain'));
  for (const name of ['plmnwact', 'oplmnwact', 'hplmnwact', 'fplmn', 'ehplmn'] as const) {
    const entries = constants[name];
    if (!entries) continue;
    const late = name === 'plmnwact' || !plan.late?.includes(name) ? undefined : plan.lateEntries?.[name];
    each(`ef-${name}`, (body) => writeList(name, entries, body, 0, body.length), late && late * entrySize(name));
  }
}

function layOut(targets: Map<SlotName | LateName, Target[]>, offsets: Map<Node, number>): Slot[] {
  const next = { early: 0, late: 0 };
  return [...targets].map(([name, list]) => {
    const late = (LATE_NAMES as readonly string[]).includes(name);
    const length = list[0]!.length;
    const at = late ? next.late : next.early;
    if (late) next.late += length;
    else next.early += length;
    const writes = list.map(({ node, from, encoding }) => ({ offset: offsets.get(node)! + from, length, encoding }));
    return { name, at, length, writes, late, secret: !late && isSecretSlot(name as SlotName) };
  });
}

function freeze(base: Uint8Array, slots: readonly Slot[], constants: PlanConstants): CompiledTemplate {
  checkOverlap(slots);
  for (const slot of slots) for (const { offset, length } of slot.writes) base.fill(0, offset, offset + length);
  const digest = digestOf(base, slots);
  for (const slot of slots) {
    if (!slot.late) continue;
    const name = slot.name as LateName;
    for (const { offset, length } of slot.writes) {
      if (constants[name]) writeList(name, constants[name], base, offset, length);
      else emptyList(name, base, offset, length);
    }
  }
  return assemble(base, slots, digest);
}

/** Puts the parts of a compiled template together; `digest` is that of the zeroed base. */
export function assemble(base: Uint8Array, slots: readonly Slot[], digest: Uint8Array): CompiledTemplate {
  const sum = (late: boolean): number => slots.reduce((total, slot) => total + (slot.late === late ? slot.length : 0), 0);
  const program = (late: boolean): Int32Array => Int32Array.from(slots.filter((slot) => slot.late === late).flatMap((slot) =>
    slot.writes.flatMap(({ offset, length, encoding }) => [encoding === 'swap' ? 1 : 0, slot.at, offset, length])));
  return {
    base, slots, digest, size: base.length, slotBytesLength: sum(false), lateBytesLength: sum(true),
    program: program(false), lateProgram: program(true), ...templateTraits(base, slots),
  };
}

/** SHA-256 over the zeroed base and the slot table. */
export function digestOf(zeroedBase: Uint8Array, slots: readonly Slot[]): Uint8Array {
  const table = slots.map((slot) => [slot.name, slot.late, slot.at, slot.length, slot.writes.map((w) => [w.offset, w.length, w.encoding])]);
  return createHash('sha256').update(zeroedBase).update(utf8Bytes(JSON.stringify(table))).digest();
}

function checkOverlap(slots: readonly Slot[]): void {
  const writes = slots.flatMap((slot) => slot.writes.map((write) => ({ ...write, name: slot.name }))).sort((a, b) => a.offset - b.offset);
  writes.forEach((write, index) => {
    const before = writes[index - 1];
    if (before && before.offset + before.length > write.offset) {
      throw new SaipError('PLAN_BAD', `The slots ${before.name} and ${write.name} would overlap.`, write.name);
    }
  });
}

