/**
 * The operating system's keychain, where there is one that really keeps things. On Linux only a Secret Service counts:
 * the library's other choice, the kernel's key ring, forgets everything at the next restart.
 */
import type { AsyncEntry } from '@napi-rs/keyring';

export interface Keychain {
  /** @param account the user's first key unless told */
  read(account?: string): Promise<string | null>;
  /** Stores and reads back. Errors: whatever the system says. */
  write(secret: string, account?: string): Promise<void>;
  remove(account: string): Promise<void>;
}

const SERVICE = 'sextant';
const ACCOUNT = 'workspace-key';
/** Long enough for a person to unlock the keychain when the system asks. */
const PATIENCE_MS = 30_000;

/** The keychain, or null where the library is not installed. Whether it works shows only when it is used. */
export async function systemKeychain(): Promise<Keychain | null> {
  let entryOf: typeof AsyncEntry;
  try {
    entryOf = (await import('@napi-rs/keyring')).AsyncEntry;
  } catch {
    return null; // an optional dependency: no build for this platform
  }

  const open = (account = ACCOUNT) => new entryOf(SERVICE, account, { linux: { store: 'secret-service' } });
  const read = async (account?: string) => (await open(account).getPassword(AbortSignal.timeout(PATIENCE_MS))) ?? null;
  return {
    read,
    async write(secret, account) {
      await open(account).setPassword(secret, AbortSignal.timeout(PATIENCE_MS));
      if ((await read(account)) !== secret) throw new Error('the keychain did not keep what was stored in it');
    },
    async remove(account) {
      await open(account).deletePassword(AbortSignal.timeout(PATIENCE_MS));
    },
  };
}
