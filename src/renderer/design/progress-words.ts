import { compactCount, count, span } from './formats.ts';

export interface ProgressLike {
  readonly done: number;
  readonly total: number;
  /** Units per second. */
  readonly rate?: number | undefined;
  readonly secondsLeft?: number | undefined;
}

/** Milliseconds still to go: what the engine says, or the rest at the present rate; undefined while neither says anything. */
export function leftMs({ done, total, rate, secondsLeft }: ProgressLike): number | undefined {
  if (secondsLeft !== undefined) return 1_000 * Math.max(0, secondsLeft);
  if (rate === undefined || rate <= 0 || total <= 0) return undefined;
  return (1_000 * Math.max(0, total - done)) / rate;
}

/** `412,000 of 1,000,000 rows · 41.2% · 83K rows/s · 7.1 s left` */
export function progressFigures(work: ProgressLike, unit = ''): string {
  const { done, total, rate } = work;
  const left = leftMs(work);
  return [
    total > 0 ? `${count(done)} of ${count(total)}${unit === '' ? '' : ` ${unit}`}` : `${count(done)}${unit === '' ? '' : ` ${unit}`}`,
    ...(total > 0 && done < total ? [`${Math.floor((100 * done) / total)}%`] : []),
    ...(rate !== undefined && rate > 0 ? [`${compactCount(Math.max(1, Math.round(rate)))}/s`] : []),
    ...(left !== undefined && done < total ? [`${span(left < 10_000 ? Math.ceil(left / 1_000) * 1_000 : left)} left`.replace('.0 s', ' s')] : []),
  ].join(' · ');
}
