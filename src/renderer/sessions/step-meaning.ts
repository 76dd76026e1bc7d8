/** What a step means that the SM-DP+ executed, but in which the device reported that something went wrong. Pure. */
import { bppCommandNames, explainCancel, explainInstall } from '../../shared/rsp-status/index.ts';

export interface StepMeaning {
  readonly tone: 'danger' | 'warning';
  /** `reason 12, installFailedDueTo…`. */
  readonly said: string;
  readonly cause: string;
  readonly action: string;
}

function seek(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return at;
}

/** Meaning of a failed installation or a cancelled session out of what was kept of its request. */
export function stepMeaning(step: { readonly function: string; readonly request?: unknown }): StepMeaning | undefined {
  if (step.function === 'handleNotification') {
    const reason = seek(step.request, 'pendingNotification', 'finalResult', 'error', 'errorReason');
    if (typeof reason !== 'number') return undefined;
    const meaning = explainInstall(reason);
    const command = seek(step.request, 'pendingNotification', 'finalResult', 'error', 'bppCommandId');
    return { tone: 'danger', said: `reason ${reason}${typeof command === 'number' ? ` at ${bppCommandNames[command] ?? command}` : ''}`, cause: meaning.cause, action: meaning.action };
  }
  if (step.function === 'cancelSession') {
    const reason = seek(step.request, 'cancelSessionResponse', 'ok', 'reason');
    if (typeof reason !== 'number') return undefined;
    const meaning = explainCancel(reason);
    return { tone: 'warning', said: `${meaning.name} (${reason})`, cause: meaning.cause, action: meaning.terminal ? 'The order has ended: read why, then cancel it and order again' : 'The order stays downloadable: the user can try again' };
  }
  return undefined;
}
