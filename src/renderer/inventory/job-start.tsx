import { useState } from 'react';
import type { JobView } from '../../shared/contract/profiles.ts';
import { useDialogs } from '../app/dialogs.tsx';
import { problemOf } from '../app/client.ts';

interface JobStart {
  readonly busy: boolean;
  readonly error: unknown;
  run(start: () => Promise<JobView>): Promise<void>;
  fail(error: unknown): void;
}

/** Starts a job from a dialog and hands over to the job's own dialog. */
export function useJobStart(): JobStart {
  const dialogs = useDialogs();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  return {
    busy,
    error,
    fail: setError,
    run: async (start) => {
      setBusy(true);
      setError(undefined);
      try {
        const job = await start();
        dialogs.open({ kind: 'job', id: job.id });
      } catch (refusal) {
        setError(problemOf(refusal));
        setBusy(false);
      }
    },
  };
}
