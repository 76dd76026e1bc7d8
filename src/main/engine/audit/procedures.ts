import { audit } from '../../../shared/contract/audit.ts';
import { type Implemented, query } from '../router/implement.ts';
import { verifyChain } from './verify.ts';

export function procedures(): Implemented[] {
  return [
    query(audit.list, async (ctx, { cursor, limit, objectId }) => {
      let rows = ctx.reader.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(limit + 1);
      const before = Number(cursor);
      if (cursor !== undefined && Number.isSafeInteger(before)) rows = rows.where('seq', '<', before);
      if (objectId !== undefined) rows = rows.where('object_id', '=', objectId);
      const found = await rows.execute();
      const page = found.slice(0, limit);
      return {
        rows: page.map((r) => ({
          seq: r.seq, at: r.at, event: r.event, actor: r.actor, host: r.host, outcome: r.outcome, hash: Buffer.from(r.hash).toString('hex'),
          ...(r.object_type === null ? {} : { objectType: r.object_type }), ...(r.object_id === null ? {} : { objectId: r.object_id }),
          ...(r.correlation_id === null ? {} : { correlationId: r.correlation_id }),
        })),
        ...(found.length > limit ? { next: String(page[page.length - 1]!.seq) } : {}),
      };
    }),
    query(audit.verify, (ctx, { expectedHead: head }) => verifyChain(ctx.reader, head
      ? { expected: { hash: head.hash.toLowerCase(), ...(head.records === undefined ? {} : { seq: head.records }) } } : {})),
  ];
}
