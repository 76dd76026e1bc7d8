/** What may stand in "expires": a span from now, or a moment to come. The engine decides; this catches slips while typing. */
const spanForm = /^([+-]?)(\d{1,9})\s*[smhdw]$/;
const momentForm = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?$/;
const past = 'This moment is over; the order would be expired at once';

export function expiryProblem(text: string, now: number): string | undefined {
  const value = text.trim();
  if (value === '') return undefined;
  const span = spanForm.exec(value);
  if (span) return span[1] === '-' || Number(span[2]) === 0 ? past : undefined;
  const at = /^\d{10,15}$/.test(value) ? Number(value) : momentForm.test(value) ? utc(value) : Number.NaN;
  if (Number.isNaN(at)) return 'A span such as 30d or 12h, or a moment such as 2026-12-31T12:00Z';
  return at <= now ? past : undefined;
}

/** As the engine reads it: without a zone it is UTC. */
const utc = (value: string): number => Date.parse(/^\d{4}-\d{2}-\d{2}$|(Z|[+-]\d{2}:\d{2})$/.test(value) ? value.replace(' ', 'T') : `${value.replace(' ', 'T')}Z`);
