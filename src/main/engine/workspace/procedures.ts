import { statSync } from 'node:fs';
import { workspace } from '../../../shared/contract/workspace.ts';
import type { EngineContext } from '../context.ts';
import { command, type Implemented, query, stream } from '../router/implement.ts';
import { homeFigures } from './home.ts';
import { search } from './search.ts';
import { refuseManaged } from './settings-file.ts';
import { readSettings, saveSettings } from './settings.ts';

async function databaseBytes(ctx: EngineContext): Promise<number> {
  return ['', '-wal'].reduce((sum, suffix) => sum + (statSync(ctx.paths.database + suffix, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** Asked at most every few seconds: a footer must not load the vault. */
const protectionKept = 5_000;

function vaultProtection(): (ctx: EngineContext) => Promise<'not-protected' | 'passphrase' | 'unknown'> {
  let last: { at: number; value: 'not-protected' | 'passphrase' } | undefined;
  return async (ctx) => {
    const now = performance.now();
    if (ctx.vault.state !== 'ready') return last?.value ?? 'unknown';
    if (last && now - last.at < protectionKept) return last.value;
    try {
      last = { at: now, value: (await ctx.vault.call('status', {})).protection };
      return last.value;
    } catch (error) {
      ctx.log.warn('vault did not say its state', { error });
      return 'unknown';
    }
  };
}

export function procedures(): Implemented[] {
  const protection = vaultProtection();
  return [
    query(workspace.status, async (ctx) => {
      const r = ctx.runtime;
      const last = await ctx.reader.selectFrom('audit').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1).executeTakeFirst();
      const running = await ctx.reader.selectFrom('jobs').select((e) => e.fn.countAll<number>().as('n')).where('state', 'in', ['running', 'queued']).executeTakeFirstOrThrow();
      return {
        workspaceId: r.workspaceId, name: r.workspaceName, environment: ctx.environment, version: r.version, startedAt: r.startedAt,
        processes: { engine: process.pid, host: process.ppid },
        smdpAddress: ctx.settings().smdpAddress,
        vault: { state: ctx.vault.state, protection: await protection(ctx), restarts: r.vaultRestarts },
        database: { bytes: await databaseBytes(ctx), schema: r.schemaVersion, state: 'ok' as const },
        chain: { records: last?.seq ?? 0, head: last === undefined ? '' : Buffer.from(last.hash).toString('hex') },
        listeners: [...r.listeners], jobsRunning: running.n, recovered: [...r.recovered],
      };
    }),
    query(workspace.home, (ctx) => homeFigures(ctx)),
    query(workspace.search, (ctx, { text }) => search(ctx.reader, text)),
    query(workspace.settings, async (ctx) => ctx.settings()),
    command(workspace.saveSettings, {
      run: async (tx, ctx, { settings }) => {
        refuseManaged(settings, ctx.runtime.managed);
        await saveSettings(tx, settings);
        return (await readSettings(tx, ctx.settings())).settings;
      },
      after: (ctx, settings) => {
        ctx.runtime.settings = settings;
      },
      object: () => ({ type: 'settings', id: 'workspace' }),
      changes: ['workspace', 'settings'],
    }),
    command(workspace.backup, {
      before: (ctx) => ctx.runtime.backup(),
      run: async (_tx, _ctx, _input, backup) => backup,
      object: (_input, backup) => ({ type: 'backup', id: backup.file }),
      changes: ['workspace'],
    }),
    stream(workspace.changes, (ctx, _input, _call, push, signal) => {
      const end = ctx.runtime.subscribe((areas) => push({ areas: [...areas], at: ctx.clock.now() }));
      signal.addEventListener('abort', end, { once: true });
    }),
  ];
}
