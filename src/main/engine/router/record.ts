/** Audit record of a call, derived from the procedure's rule in the contract. */
import type { Procedure } from '../../../shared/contract/define.ts';
import { type AuditEntry, type JsonValue } from '../audit/index.ts';
import type { Call } from '../context.ts';
import type { AuditObject } from './implement.ts';

/** The value at a dotted path; own properties only. */
export function pick(value: unknown, path: string): unknown {
  let at = value;
  for (const key of path.split('.')) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** `input` and `output` have passed their schemas, so what is picked is JSON. A field of both is taken from the output, which says what happened. */
export function auditEntry(p: Procedure, call: Call, at: number, outcome: 'done' | 'refused', input: unknown, output: unknown, object: AuditObject | undefined, code?: string): AuditEntry | undefined {
  if (p.audit.record === 'none') return undefined;
  const value = (path: string) => pick(output, path) ?? pick(input, path);
  const fields: Record<string, JsonValue | undefined> = {};
  for (const path of p.audit.fields) {
    const found = value(path);
    if (found !== undefined) fields[path] = found as JsonValue;
  }
  if (code !== undefined) fields['code'] = code;
  const sensitive: Record<string, string> = {};
  for (const path of p.audit.sensitive ?? []) {
    const found = value(path);
    if (found !== undefined && found !== null) sensitive[path] = asText(found);
  }
  return {
    at, event: p.audit.event, actor: call.actor, host: call.host, outcome, correlationId: call.correlationId, fields, sensitive,
    ...(object ? { object } : {}),
  };
}
