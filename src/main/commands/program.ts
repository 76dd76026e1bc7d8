/** The command line's frame: common options, refusals, exit codes. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { EngineUnreachable } from '../hosting/client.ts';
import { CommandRefused, printRefusal } from './output.ts';
import type { CommonOptions } from './session.ts';

export function newProgram(version: string): Command {
  return new Command('mvne-desk')
    .description('MVNE Desk: the back office of an MVNE operator, with its own SM-DP+')
    .version(version)
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) })
    .showHelpAfterError('(run with --help for the options)');
}

/** A command with the options every command takes. */
export function addCommand(parent: Command, nameAndArguments: string, description: string): Command {
  return addCommandWithoutWorkspace(parent, nameAndArguments, description)
    .option('--workspace <folder>', 'workspace folder (default: this user\'s lab workspace)', notEmpty);
}

/** One that works in no workspace of the user's. */
export function addCommandWithoutWorkspace(parent: Command, nameAndArguments: string, description: string): Command {
  return parent
    .command(nameAndArguments)
    .description(description)
    .exitOverride()
    .option('--json', 'print one JSON object')
    .option('--passphrase-fd <number>', 'read the vault\'s passphrase from this descriptor', descriptorNumber);
}

/** A usage fault found only when all options are known: exit 2, as for those commander finds itself. */
export function usage(message: string): never {
  throw new CommanderError(2, 'mvne-desk.usage', message);
}

function notEmpty(text: string): string {
  // Empty would mean the current folder, from a variable that was not set.
  if (text.trim() === '') throw new InvalidArgumentError('a folder is needed.');
  return text;
}

function descriptorNumber(text: string): string {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('a number is needed.');
  return text;
}

export function group(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description).exitOverride();
}

/** Takes one of a few words. */
export function oneOf<T extends string>(...values: readonly T[]): (text: string) => T {
  return (text) => {
    const found = values.find((value) => value === text);
    if (found === undefined) throw new InvalidArgumentError(`it takes ${values.join(', ')}.`);
    return found;
  };
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number is needed.');
  return Number(text);
}

/** How many rows one page may have. */
export function pageSize(text: string): number {
  const size = wholeNumber(text);
  if (size < 1 || size > 500) throw new InvalidArgumentError('1 to 500 rows at once.');
  return size;
}

export function collect<T>(parse: (text: string) => T): (text: string, all: T[] | undefined) => T[] {
  return (text, all) => [...(all ?? []), parse(text)];
}

const isPem = (argument: string): boolean => /^(?:--[a-z-]+=)?\s*-----BEGIN/.test(argument);

/**
 * A PEM begins with dashes and would be read as an option, and be repeated in the message that there is none: a private key on
 * the terminal. `decode` takes it as the text it is; every other command takes files.
 */
function withoutPem(argv: readonly string[]): string[] {
  const pems = argv.filter(isPem);
  if (pems.length === 0 || argv.includes('--')) return pems.length === 0 || argv[0] === 'decode' ? [...argv] : usage(NO_PEM);
  return argv[0] === 'decode' ? [...argv.filter((one) => !isPem(one)), '--', ...pems] : usage(NO_PEM);
}
const NO_PEM = 'a PEM was given as an argument; give the file that holds it. A key written here stands in the history of the shell.';

/** Runs the program and sets the exit code: 0 done, 1 refused, 2 usage. */
export async function run(program: Command, argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  try {
    await program.parseAsync(withoutPem(argv), { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      if (error.code === 'mvne-desk.usage') process.stderr.write(`error: ${error.message}\n(run with --help for the options)\n`);
      if (json) process.stdout.write(`${JSON.stringify({ error: { code: 'USAGE', message: error.message.replace(/^error: /, '') } })}\n`);
      return 2;
    }
    if (error instanceof CommandRefused) {
      printRefusal(json, error.error);
      return 1;
    }
    if (error instanceof EngineUnreachable) {
      printRefusal(json, { code: 'ENGINE_UNAVAILABLE', message: error.message, hint: 'What was acknowledged is kept. See whether this command was carried out before you repeat it.' });
      return 1;
    }
    const known = error instanceof Error && /^[A-Z][A-Z0-9_]+$/.test((error as { code?: string }).code ?? '');
    printRefusal(json, {
      code: known ? (error as unknown as { code: string }).code : 'INTERNAL',
      message: error instanceof Error ? error.message : 'unexpected failure',
    });
    return 1;
  }
}

export type Options<T = object> = CommonOptions & T;
