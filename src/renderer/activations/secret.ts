import { upload } from '../app/client.ts';

/** The code leaves as bytes beside the contract; the window's own copy is overwritten. */
export async function uploadSecret(text: string): Promise<string> {
  const secret = new TextEncoder().encode(text);
  try {
    return await upload(secret);
  } finally {
    secret.fill(0);
  }
}
