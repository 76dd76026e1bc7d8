/** The vault's passphrase: from a descriptor or from a prompt without echo; never from the command line or environment. */
import { isPassphraseWanted, isProtected } from '../hosting/workspace-folder.ts';
import { readDescriptor } from './descriptor.ts';
import { refuse } from './output.ts';

export { isProtected };

/** What was read or typed: a descriptor gives it once, and a command may start the engine more than once. Zeroed at the end. */
let known: Uint8Array | undefined;
process.on('exit', () => known?.fill(0));

/** A copy for one start of the vault, which zeroes it. `making`: of a workspace that is made now and cannot be without one. */
export async function readPassphrase(workspace: string, descriptor: string | undefined, making?: 'lab' | 'test' | 'live'): Promise<Uint8Array | undefined> {
  if (descriptor === undefined && making === undefined && !isProtected(workspace)) return undefined;
  known ??= descriptor !== undefined ? fromDescriptor(descriptor) : making !== undefined ? await choose(making) : isPassphraseWanted(workspace) ? await choose(undefined) : await ask();
  return Uint8Array.from(known);
}

function fromDescriptor(descriptor: string): Uint8Array {
  let bytes: Buffer;
  try {
    bytes = readDescriptor(Number(descriptor), 4096);
  } catch {
    refuse('PASSPHRASE_UNREADABLE', `Nothing can be read from descriptor ${descriptor}`);
  }
  return withoutNewline(bytes);
}

function ask(): Promise<Uint8Array> {
  if (!process.stdin.isTTY) refuse('PASSPHRASE_NEEDED', 'This workspace asks for a passphrase: give it with --passphrase-fd');
  return prompt();
}

/** Typed twice: what is mistyped once would lock the workspace for good. */
async function choose(making: 'lab' | 'test' | 'live' | undefined): Promise<Uint8Array> {
  if (!process.stdin.isTTY) {
    refuse('PASSPHRASE_NEEDED', making === undefined ? 'This workspace was begun with a passphrase, its key was not made yet, and no passphrase was given'
      : `A ${making === 'live' ? 'Live' : 'Test'} workspace keeps its keys under a passphrase, and none was given`,
      'Give one with --passphrase-fd, for example --passphrase-fd 3 3<passphrase-file, or start the command at a terminal, which asks for it');
  }
  const first = await prompt('New passphrase of the vault: ');
  const second = await prompt('The same passphrase again: ');
  const same = Buffer.from(first).equals(second);
  second.fill(0);
  if (same) return first;
  first.fill(0);
  refuse('PASSPHRASE_DIFFERS', 'The two passphrases differ; nothing was made');
}

function withoutNewline(bytes: Buffer): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end -= 1;
  const passphrase = Uint8Array.from(bytes.subarray(0, end));
  bytes.fill(0);
  if (passphrase.length === 0) refuse('PASSPHRASE_UNREADABLE', 'The passphrase is empty');
  return passphrase;
}

function prompt(question = 'Passphrase of the vault: '): Promise<Uint8Array> {
  process.stderr.write(question);
  return new Promise((done, failed) => {
    const typed = Buffer.alloc(1024);
    let length = 0;
    process.stdin.setRawMode(true);
    process.stdin.resume();
    const finish = (work: () => void) => {
      process.stdin.off('data', onData);
      process.stdin.setRawMode(false);
      process.stdin.pause();
      process.stderr.write('\n');
      work();
    };
    const onData = (chunk: Buffer) => {
      for (const octet of chunk) {
        if (octet === 0x03) return finish(() => failed(new Error('interrupted')));
        if (octet === 0x0d || octet === 0x0a) return finish(() => done(withoutNewline(typed.subarray(0, length))));
        if (octet === 0x7f) length = Math.max(0, length - 1);
        else if (length < typed.length) typed[length++] = octet;
      }
      chunk.fill(0);
    };
    process.stdin.on('data', onData);
  });
}
