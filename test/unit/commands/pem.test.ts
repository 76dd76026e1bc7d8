/** A PEM as an argument: text for `decode`, refused by every other command, repeated by none. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { addCommand, newProgram, run } from '../../../src/main/commands/program.ts';

const pem = '-----BEGIN PRIVATE KEY-----\nTUFERSBVUA==\n-----END PRIVATE KEY-----\n';
let said: string[] = [];
beforeEach(() => {
  said = [];
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

function program() {
  const decoded: [string | undefined, boolean | undefined][] = [];
  const made = newProgram('0');
  addCommand(made, 'decode [text]', '').action((text: string | undefined, options: { json?: boolean }) => {
    decoded.push([text, options.json]);
  });
  addCommand(made, 'import', '').option('--cert <file>').action(() => {
    decoded.push(['imported', undefined]);
  });
  return { decoded, run: (...argv: string[]) => run(made, argv) };
}

test.each([[['decode', pem, '--json']], [['decode', '--json', pem]], [['decode', '--json', '--', pem]]])('decode takes it: %#', async (argv) => {
  const it = program();
  expect(await it.run(...argv)).toBe(0);
  expect(it.decoded).toEqual([[pem, true]]);
});

test.each([[['import', pem]], [['import', '--cert', pem]], [['import', '--', pem]], [[pem]], [['import', `--json`, ` ${pem}`]], [['import', `--cert=${pem}`]]])('another command refuses it without a word of it: %#', async (argv) => {
  const it = program();
  expect(await it.run(...argv)).toBe(2);
  expect(it.decoded).toEqual([]);
  expect(said.join('')).not.toMatch(/TUFERSBVUA|BEGIN PRIVATE/);
  expect(said.join('')).toMatch(/PEM was given/);
});
