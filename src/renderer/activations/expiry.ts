/** What may stand in "expires": a span from now, or a moment. The engine decides; this catches slips while typing. */
const spanForm = /^-?\d{1,6}[smhdw]$/;

export function expiryProblem(text: string): string | undefined {
  const value = text.trim();
  if (value === '' || spanForm.test(value) || /^\d{10,16}$/.test(value)) return undefined;
  if (/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?$/.test(value) && !Number.isNaN(Date.parse(value.replace(' ', 'T')))) return undefined;
  return 'A span such as 30d or 12h, or a moment such as 2026-12-31T12:00Z';
}
