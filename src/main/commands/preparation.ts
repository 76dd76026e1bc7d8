/** prepare, batch: batches of profiles from the command line. */
import type { Command } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import type { BatchView, PreparationPlan, PreparationPreview } from '../../shared/contract/preparation.ts';
import { table } from './output.ts';
import { addCommand, group, oneOf, type Options, pageSize, usage, wholeNumber } from './program.ts';
import { existing, withSession } from './session.ts';

interface PlanOptions {
  readonly type: string; readonly count: number; readonly source?: 'stock' | 'ranges' | 'both'; readonly range?: string; readonly import?: string; readonly brand?: string;
  readonly reference?: string; readonly order?: string; readonly due?: string; readonly note?: string; readonly output?: string[];
}

function planOf(options: PlanOptions): Pick<PreparationPlan, 'type' | 'count'> & Partial<PreparationPlan> {
  const due = options.due === undefined ? undefined : Date.parse(options.due);
  if (due !== undefined && Number.isNaN(due)) usage('--due takes a day like 2026-12-24.');
  return {
    type: options.type, count: options.count, source: options.source ?? 'both', outputs: options.output ?? [],
    ...(options.range === undefined ? {} : { range: options.range }), ...(options.import === undefined ? {} : { import: options.import }), ...(options.brand === undefined ? {} : { brand: options.brand }),
    ...(options.reference === undefined ? {} : { reference: options.reference }), ...(options.order === undefined ? {} : { order: options.order }),
    ...(due === undefined ? {} : { due }), ...(options.note === undefined ? {} : { note: options.note }),
  };
}

const marks = { ok: 'ok', warning: 'warning', blocker: 'BLOCKER' } as const;

function previewText(preview: PreparationPreview): string {
  return [
    `${preview.count} × ${preview.type} (${preview.template} version ${preview.templateVersion}), as ${preview.reference}`,
    ...(preview.parts.length === 0 ? [] : [table(['from', 'count', 'first ICCID', 'last ICCID', 'first IMSI', 'last IMSI'], preview.parts.map((part) => [part.title, String(part.count), part.first.iccid, part.last.iccid, part.first.imsi, part.last.imsi]))]),
    '', table(['check', 'state', 'what'], preview.checks.map((check) => [check.title, marks[check.state], `${check.sentence}${check.hint && check.state !== 'ok' ? ` ${check.hint}` : ''}`])),
    ...(preview.estimate ? ['', `About ${Math.ceil(preview.estimate.seconds)} s at ${Math.round(preview.estimate.rate)} profiles/s (measured in ${preview.estimate.batches === 1 ? 'the last batch' : `the last ${preview.estimate.batches} batches`} of 500 profiles or more).`] : []),
  ].join('\n');
}

const time = (at: number | undefined): string => (at === undefined ? '' : new Date(at).toISOString().slice(0, 16).replace('T', ' '));
const row = (batch: BatchView): string[] => [batch.reference, batch.number ?? '', batch.state, batch.type, `${batch.prepared}/${batch.count}`, String(batch.failed), time(batch.createdAt), batch.requester];

