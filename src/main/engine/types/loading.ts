import { VaultError } from '../../vault-link/operations.ts';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { TemplateRecord } from './records.ts';
import { templateById } from './records.ts';

/** Templates never change, so what was read once may be kept; a handful of them, newest use last. */
const recent = new Map<string, TemplateRecord>();
const KEEP = 8;

/** A template by its row; throws {@link DeskProblem} `TEMPLATE_UNKNOWN`. */
export async function loadedTemplate(ctx: Pick<EngineContext, 'reader' | 'paths'>, templateId: number): Promise<TemplateRecord> {
  const key = `${ctx.paths.root}\n${templateId}`;
  const found = recent.get(key) ?? await templateById(ctx.reader, templateId);
  if (!found) throw new DeskProblem('TEMPLATE_UNKNOWN', 'The template of this profile is gone from the workspace.');
  recent.delete(key);
  recent.set(key, found);
  if (recent.size > KEEP) recent.delete(recent.keys().next().value!);
  return found;
}

/** Makes the vault know the template; answers its digest. The vault forgets templates when it restarts. */
export async function ensureTemplateLoaded(ctx: Pick<EngineContext, 'reader' | 'vault' | 'paths'>, templateId: number): Promise<Uint8Array> {
  const template = await loadedTemplate(ctx, templateId);
  await ctx.vault.call('loadTemplate', { digest: template.digest, base: template.base, slots: template.slots });
  return template.digest;
}

/**
 * Runs a vault call that needs the template (`prepare`, `bind`) and loads the template when the vault answers that it does
 * not know it: `withTemplate(ctx, id, (template) => ctx.vault.call('bind', { template, … }))`.
 */
export async function withTemplate<T>(
  ctx: Pick<EngineContext, 'reader' | 'vault' | 'paths'>, templateId: number, run: (digest: Uint8Array) => Promise<T>,
): Promise<T> {
  const { digest } = await loadedTemplate(ctx, templateId);
  try {
    return await run(digest);
  } catch (error) {
    if (!(error instanceof VaultError) || error.code !== 'TEMPLATE_NOT_LOADED') throw error;
    await ensureTemplateLoaded(ctx, templateId);
    return run(digest);
  }
}
