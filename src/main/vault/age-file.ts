/** A file encrypted to age recipients while it is made: clear octets go in, encrypted ones come out, in pieces. */
import { Encrypter } from 'age-encryption';
import { VaultError } from '../vault-link/operations.ts';

export interface AgeFile {
  /** Takes clear octets, which are zeroed once they are encrypted; answers what is encrypted so far. */
  add(clear: Uint8Array): Promise<Uint8Array>;
  /** The rest. */
  end(): Promise<Uint8Array>;
}

/** Throws {@link VaultError} VAULT_INPUT_INVALID for a recipient that is none. */
export async function ageFile(recipients: readonly string[]): Promise<AgeFile> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw new VaultError('VAULT_INPUT_INVALID', `${recipient.slice(0, 24)}… is no age recipient`);
    }
  }
  let asked: ((controller: ReadableStreamDefaultController<Uint8Array>) => void) | undefined;
  let wanted: ReadableStreamDefaultController<Uint8Array> | undefined;
  let goOn: (() => void) | undefined;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => new Promise<void>((resolve) => {
      goOn = resolve;
      wanted = controller;
      asked?.(controller);
      asked = undefined;
    }),
  }, { highWaterMark: 0 });
  const encrypted = await encrypter.encrypt(source);
  const made: Uint8Array[] = [];
  const pumping = (async () => {
    for await (const chunk of encrypted) made.push(chunk);
  })();
  let failed: unknown;
  pumping.catch((error: unknown) => { failed = error; });
  const nextPull = (): Promise<ReadableStreamDefaultController<Uint8Array>> => (wanted ? Promise.resolve(wanted) : new Promise((resolve) => { asked = resolve; }));
  const give = async (octets: Uint8Array): Promise<void> => {
    const controller = await nextPull();
    wanted = undefined;
    controller.enqueue(octets);
    goOn?.();
  };
  const take = (): Uint8Array => {
    if (failed !== undefined) throw failed;
    return Buffer.concat(made.splice(0));
  };
  return {
    async add(clear) {
      if (clear.length === 0) return take();
      await give(clear);
      // The stream looks two pieces ahead: when these were asked for, `clear` has been copied and encrypted.
      await give(new Uint8Array(0));
      await give(new Uint8Array(0));
      await nextPull();
      clear.fill(0);
      return take();
    },
    async end() {
      (await nextPull()).close();
      goOn?.();
      await pumping;
      return take();
    },
  };
}
