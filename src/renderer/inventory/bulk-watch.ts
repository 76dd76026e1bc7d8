/** Follows a bulk job after its dialog was closed, and offers to take it back when it is done. */
import type { QueryClient } from '@tanstack/react-query';
import { bulk } from '../../shared/contract/inventory.ts';
import { call } from '../app/client.ts';
import { isOver } from '../app/job-figures.ts';
import type { useToasts } from '../app/toasts.tsx';
import { plural } from '../design/formats.ts';

type Toasts = ReturnType<typeof useToasts>;
const everyMs = 700;
const undoMs = 10_000;
/** A job that takes longer is followed in the jobs menu. */
const mostMs = 30 * 60_000;

export function watchBulk(job: string, toasts: Toasts, client: QueryClient, done: string, began = Date.now()): void {
  const look = async (): Promise<void> => {
    try {
      const view = await call(bulk.show, { job });
      if (!isOver(view.job)) {
        if (Date.now() - began < mostMs) setTimeout(() => void look(), everyMs);
        return;
      }
      void client.invalidateQueries({ queryKey: [bulk.show.name] });
      const refused = view.counts.refused === 0 ? '' : `, ${plural(view.counts.refused, 'refused', 'refused')}`;
      const text = `${plural(view.counts.changed, 'profile')} ${done}${refused}`;
      if (view.undo.possible) toasts.done(text, { label: 'Undo', run: () => undoBulk(job, toasts, client) }, undoMs);
      else toasts.done(text);
    } catch (error) {
      toasts.failed(error, 'The bulk change');
    }
  };
  setTimeout(() => void look(), everyMs);
}

export function undoBulk(job: string, toasts: Toasts, client: QueryClient): void {
  call(bulk.undo, { job }).then(
    (undo) => watchBulk(undo.id, toasts, client, 'as before'),
    (error: unknown) => toasts.failed(error, 'Undo'),
  );
}
