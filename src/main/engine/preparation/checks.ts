/** What must hold before a batch starts, each said as ok, warning or blocker with what repairs it. */
import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { PlanPart, PreparationCheck } from '../../../shared/contract/preparation.ts';
import { rangeOfIccid } from '../brands/index.ts';
import { canServe, loadIdentities } from '../keys/index.ts';
import type { EngineContext } from '../context.ts';
import { keysMadeFor } from '../numbers/index.ts';
import { countWaiting, waitingIccids } from './waiting.ts';
import { numbersLeft } from './reservations.ts';
import { outputsFolder } from './outputs-folder.ts';
import type { Resolved, Supply } from './plan.ts';
import { recipientProblem } from './recipients.ts';
import { diskReserve } from '../jobs/index.ts';
import { warningsOf } from '../types/index.ts';
import { lookedAt, networkCheck } from './network.ts';

interface Facts extends Resolved {
  readonly supply: Supply;
  readonly reference: string;
  readonly parts: readonly PlanPart[];
}

type Check = PreparationCheck;
const ok = (id: Check['id'], title: string, sentence: string): Check => ({ id, state: 'ok', title, sentence });
const warning = (id: Check['id'], title: string, sentence: string, more: Pick<Check, 'hint' | 'link'> = {}): Check => ({ id, state: 'warning', title, sentence, ...more });
const blocker = (id: Check['id'], title: string, sentence: string, more: Pick<Check, 'hint' | 'link'> = {}): Check => ({ id, state: 'blocker', title, sentence, ...more });
const number = (n: number): string => n.toLocaleString('en');

export async function checkPlan(ctx: EngineContext, facts: Facts): Promise<Check[]> {
  return [
    templateCheck(facts), await numbersCheck(ctx, facts), await networkCheck(ctx, facts), await brandCheck(ctx, facts), keysCheck(facts), await beforeCheck(ctx, facts), await vaultCheck(ctx), await diskCheck(ctx, facts),
    await certificateCheck(ctx), ...(await outputChecks(ctx, facts)), await levelCheck(ctx, facts), ...dueCheck(ctx, facts), ...(await referenceCheck(ctx, facts)), ...(await runningCheck(ctx)),
  ].filter((one): one is Check => one !== undefined);
}

function templateCheck({ template }: Facts): Check {
  const name = `${template.name} version ${template.version}`;
  const link = `/templates/${template.id}/findings`;
  if (template.errors > 0) return blocker('template', 'Template', `${name} breaks ${template.errors === 1 ? '1 rule that must hold' : `${template.errors} rules that must hold`}.`, { hint: 'Repair it as a new version and use that.', link });
  const { stay, filled } = warningsOf(template);
  if (stay > 0) return warning('template', 'Template', `${name} has ${stay === 1 ? '1 warning' : `${stay} warnings`}.`, { hint: 'Read them before you make many profiles of it.', link });
  return ok('template', 'Template', filled > 0 ? `${name} passes all rules; its ${filled === 1 ? 'placeholder is' : `${filled} placeholders of keys and codes are`} filled for each profile.` : `${name} passes all rules.`);
}

async function numbersCheck(ctx: EngineContext, { plan, supply, type }: Facts): Promise<Check> {
  const missing = plan.count - supply.fromStock - supply.fromRanges;
  const from = [supply.fromStock > 0 ? `${number(supply.fromStock)} imported` : '', supply.fromRanges > 0 ? `${number(supply.fromRanges)} from number ranges` : ''].filter((one) => one !== '').join(' and ');
  if (missing === 0) return ok('numbers', 'Numbers', `${from}: enough for all ${number(plan.count)}.`);
  const owed = supply.owed > 0 ? ` ${number(supply.owed)} waiting profiles are meant for batches before this one.` : '';
  const elsewhere = plan.source === 'stock' ? await numbersLeft(ctx.reader, { typeId: type.id }) : plan.source === 'ranges' ? await countWaiting(ctx.reader, { typeId: type.id }) : 0;
  return blocker('numbers', 'Numbers', `${number(missing)} of ${number(plan.count)} are missing: ${from === '' ? 'there are none' : `only ${from}`}.${owed}`, {
    hint: elsewhere > 0 ? `${number(elsewhere)} more are there with ${plan.source === 'stock' ? 'number ranges' : 'imported stock'} as a source.` : 'Import stock, add a number range, or make the batch smaller.',
    link: plan.source === 'stock' ? '/imports' : '/numbers',
  });
}

