import { sessions } from '../../../shared/contract/sessions.ts';
import { command, query } from '../router/implement.ts';
import type { Implemented } from '../router/implement.ts';
import { decodeText } from './session-decode.ts';
import { linksOf } from './session-links.ts';
import { sessionPage, sessionPulse } from './session-list.ts';
import { notificationPage, sessionFixtureOf, showNotification, showSession } from './session-show.ts';

export function procedures(): Implemented[] {
  return [
    query(sessions.list, (ctx, input) => sessionPage(ctx.reader, input.filter, input.cursor, input.limit, ctx.clock.now())),
    query(sessions.pulse, (ctx, input) => sessionPulse(ctx.reader, input.filter, input.newest, ctx.clock.now())),
    query(sessions.show, (ctx, input) => showSession(ctx.reader, input.transactionId, ctx.clock.now())),
    query(sessions.notifications, (ctx, input) => notificationPage(ctx.reader, input.filter, input.cursor, input.limit)),
    query(sessions.notification, (ctx, input) => showNotification(ctx.reader, input.id)),
    query(sessions.decode, async (ctx, input) => {
      const { findings, tried, mentioned } = decodeText(input.text);
      return { findings, tried, links: await linksOf(ctx.reader, mentioned) };
    }),
    command(sessions.export, {
      before: (ctx, input) => sessionFixtureOf(ctx.reader, input.transactionId, ctx.clock.now()),
      run: async (_tx, _ctx, _input, made) => made,
      object: (input) => ({ type: 'session', id: input.transactionId.toUpperCase() }),
      changes: [],
    }),
  ];
}