export function addPreparationCommands(program: Command): void {
  addCommand(program, 'prepare', 'prepare profiles: from imported stock first, then from ranges')
    .requiredOption('--type <name>', 'profile type')
    .requiredOption('--count <number>', 'how many', wholeNumber)
    .option('--source <source>', 'stock, ranges or both (default)', oneOf('stock', 'ranges', 'both'))
    .option('--range <id>', 'only this number range')
    .option('--import <reference>', 'only profiles of this import, such as I-7')
    .option('--brand <name>', 'brand the profiles are for')
    .option('--reference <name>', 'name of the batch')
    .option('--order <number>', 'purchase order or the like')
    .option('--due <day>', 'day it is due')
    .option('--note <text>', 'a remark')
    .option('--output <recipient>', 'make the output file of this recipient (its id); may be repeated', (text: string, all: string[] | undefined) => [...(all ?? []), text])
    .option('--preview', 'show what it would take and whether it can run; change nothing')
    .option('--watch', 'follow the steps while it runs')
    .action((options: Options<PlanOptions & { preview?: boolean; watch?: boolean }>) => withSession(options, {}, async ({ call, finish, output }) => {
      const plan = planOf(options);
      if (options.preview) {
        const preview = await call(contract.preparation.preview, plan);
        if (preview.ready) output.result(preview, () => previewText(preview));
        else output.refused(preview, { code: 'PREPARATION_BLOCKED', message: 'The batch cannot run' }, () => previewText(preview));
        return;
      }
      const { batch, job } = await call(contract.preparation.start, { plan });
      if (options.watch) output.note(`Batch ${batch.reference} (${batch.number})`);
      let shown = '';
      const steps = options.watch ? setInterval(() => {
        void call(contract.preparation.show, { id: batch.id }).then((now) => {
          const text = (now.jobDetail?.steps ?? []).filter((step) => step.state === 'running').map((step) => `${step.title} ${step.done}/${step.total}${step.rate ? ` ${Math.round(step.rate)}/s` : ''}`).join(', ');
          if (text !== '' && text !== shown) output.note(shown = text);
        }, () => undefined);
      }, 1000) : undefined;
      try {
        const done = await finish(job);
        const now = await call(contract.preparation.show, { id: batch.id });
        output.result({ jobId: done.id, batch: now.id, reference: now.reference, prepared: done.done, failed: now.failed, state: done.state },
          () => `${done.done} profiles prepared${now.failed > 0 ? `, ${now.failed} failed: batch show ${now.number} names them` : ''}`);
      } finally {
        clearInterval(steps);
      }
    }));

  const batch = group(program, 'batch', 'batches of prepared profiles');
  addCommand(batch, 'list', 'list batches, newest first')
    .option('--limit <number>', 'how many (default 50)', pageSize)
    .option('--type <name>', 'of this profile type')
    .action((options: Options<{ limit?: number; type?: string }>) => withSession(options, existing, async ({ call, output }) => {
      const found = await call(contract.preparation.list, { limit: options.limit ?? 50, ...(options.type === undefined ? {} : { type: options.type }) });
      output.result(found, () => table(['batch', 'number', 'state', 'type', 'prepared', 'failed', 'created', 'by'], found.rows.map(row)));
    }));
  addCommand(batch, 'show <batch>', 'show a batch by name, number (B-12) or id')
    .action((id: string, options: Options) => withSession(options, existing, async ({ call, output }) => {
      const found = await call(contract.preparation.show, { id });
      const failed = found.failed > 0 ? await call(contract.preparation.failed, { id, state: 'failed', limit: 20 }) : undefined;
      output.result(found, () => [
        table(['batch', 'number', 'state', 'type', 'prepared', 'failed', 'created', 'by'], [row(found)]),
        ...(found.first && found.last ? [`ICCID ${found.first.iccid} to ${found.last.iccid}`] : []),
        ...(found.jobDetail ? ['', table(['step', 'state', 'done', 'of', 'rate', 'note'], found.jobDetail.steps.map((step) => [step.title, step.state, String(step.done), String(step.total), step.rate ? `${Math.round(step.rate)}/s` : '', step.note ?? '']))] : []),
        ...(failed ? ['', table(['ICCID', 'code', 'what is wrong'], failed.rows.map((one) => [one.iccid, one.code, one.message])), ...(failed.next ? [`… and ${found.failed - failed.rows.length} more`] : [])] : []),
        ...(found.artefacts.length > 0 ? ['', table(['file', 'id', 'rows', 'SHA-256', ''], found.artefacts.map((one) => [one.name, one.id, String(one.rows), one.sha256, one.sweptAt === undefined ? '' : 'swept']))] : []),
      ].join('\n'));
    }));
  for (const [name, procedure, text] of [['pause', contract.jobs.pause, 'stop a batch after the unit in hand'], ['resume', contract.jobs.resume, 'go on with a paused batch'], ['cancel', contract.jobs.cancel, 'end a batch after the unit in hand']] as const) {
    addCommand(batch, `${name} <batch>`, text)
      .action((id: string, options: Options) => withSession(options, existing, async ({ call, output }) => {
        const found = await call(contract.preparation.show, { id });
        const job = await call(procedure, { id: found.job ?? found.id });
        output.result({ batch: found.id, job: job.id, state: job.state, prepared: job.done }, `${found.reference}: ${job.state}, ${job.done} of ${job.total} prepared`);
      }));
  }
  addCommand(batch, 'rerun <batch>', 'try the failed rows again, or what a cancelled batch left')
    .option('--rest', 'what is owed of the count, instead of the failed rows')
    .action((id: string, options: Options<{ rest?: boolean }>) => withSession(options, existing, async ({ call, finish, output }) => {
      const started = await call(contract.preparation.rerun, { id, what: options.rest ? 'rest' : 'failed' });
      const job = await finish(started.job);
      const now = await call(contract.preparation.show, { id: started.batch.id });
      output.result({ batch: now.id, state: now.state, prepared: now.prepared, failed: now.failed }, `${now.reference}: ${job.done} more prepared, ${now.failed} still failed`);
    }));
  addCommand(batch, 'sweep <batch>', 'delete the output files of a batch; row counts and digests stay')
    .action((id: string, options: Options) => withSession(options, existing, async ({ call, output }) => {
      const swept = await call(contract.preparation.sweep, { id });
      output.result(swept, `${swept.files} files deleted, ${swept.bytes} octets`);
    }));
}
