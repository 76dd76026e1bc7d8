/** Numbers, sizes, spans and moments as text. English through Intl; moments in the zone the reader chose. */

export type Zone = 'utc' | 'local';

const numbers = new Intl.NumberFormat('en-GB');
const compactNumbers = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat('en-GB', { style: 'percent', maximumFractionDigits: 1 });

export const count = (value: number): string => numbers.format(value);
export const compactCount = (value: number): string => (Math.abs(value) < 10_000 ? numbers.format(value) : compactNumbers.format(value));
export const share = (part: number, whole: number): string => (whole === 0 ? '–' : percents.format(part / whole));

/** Bytes in binary units, at most three digits and one decimal. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
  let rest = value;
  let unit = 0;
  while (rest >= 1024 && unit < units.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || rest >= 100 ? 0 : 1;
  return `${rest.toFixed(digits)} ${units[unit] ?? 'B'}`;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A length of time in its two leading units: `340 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `6 d`. */
export function span(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < second) return `${Math.round(ms)} ms`;
  if (ms < 10 * second) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return twoUnits(ms, minute, 'min', second, 's');
  if (ms < day) return twoUnits(ms, hour, 'h', minute, 'min');
  return ms < 10 * day ? twoUnits(ms, day, 'd', hour, 'h') : `${numbers.format(Math.floor(ms / day))} d`;
}

function twoUnits(ms: number, big: number, bigName: string, small: number, smallName: string): string {
  const whole = Math.floor(ms / big);
  const rest = Math.floor((ms - whole * big) / small);
  return rest === 0 ? `${whole} ${bigName}` : `${whole} ${bigName} ${rest} ${smallName}`;
}

/** Distance from now in one unit: `just now`, `12 min ago`, `in 3 d`. */
export function ago(at: number, now: number): string {
  const distance = now - at;
  const size = Math.abs(distance);
  if (size < 10 * second) return 'just now';
  const text =
    size < minute ? `${Math.floor(size / second)} s` : size < hour ? `${Math.floor(size / minute)} min` : size < day ? `${Math.floor(size / hour)} h` : `${numbers.format(Math.floor(size / day))} d`;
  return distance > 0 ? `${text} ago` : `in ${text}`;
}

const cache = new Map<string, Intl.DateTimeFormat>();
function formatter(zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone}${JSON.stringify(options)}`;
  let made = cache.get(key);
  if (made === undefined) {
    made = new Intl.DateTimeFormat('en-GB', { ...options, hourCycle: 'h23', ...(zone === 'utc' ? { timeZone: 'UTC' } : {}) });
    cache.set(key, made);
  }
  return made;
}

/** `2026-11-22 10:58:33` in the zone: sortable and never ambiguous. */
export function moment(at: number, zone: Zone, withSeconds = true): string {
  const parts = new Map(
    formatter(zone, { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' })
      .formatToParts(at)
      .map((p) => [p.type, p.value] as const),
  );
  const of = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  return `${of('year')}-${of('month')}-${of('day')} ${of('hour')}:${of('minute')}${withSeconds ? `:${of('second')}` : ''}`;
}

export const dateOnly = (at: number, zone: Zone): string => moment(at, zone, false).slice(0, 10);

/** `UTC`, or the workstation's offset at that moment: `UTC+1`. */
export function zoneName(zone: Zone, at: number): string {
  if (zone === 'utc') return 'UTC';
  const name = formatter('local', { timeZoneName: 'shortOffset' }).formatToParts(at).find((p) => p.type === 'timeZoneName')?.value ?? 'local';
  return name.replace('GMT', 'UTC');
}

/** Everything a tooltip should say about a moment. */
export const momentInFull = (at: number, zone: Zone, now: number): string => `${moment(at, zone)} ${zoneName(zone, at)} · ${ago(at, now)} · ${new Date(at).toISOString()}`;

/** Groups digits for reading: ICCID in fours, EID in eights. The raw value is what gets copied. */
export function grouped(text: string, size = 4): string {
  const groups: string[] = [];
  for (let at = 0; at < text.length; at += size) groups.push(text.slice(at, at + size));
  return groups.join(' ');
}

/** First eight and last four, for columns where the whole EID has no room. */
export const shortened = (text: string, head = 8, tail = 4): string => (text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`);

/** `install_failed` → `Install failed`. A text that has blanks is no code: names in it, such as those of files, stay as they are. */
export function words(code: string): string {
  if (/\s/.test(code.trim())) return code.trim().charAt(0).toUpperCase() + code.trim().slice(1);
  const text = code.replaceAll(/[_-]+/g, ' ').trim();
  return text === '' ? '' : text.charAt(0).toUpperCase() + text.slice(1);
}

export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;
