/** The function execution status in a JSON answer (SGP.22 v2.2, 6.5.1.4). What strangers send: every member may be anything. */

export type FunctionStatus =
  | { readonly ok: true }
  | { readonly ok: false; /** `8.9.5/3.3`, or the status word when no code came. */ readonly code: string; readonly message?: string };

const textOf = (value: unknown, pattern: RegExp): string | undefined => (typeof value === 'string' && pattern.test(value) ? value : undefined);
const member = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined);

/** Undefined: there is no such status in it. */
export function functionStatus(text: string): FunctionStatus | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const execution = member(member(parsed, 'header'), 'functionExecutionStatus');
  const status = member(execution, 'status');
  if (status === 'Executed-Success' || status === 'Executed-WithWarning') return { ok: true };
  if (status !== 'Failed' && status !== 'Expired') return undefined;
  const data = member(execution, 'statusCodeData');
  const subject = textOf(member(data, 'subjectCode'), /^\d+(?:\.\d+){0,5}$/);
  const reason = textOf(member(data, 'reasonCode'), /^\d+(?:\.\d+){0,5}$/);
  // Their words are shown to people: printable and short.
  const said = member(data, 'message');
  const message = typeof said === 'string' ? said.replace(/[^\x20-\x7e\u00a0-\uffff]/g, ' ').trim().slice(0, 160) : '';
  return { ok: false, code: subject === undefined || reason === undefined ? status : `${subject}/${reason}`, ...(message === '' ? {} : { message }) };
}