async function brandCheck(ctx: EngineContext, { brand, parts }: Facts): Promise<Check | undefined> {
  const firstIccid = parts[0]?.first.iccid;
  if (firstIccid === undefined) return undefined;
  const owner = await rangeOfIccid(ctx.reader, firstIccid);
  if (!owner || owner.brandId === brand?.id) return undefined;
  const name = (await ctx.reader.selectFrom('brands').select('name').where('id', '=', owner.brandId).executeTakeFirst())?.name ?? 'another brand';
  return warning('numbers', 'Owner of the numbers', `The first ICCID, ${firstIccid}, belongs to ${name}${brand ? `, not to ${brand.name}` : ''}.`, { hint: 'Choose the range or import of the brand you mean.', link: '/numbers' });
}

function keysCheck({ supply }: Facts): Check {
  if (supply.fromStock === 0) return ok('keys', 'Keys', 'K, OPc and codes are made at random in the vault. The HLR must be given them: choose its output file.');
  if (supply.fromRanges === 0) return ok('keys', 'Keys', 'Keys come with the imported profiles; what a row lacks is made in the vault.');
  return ok('keys', 'Keys', 'Keys of imported profiles are taken over; those of numbers from ranges are made at random in the vault.');
}

/** A backup put back may know profiles as waiting that were prepared after it. */
async function beforeCheck(ctx: EngineContext, { stock, supply }: Facts): Promise<Check | undefined> {
  const looked = Math.min(supply.fromStock, lookedAt);
  let known = 0;
  let after = 0;
  for (let done = 0; done < looked;) {
    const rows = await waitingIccids(ctx.reader, { ...stock, after, count: Math.min(2_000, looked - done) });
    if (rows.length === 0) break;
    known += keysMadeFor(ctx, rows.map((row) => row.iccid)).size;
    after = rows.at(-1)!.id;
    done += rows.length;
    await setImmediate();
  }
  if (known === 0) return undefined;
  const among = looked < supply.fromStock ? `Of the first ${number(looked)} imported profiles ${number(known)}` : `${number(known)} of the imported profiles`;
  return warning('keys', 'Prepared before', `${among} ${known === 1 ? 'was' : 'were'} prepared after the backup this database came from, with keys that are unknown now: the batch will refuse ${known === 1 ? 'it' : 'them'} and put ${known === 1 ? 'it' : 'them'} into quarantine.`, { hint: 'Take as many more, and retire those.', link: '/inventory' });
}

async function vaultCheck(ctx: EngineContext): Promise<Check> {
  if (ctx.vault.state !== 'ready') return blocker('vault', 'Vault', 'The vault does not answer.', { hint: 'It starts again by itself; wait a moment.', link: '/keys' });
  try {
    const status = await ctx.vault.call('status', {});
    const failed = status.selfTest.find((one) => !one.ok);
    if (failed) return blocker('vault', 'Vault', `The vault's self-test failed: ${failed.name}.`, { link: '/keys' });
    if (status.protection === 'not-protected' && ctx.environment !== 'lab') return warning('vault', 'Vault', 'The vault is ready, but no passphrase protects it.', { link: '/keys' });
    return ok('vault', 'Vault', status.protection === 'not-protected' ? 'The vault is ready (Lab: not protected).' : 'The vault is ready and protected by a passphrase.');
  } catch (error) {
    ctx.log.warn('vault did not say its state', { error });
    return blocker('vault', 'Vault', 'The vault does not answer.', { hint: 'It starts again by itself; wait a moment.', link: '/keys' });
  }
}

/** Octets a prepared profile adds to the database with its indexes, about; and a row of an output file. */
const perProfile = 1_500;
const perRow = 400;

async function diskCheck(ctx: EngineContext, { plan }: Facts): Promise<Check> {
  const { bavail, bsize } = await statfs(ctx.paths.root);
  const free = bavail * bsize;
  const need = plan.count * (perProfile + perRow * (plan.outputs.length + 1)) + diskReserve;
  const room = (n: number): string => (n < 1024 ** 3 ? `${number(Math.max(1, Math.round(n / 1024 ** 2)))} MiB` : `${number(Math.round(n / 1024 ** 3 * 10) / 10)} GiB`);
  if (free < need) return blocker('disk', 'Disk', `About ${room(need)} are needed and ${room(free)} are free.`, { hint: 'Make room, delete old output files, or make the batch smaller.' });
  if (free < need * 2) return warning('disk', 'Disk', `About ${room(need)} of the ${room(free)} that are free will be used.`);
  return ok('disk', 'Disk', `Needs about ${room(need)}; ${room(free)} are free.`);
}

