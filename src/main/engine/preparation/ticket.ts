import { utf8Bytes } from '../../../shared/tlv/index.ts';
import type { EngineContext } from '../context.ts';
import { artefactsOfJobs } from '../jobs/index.ts';
import type { FileFacts, FileMaker } from './files.ts';

const time = (at: number | null): string => (at === null ? '-' : new Date(at).toISOString().replace('.000', ''));

/** One page that goes with a batch: what was made of what, for whom, and the digests of its files. */
export function ticketFile(ctx: EngineContext, { batch, type, template }: FileFacts, jobId: string): FileMaker {
  return {
    kind: 'ticket', title: 'Ticket of the batch', name: `${batch.reference} ticket.txt`, mediaType: 'text/plain',
    head: () => new Uint8Array(0),
    rows: () => new Uint8Array(0),
    foot: async () => {
      const files = await artefactsOfJobs(ctx.reader, [jobId]);
      const ends = async (direction: 'asc' | 'desc') => ctx.reader.selectFrom('profiles').select(['iccid', 'imsi', 'msisdn']).where('batch_id', '=', batch.batch_id).orderBy('id', direction).limit(1).executeTakeFirst();
      const [first, last] = [await ends('asc'), await ends('desc')];
      const number = (await ctx.reader.selectFrom('batches').select('number').where('id', '=', batch.batch_id).executeTakeFirst())?.number;
      const failures = await ctx.reader.selectFrom('preparation_failures').select(['code', (e) => e.fn.countAll<number>().as('n')]).where('preparation_id', '=', batch.id).where('state', '=', 'failed').groupBy('code').execute();
      const numbers = (one: typeof first): string => (one ? `ICCID ${one.iccid}, IMSI ${one.imsi}${one.msisdn === null ? '' : `, MSISDN ${one.msisdn}`}` : '-');
      const lines: [string, string][] = [
        ['Batch', `${batch.reference} (${batch.id}, B-${number})`], ['Workspace', `${ctx.runtime.workspaceName} (${ctx.runtime.workspaceId}, ${ctx.environment})`],
        ['Profile type', type], ['Template', `${template.name} version ${template.version}, SHA-256 ${Buffer.from(template.digest).toString('hex')}`],
        ['Ordered', String(batch.count)], ['Prepared', `${batch.prepared} (${batch.from_stock} of imported stock, ${batch.from_ranges} of number ranges)`],
        ['Failed', batch.failed === 0 ? '0' : `${batch.failed} (${failures.map((one) => `${one.code} ${one.n}`).join(', ')})`],
        ['First', numbers(first)], ['Last', numbers(last)],
        ['Brand', batch.brand ?? '-'], ['Order', batch.order_reference ?? '-'], ['Due', batch.due === null ? '-' : new Date(batch.due).toISOString().slice(0, 10)],
        ['Requested by', batch.actor], ['Created', time(batch.created_at)], ['Started', time(batch.started_at)], ['Printed', time(ctx.clock.now())], ['Note', batch.note ?? '-'],
      ];
      const width = Math.max(...lines.map(([name]) => name.length));
      return utf8Bytes([
        'TICKET OF A PREPARATION', '', ...lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`), '', 'FILES',
        ...(files.length === 0 ? ['none'] : files.flatMap((file) => [`${file.name}`, `  ${file.rows} rows, ${file.bytes} octets${file.recipient ? `, for ${file.recipient}` : ''}${file.protection ? `, ${file.protection}` : ''}`, `  SHA-256 ${file.sha256}`])), '',
      ].join('\n'));
    },
  };
}
