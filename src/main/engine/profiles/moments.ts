const units = { min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * A moment as a filter gives it: epoch milliseconds; ISO 8601 (UTC unless it says otherwise); `now`; or a distance from now, `-7d`,
 * `+2d`, `-10min`. A date alone is its first millisecond as a start, and the first of the next day as an end. Undefined when it is none.
 */
export function parseMoment(text: string, as: 'start' | 'end', now: number): number | undefined {
  if (text === 'now') return now;
  const span = /^([+-])(\d{1,4})(min|h|d)$/.exec(text);
  if (span) return now + (span[1] === '-' ? -1 : 1) * Number(span[2]) * units[span[3] as keyof typeof units];
  if (/^-?\d{9,16}$/.test(text)) return Number(text);
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/i.exec(text);
  if (!match) return undefined;
  const at = Date.parse(match[2] === undefined ? `${match[1]!}T00:00:00Z` : `${match[1]!}T${match[2]}${match[3] ?? 'Z'}`);
  if (Number.isNaN(at)) return undefined;
  return match[2] === undefined && as === 'end' ? at + 86_400_000 : at;
}
