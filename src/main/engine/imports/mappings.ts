/** What operators keep of their senders' files: mappings by column names, dialects of their own. */
import { createHash } from 'node:crypto';
import type { ImportColumn, ImportFormat, ImportPreset, ImportRules, SavedMapping } from '../../../shared/contract/imports.ts';
import { importFormat, importPreset, importRules, savedMapping } from '../../../shared/contract/imports.ts';
import type { EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { normalised } from './columns.ts';
import { builtInPresets } from './presets.ts';
import type { ImportSession } from './session.ts';

const body = savedMapping.omit({ name: true, usedAt: true, createdAt: true });

/** The names of a file's columns as one value, so that the mapping of an earlier file is found for the next. */
export function columnsDigest(names: readonly string[]): string {
  return createHash('sha256').update(names.map(normalised).join('\n')).digest('hex').slice(0, 32);
}

const fromRow = (row: { name: string; body: string; created_at: number; used_at: number | null }): SavedMapping => ({
  name: row.name, ...body.parse(JSON.parse(row.body)), createdAt: row.created_at, ...(row.used_at === null ? {} : { usedAt: row.used_at }),
});

export async function listMappings(db: Reader): Promise<SavedMapping[]> {
  const rows = await db.selectFrom('import_mappings').selectAll().orderBy('name').execute();
  return rows.map(fromRow);
}

/** Throws {@link DeskProblem} `MAPPING_UNKNOWN`. */
export async function mappingNamed(db: Reader | Tx, name: string): Promise<SavedMapping> {
  const row = await db.selectFrom('import_mappings').selectAll().where('name', '=', name).executeTakeFirst();
  if (!row) throw new DeskProblem('MAPPING_UNKNOWN', `There is no saved mapping named ${name.slice(0, 64)}.`, { field: 'mapping' });
  return fromRow(row);
}

/** The mapping last used for a file with these columns. */
export async function mappingFor(db: Reader, names: readonly string[]): Promise<SavedMapping | undefined> {
  const row = await db.selectFrom('import_mappings').selectAll().where('columns', '=', columnsDigest(names)).orderBy('used_at', 'desc').orderBy('created_at', 'desc').limit(1).executeTakeFirst();
  return row && fromRow(row);
}

/** Keeps how a file is read under a name; an earlier one of the name is replaced. OP of the file is never kept. */
export async function saveMapping(tx: Tx, ctx: Pick<EngineContext, 'clock'>, session: ImportSession, name: string): Promise<SavedMapping> {
  const { op: _op, ...rules } = session.rules;
  const kept = {
    ...(session.type === undefined ? {} : { type: session.type }), format: session.source.format as ImportFormat, rules: rules as ImportRules,
    columns: session.columns.map((one) => ({ name: session.source.names[one.index] ?? '', transforms: one.transforms, ...(one.field ? { field: one.field } : {}), ...(one.wrapping ? { wrapping: one.wrapping } : {}) })),
  };
  const at = ctx.clock.now();
  const values = { name, body: JSON.stringify(kept), columns: columnsDigest(session.source.names), created_at: at, used_at: at };
  await tx.insertInto('import_mappings').values(values).onConflict((c) => c.column('name').doUpdateSet({ body: values.body, columns: values.columns, used_at: at })).execute();
  return fromRow(await tx.selectFrom('import_mappings').selectAll().where('name', '=', name).executeTakeFirstOrThrow());
}

export async function noteUse(tx: Tx, ctx: Pick<EngineContext, 'clock'>, name: string): Promise<void> {
  await tx.updateTable('import_mappings').set({ used_at: ctx.clock.now() }).where('name', '=', name).execute();
}

export async function removeMapping(tx: Tx, name: string): Promise<{ name: string }> {
  await mappingNamed(tx, name);
  await tx.deleteFrom('import_mappings').where('name', '=', name).execute();
  return { name };
}

/** A mapping's columns in the places they have in this file; columns it does not know are passed over. */
export function placed(mapping: Pick<SavedMapping, 'columns'>, names: readonly string[]): ImportColumn[] {
  const left = [...mapping.columns];
  return names.map((name, index) => {
    const at = left.findIndex((one) => normalised(one.name) === normalised(name));
    const found = at < 0 ? undefined : left.splice(at, 1)[0];
    return { index, transforms: found?.transforms ?? [], ...(found?.field ? { field: found.field } : {}), ...(found?.wrapping ? { wrapping: found.wrapping } : {}) };
  });
}

export async function listPresets(db: Reader): Promise<ImportPreset[]> {
  const rows = await db.selectFrom('import_presets').selectAll().orderBy('name').execute();
  return [...builtInPresets, ...rows.map((row) => importPreset.parse(JSON.parse(row.body)))];
}

/** Throws {@link DeskProblem} `PRESET_UNKNOWN`. */
export async function presetNamed(db: Reader | Tx, name: string): Promise<ImportPreset> {
  const builtIn = builtInPresets.find((one) => one.name === name);
  if (builtIn) return builtIn;
  const row = await db.selectFrom('import_presets').selectAll().where('name', '=', name).executeTakeFirst();
  if (!row) throw new DeskProblem('PRESET_UNKNOWN', `There is no preset named ${name.slice(0, 64)}.`, { field: 'preset' });
  return importPreset.parse(JSON.parse(row.body));
}

function refuseBuiltIn(name: string): void {
  if (builtInPresets.some((one) => one.name === name)) throw new DeskProblem('PRESET_BUILT_IN', 'This preset belongs to the program; it stays as it is.', { field: 'name', hint: 'Save yours under another name.' });
}

export async function savePreset(tx: Tx, ctx: Pick<EngineContext, 'clock'>, preset: Omit<ImportPreset, 'builtIn'>): Promise<ImportPreset> {
  refuseBuiltIn(preset.name);
  const kept = { ...preset, builtIn: false };
  await tx.insertInto('import_presets').values({ name: preset.name, body: JSON.stringify(kept), created_at: ctx.clock.now() })
    .onConflict((c) => c.column('name').doUpdateSet({ body: JSON.stringify(kept) })).execute();
  return importPreset.parse(kept);
}

export async function removePreset(tx: Tx, name: string): Promise<{ name: string }> {
  refuseBuiltIn(name);
  await presetNamed(tx, name);
  await tx.deleteFrom('import_presets').where('name', '=', name).execute();
  return { name };
}

export const noRules: ImportRules = importRules.parse({});
export const formatOf = (format: ImportFormat): ImportFormat => importFormat.parse(format);
