/** An engine with a vault of its own, and the steps of an import as a window takes them. All secrets are test material. */
import type { ImportEffect, ImportView, TransportKeyRow } from '../../../src/shared/contract/imports.ts';
import type { JobView } from '../../../src/shared/contract/profiles.ts';
import type { TestEngine, TestEngineOptions } from '../../support/engine.ts';
import { finished, stockEngine } from '../stock/support.ts';

export * from '../stock/support.ts';

export const importEngine = (options: TestEngineOptions = {}): Promise<TestEngine> => stockEngine({ vault: 'in-process', ...options });

export async function open(engine: TestEngine, bytes: Uint8Array, extra: object = {}): Promise<ImportView> {
  return engine.ok('imports.open', { file: engine.uploads.put(Uint8Array.from(bytes)), fileName: 'vendor.csv', type: 'Sample', ...extra });
}

export const show = (engine: TestEngine, id: string): Promise<ImportView> => engine.ok('imports.show', { id });

export async function validate(engine: TestEngine, id: string): Promise<ImportView> {
  const job = await engine.ok<JobView>('imports.validate', { id });
  const done = await finished(engine, job.id);
  if (done.state !== 'done') throw new Error(`validation ended as ${done.state}: ${done.message}`);
  return show(engine, id);
}

/** Open, as proposed, and checked. */
export async function checked(engine: TestEngine, bytes: Uint8Array, extra: object = {}): Promise<ImportView> {
  const { id } = await open(engine, bytes, extra);
  return validate(engine, id);
}

export async function commit(engine: TestEngine, id: string, extra: object = {}): Promise<JobView> {
  const job = await engine.ok<JobView>('imports.commit', { id, ...extra });
  const done = await finished(engine, job.id);
  // What is tidied after the end of a job comes a moment later.
  for (let i = 0; i < 200 && (await engine.ok<ImportView | undefined>('imports.show', { id }).catch(() => undefined))?.state === 'committing'; i++) await new Promise((next) => setTimeout(next, 5));
  return done;
}

export const preview = (engine: TestEngine, id: string): Promise<ImportEffect> => engine.ok('imports.preview', { id });

export async function fixFile(engine: TestEngine, id: string): Promise<Buffer> {
  const { file } = await engine.ok<{ file: string; rows: number }>('imports.fixFile', { id });
  const parts: Uint8Array[] = [];
  for await (const part of engine.files.take(file)!.open()) parts.push(part);
  return Buffer.concat(parts);
}

export async function transportKey(engine: TestEngine, name: string, algorithm: string, hex: string, extra: object = {}): Promise<TransportKeyRow> {
  return engine.ok('transportKeys.add', { name, algorithm, components: [{ value: engine.uploads.put(Buffer.from(hex)), custodian: 'Ada' }], insist: true, ...extra });
}

export const codes = (view: ImportView): string[] => view.groups.map((group) => `${group.code} ${group.rows}`);
