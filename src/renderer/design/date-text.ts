/** Dates as they are typed and shown everywhere: `2026-12-01`, with a time `2026-12-01 14:30`. */

const day = /^\d{4}-\d{2}-\d{2}$/;
const withTime = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}$/;

/** Whether a text is a day of the calendar (and a time of it), in the one way dates are written here. */
export function isDate(text: string, time = false): boolean {
  if (!(time ? withTime : day).test(text)) return false;
  const whole = time ? text.replace(' ', 'T') : `${text}T00:00`;
  const at = Date.parse(`${whole}Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 16) === whole;
}

/** What is wrong with it, for beneath its field; undefined for a day, and for nothing at all. */
export function dateProblem(text: string, time = false): string | undefined {
  if (text === '' || isDate(text, time)) return undefined;
  if ((time ? withTime : day).test(text)) return time ? 'There is no such day or time' : 'There is no such day';
  return time ? 'As 2026-12-01 14:30' : 'A date as 2026-12-01';
}
