/** What a schema refuses, in plain words. Sentences of our own schemas stay; those zod makes speak of strings and of `<=`. */
interface Issue {
  readonly code?: string | undefined;
  readonly message: string;
  readonly origin?: string | undefined;
  readonly maximum?: number | bigint | undefined;
  readonly minimum?: number | bigint | undefined;
}

export function schemaSentence({ code, message, origin, maximum, minimum }: Issue): string {
  const made = /^(Too (big|small)|Invalid input): expected /.test(message);
  if (!made) return message;
  const unit = (n: number | bigint): string => (origin === 'string' ? (Number(n) === 1 ? ' character' : ' characters') : origin === 'array' || origin === 'set' ? (Number(n) === 1 ? ' entry' : ' entries') : '');
  if (code === 'too_big' && maximum !== undefined) return `At most ${maximum}${unit(maximum)}`;
  if (code === 'too_small' && minimum !== undefined) return origin === 'string' && Number(minimum) === 1 ? 'This is needed' : `At least ${minimum}${unit(minimum)}`;
  return /received undefined/.test(message) ? 'This is needed' : message;
}