async function certificateCheck(ctx: EngineContext): Promise<Check> {
  const identities = await loadIdentities(ctx);
  const serving = identities.filter((one) => canServe(one, new Date(ctx.clock.now())));
  if (identities.length === 0) return warning('certificates', 'Certificates', 'This workspace has no SM-DP+ identity yet: profiles can be prepared, but not downloaded.', { hint: 'Import certificates with their keys.', link: '/keys' });
  if (serving.length === 0) return warning('certificates', 'Certificates', 'No identity can serve downloads now.', { hint: 'See what is missing or has ended.', link: '/keys' });
  return ok('certificates', 'Certificates', `Downloads are served by ${serving.map((one) => one.name).join(', ')}.`);
}

async function outputChecks(ctx: EngineContext, { plan }: Facts): Promise<Check[]> {
  const folder = outputsFolder(ctx);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
  } catch (error) {
    ctx.log.warn('folder of output files cannot be written', { error });
    return [blocker('outputs', 'Output files', 'The folder of output files in the workspace cannot be written.')];
  }
  if (plan.outputs.length === 0) return [ok('outputs', 'Output files', 'Only the digest list and the ticket; files for recipients can be made at any time.')];
  const checks: Check[] = [];
  for (const id of plan.outputs) {
    const { name, problem } = await recipientProblem(ctx, id);
    checks.push(problem === undefined ? ok('outputs', `Output for ${name}`, 'Can be made as it is set up.') : blocker('outputs', `Output for ${name}`, problem, { hint: 'Change the recipient, or leave it out.' }));
  }
  return checks;
}

async function levelCheck(ctx: EngineContext, { type, supply }: Facts): Promise<Check> {
  const stock = Math.max(0, supply.stock - supply.fromStock);
  const ranges = Math.max(0, supply.ranges - supply.fromRanges);
  const sellable = await ctx.reader.selectFrom('profiles').select((e) => e.fn.countAll<number>().as('n')).where('type_id', '=', type.id).where('stock_state', '=', 'sellable').where('order_state', '=', 'available').executeTakeFirstOrThrow();
  const after = Number(sellable.n) + supply.fromStock + supply.fromRanges;
  const sentence = `Afterwards ${number(after)} are sellable; ${number(stock)} imported profiles and ${number(ranges)} numbers are left.`;
  return stock + ranges === 0 && supply.fromStock + supply.fromRanges > 0 ? warning('level', 'Level after', `${sentence} This batch uses up all there is.`, { hint: 'Import stock or add a range before the next one.', link: '/numbers' }) : ok('level', 'Level after', sentence);
}

function dueCheck(ctx: EngineContext, { plan }: Facts): Check[] {
  if (plan.due === undefined) return [];
  return [plan.due < ctx.clock.now() ? warning('due', 'Due', 'The day it is due has passed.') : ok('due', 'Due', 'It can start now.')];
}

async function referenceCheck(ctx: EngineContext, { plan, draftId }: Facts): Promise<Check[]> {
  if (plan.reference === undefined) return [];
  const other = await ctx.reader.selectFrom('preparations').select('id').where('reference', '=', plan.reference).executeTakeFirst();
  return [other && other.id !== draftId ? blocker('reference', 'Name', `There is a batch named ${plan.reference} already.`, { hint: 'Choose another name.' }) : ok('reference', 'Name', 'The name is free.')];
}

async function runningCheck(ctx: EngineContext): Promise<Check[]> {
  const running = await ctx.reader.selectFrom('jobs').select('title').where('kind', '=', 'prepare').where('state', 'in', ['queued', 'running']).execute();
  return running.length === 0 ? [] : [warning('running', 'Other batches', running.length === 1 ? `It waits for "${running[0]!.title}" to end.` : `It waits for ${running.length} other batches to end.`)];
}

/** Smaller ones spend their time on starting and ending. */
const LEAST_MEASURED = 500;

/** From the last batches that ended: profiles a second while they worked, so each counts by its size. Undefined before the first of some size. */
export async function estimateFor(ctx: EngineContext, count: number): Promise<{ seconds: number; rate: number; batches: number } | undefined> {
  const rows = await ctx.reader.selectFrom('preparations').select(['prepared', 'worked_ms']).where('worked_ms', '>', 0).where('prepared', '>=', LEAST_MEASURED).where('finished_at', 'is not', null).orderBy('created_at', 'desc').limit(5).execute();
  const prepared = rows.reduce((sum, row) => sum + row.prepared, 0);
  const milliseconds = rows.reduce((sum, row) => sum + row.worked_ms, 0);
  if (prepared === 0 || milliseconds === 0) return undefined;
  const rate = (prepared * 1000) / milliseconds;
  return { seconds: count / rate, rate, batches: rows.length };
}
