/**
 * Reads a session exported as a fixture (`mvne-desk session export`) and plays it: its structure is checked, and the sequence of
 * its steps and codes is run against the state tables of the product.
 */
import { readFileSync } from 'node:fs';
import { decide, type EventName, type Facts } from '../../src/main/engine/profiles/rules.ts';
import { type SessionFixture, sessionFixture } from '../../src/shared/contract/sessions.ts';
import type { ProfileState } from '../../src/shared/contract/states.ts';
import { explainCancel, explainInstall, explainStatus } from '../../src/shared/rsp-status/index.ts';

/** Throws with the place of the first fault when the file is no fixture of this version. */
export function readSessionFixture(text: string): SessionFixture {
  const parsed = sessionFixture.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`not a session fixture: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}`);
  return parsed.data;
}

export const loadSessionFixture = (path: string): SessionFixture => readSessionFixture(readFileSync(path, 'utf8'));

const order = ['initiateAuthentication', 'authenticateClient', 'getBoundProfilePackage', 'handleNotification', 'cancelSession'];

/** What is wrong with the structure; empty when nothing is. */
export function fixtureFaults(fixture: SessionFixture): string[] {
  const faults: string[] = [];
  const { steps } = fixture;
  if (steps[0]?.function !== 'initiateAuthentication') faults.push('it does not begin with initiateAuthentication');
  steps.forEach((step, at) => {
    if (!order.includes(step.function)) faults.push(`step ${at + 1} is no function of ES9+: ${step.function}`);
    if (at > 0 && step.at < steps[at - 1]!.at) faults.push(`step ${at + 1} lies before the one it follows`);
    if (step.at < 0 || step.requestBytes < 0 || step.responseBytes < 0 || step.milliseconds < 0) faults.push(`step ${at + 1} has a negative figure`);
    if ((step.code === undefined) !== (step.status === 'Executed-Success')) faults.push(`step ${at + 1} is ${step.status} with ${step.code ?? 'no code'}`);
    if (step.code !== undefined && explainStatus(step.code) === undefined) faults.push(`step ${at + 1} has a code nobody explains: ${step.code}`);
  });
  return faults;
}

const seek = (value: unknown, name: string): unknown => {
  if (typeof value !== 'object' || value === null) return undefined;
  if (name in value) return (value as Record<string, unknown>)[name];
  for (const inner of Object.values(value)) {
    const found = seek(inner, name);
    if (found !== undefined) return found;
  }
  return undefined;
};

const limits = ['8.2.7/6.4', '8.8.5/6.4'];

export interface Played {
  readonly events: readonly EventName[];
  readonly state: ProfileState['order'];
}

/** Plays the steps on an order that was released, by the state tables. Throws when the tables do not allow what happened. */
export function playSessionFixture(fixture: SessionFixture, from: ProfileState['order'] = 'released'): Played {
  let facts: Facts = { state: { order: from, network: 'absent', stock: 'sold', device: 'unknown' }, delivered: from === 'downloaded', prepared: true, eid: undefined };
  const eid = fixture.session.eid;
  const events: EventName[] = [];
  const happen = (name: EventName): void => {
    const decided = decide(facts, { name, ...(eid === undefined ? {} : { eid }) });
    if (!decided.ok) throw new Error(`${name} may not happen to an order that is ${facts.state.order}: ${decided.why}`);
    facts = { ...facts, state: decided.state, delivered: facts.delivered || name === 'deliver', eid: name === 'deliver' ? eid : facts.eid };
    events.push(name);
  };
  for (const step of fixture.steps) {
    if (step.code !== undefined) {
      if (limits.includes(step.code)) happen('limit_reached');
    } else if (step.function === 'getBoundProfilePackage') happen('deliver');
    else if (step.function === 'handleNotification') {
      const reason = seek(step.request, 'errorReason');
      if (fixture.session.phase === 'install_failed' || typeof reason === 'number') happen(typeof reason === 'number' && explainInstall(reason).retryable ? 'install_failed_retryable' : 'install_failed');
      else happen('install');
    } else if (step.function === 'cancelSession') {
      const reason = seek(step.request, 'reason');
      if (typeof reason === 'number') happen(explainCancel(reason).terminal ? 'download_cancelled' : 'download_postponed');
    }
  }
  return { events, state: facts.state.order };
}
