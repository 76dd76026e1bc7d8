import type { z } from 'zod';
import { acceptableRules } from '../../../shared/contract/types.ts';
import type { editSummary } from '../../../shared/contract/template-edit.ts';
import type { finding, templateRow } from '../../../shared/contract/types.ts';
import { toHex } from '../../../shared/tlv/index.ts';
import type { CompiledTemplate, Finding, PackageDescription } from '../../saip/index.ts';
import { checkPackage, compileTemplate, describe, estimateSize, hasErrors, readPackage, SaipError, switchToMilenage } from '../../saip/index.ts';
import type { Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { keyDomain, warningsOf, withFillers } from './placeholders.ts';
import { defaultPlan } from './plan.ts';
import type { TemplateRecord } from './records.ts';
import { templateById, templateByName } from './records.ts';

export type TemplateView = z.input<typeof templateRow>;
export type FindingView = z.input<typeof finding>;

/** A package ready to be stored: read, switched where asked, checked and compiled. */
export interface TemplateDraft {
  readonly der: Uint8Array;
  readonly compiled: CompiledTemplate;
  readonly findings: readonly Finding[];
  readonly algorithm: string;
  readonly saipVersion: string;
  readonly elements: number;
}

/** Reads a package for people. Throws {@link DeskProblem} `TEMPLATE_MALFORMED`. */
export function readTemplate(der: Uint8Array): PackageDescription {
  try {
    return describe(readPackage(der));
  } catch (error) {
    if (error instanceof SaipError) throw malformed(error);
    throw error;
  }
}

/**
 * Throws {@link DeskProblem}: `TEMPLATE_MALFORMED` (no profile package), `TEMPLATE_REFUSED` (a rule finds an error, or ICCID
 * and IMSI have no place). Warnings pass and are kept with the template; so do errors of the rules in `accept`.
 */
export function draftTemplate(file: Uint8Array, keepAlgorithm: boolean, accept: readonly string[] = []): TemplateDraft {
  readTemplate(file);
  try {
    const der = keepAlgorithm ? Uint8Array.from(file) : switchToMilenage(file);
    const findings = checkPackage(der);
    const standing = findings.filter((one) => !accept.includes(one.rule));
    if (hasErrors(standing)) throw refused(standing);
    const view = describe(readPackage(der));
    return {
      der, findings, compiled: compileTemplate(der, defaultPlan(der)), elements: view.elements.length,
      algorithm: view.elements.find((element) => element.algorithm !== undefined && element.algorithm !== 'mapped')?.algorithm ?? 'none',
      saipVersion: view.header ? `${view.header.majorVersion}.${view.header.minorVersion}` : 'unknown',
    };
  } catch (error) {
    if (!(error instanceof SaipError)) throw error;
    throw new DeskProblem('TEMPLATE_REFUSED', `The package cannot be a template: ${error.message}`, { field: 'file', ...(error.place ? { hint: `Look at ${error.place}.` } : {}) });
  }
}

/** Findings of a draft, each with the slot that fills it. */
export const draftFindings = (draft: TemplateDraft): FindingView[] => withFillers(draft.findings, draft.compiled.slots, keyDomain(draft.der));

/** Findings of a file as it is. The slots are those it would get; a package that cannot be imported has none. */
export function fileFindings(der: Uint8Array): (Finding & { filledBy?: string })[] {
  const findings = checkPackage(der);
  if (hasErrors(findings.filter((one) => !(acceptableRules as readonly string[]).includes(one.rule)))) return findings;
  try {
    return withFillers(findings, compileTemplate(der, defaultPlan(der)).slots, keyDomain(der));
  } catch (error) {
    if (error instanceof SaipError) return findings;
    throw error;
  }
}

function malformed(error: SaipError): DeskProblem {
  return new DeskProblem('TEMPLATE_MALFORMED', `The file is not a profile package: ${error.message}`, {
    field: 'file', hint: error.place ? `Reading stopped at ${error.place}.` : 'A profile package is DER of SAIP profile elements, not text and not an archive.',
  });
}

function refused(findings: readonly Finding[]): DeskProblem {
  const errors = findings.filter((one) => one.severity === 'error');
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new DeskProblem('TEMPLATE_REFUSED', `The package breaks rule ${first!.rule} at ${first!.place}: ${first!.message}${more}`, { field: 'file', hint: errors.every((one) => (acceptableRules as readonly string[]).includes(one.rule)) ? `${first!.fix} If devices are known to take the package as it is, import it with ${[...new Set(errors.map((one) => one.rule))].join(', ')} accepted.` : first!.fix });
}

/** Where a version comes from. */
export interface TemplateOrigin {
  readonly actor: string;
  readonly derivedFrom?: number;
  /** What the editing did, in words. */
  readonly changes?: readonly z.input<typeof editSummary>[];
  readonly note?: string | undefined;
}

/** Stores a draft as the next version under its name; a draft whose newest version is the same bytes stays that version. */
export async function storeTemplate(tx: Tx, draft: TemplateDraft, name: string, at: number, origin?: TemplateOrigin): Promise<TemplateRecord> {
  const newest = await templateByName(tx, name);
  if (newest && Buffer.compare(newest.der, draft.der) === 0 && Buffer.compare(newest.digest, draft.compiled.digest) === 0) return newest;
  const count = (severity: string): number => draft.findings.filter((one) => one.severity === severity).length;
  return tx.insertInto('templates').values({
    name, version: (newest?.version ?? 0) + 1, der: draft.der, digest: draft.compiled.digest, base: draft.compiled.base,
    slots: JSON.stringify(draft.compiled.slots), size_bytes: draft.compiled.size, algorithm: draft.algorithm, saip_version: draft.saipVersion,
    elements: draft.elements, errors: count('error'), warnings: count('warning'), findings: JSON.stringify(draft.findings), created_at: at,
    derived_from: origin?.derivedFrom ?? null, changes: JSON.stringify(origin?.changes ?? []), note: origin?.note ?? null, actor: origin?.actor ?? null, retired_at: null,
  }).returningAll().executeTakeFirstOrThrow();
}

const rowColumns = [
  'id', 'name', 'version', 'digest', 'size_bytes', 'algorithm', 'saip_version', 'elements', 'errors', 'warnings', 'findings', 'slots', 'created_at',
  'derived_from', 'note', 'actor', 'retired_at',
] as const;

/** `uses`: every pair of type and template there ever was, and which of them stand now. */
export function templateView(row: Pick<TemplateRecord, (typeof rowColumns)[number]>, uses: readonly TemplateUse[] = []): TemplateView {
  const own = uses.filter((use) => use.templateId === row.id);
  return {
    id: String(row.id), name: row.name, version: row.version, sizeBytes: row.size_bytes, digest: toHex(row.digest), algorithm: row.algorithm,
    saipVersion: row.saip_version, elements: row.elements, createdAt: row.created_at, errors: row.errors, warnings: row.warnings === 0 ? 0 : row.warnings - warningsOf(row).filled,
    types: [...new Set(own.filter((use) => use.now).map((use) => use.type))].sort(), used: own.length > 0,
    ...(row.derived_from === null ? {} : { derivedFrom: String(row.derived_from) }), ...(row.note === null ? {} : { note: row.note }),
    ...(row.actor === null ? {} : { actor: row.actor }), ...(row.retired_at === null ? {} : { retiredAt: row.retired_at }),
  };
}

export interface TemplateUse {
  readonly templateId: number;
  readonly type: string;
  readonly now: boolean;
}

export async function templateUses(db: Reader | Tx): Promise<TemplateUse[]> {
  const rows = await db.selectFrom('type_templates').innerJoin('profile_types', 'profile_types.id', 'type_templates.type_id')
    .select(['type_templates.template_id as templateId', 'profile_types.name as type', 'profile_types.template_id as present']).execute();
  return rows.map(({ templateId, type, present }) => ({ templateId, type, now: templateId === present }));
}

export async function listTemplates(db: Reader | Tx, name?: string): Promise<TemplateView[]> {
  let query = db.selectFrom('templates').select(rowColumns).orderBy('id', 'desc');
  if (name !== undefined) query = query.where('name', '=', name);
  const uses = await templateUses(db);
  return (await query.execute()).map((row) => templateView(row, uses));
}

/** Versions never change, so what was estimated once holds; by digest: equal ones have the same files. */
const estimates = new Map<string, number>();
const KEEP_ESTIMATES = 5_000;

/** The list with the memory each version takes on an eUICC. */
export async function withEstimates(db: Reader, rows: readonly TemplateView[]): Promise<TemplateView[]> {
  const list: TemplateView[] = [];
  for (const row of rows) {
    let nvmBytes = estimates.get(row.digest);
    if (nvmBytes === undefined) {
      nvmBytes = estimateSize(readPackage((await demandTemplate(db, row.id)).der)).nvmBytes;
      if (estimates.size >= KEEP_ESTIMATES) estimates.delete(estimates.keys().next().value!);
      estimates.set(row.digest, nvmBytes);
    }
    list.push({ ...row, nvmBytes });
  }
  return list;
}

/** Throws {@link DeskProblem} `TEMPLATE_UNKNOWN`. */
export async function demandTemplate(db: Reader | Tx, id: string): Promise<TemplateRecord> {
  const row = await templateById(db, Number(id));
  if (!row) throw new DeskProblem('TEMPLATE_UNKNOWN', 'There is no such template version.', { field: 'id' });
  return row;
}
