/**
 * The operating system's keychain, where there is one that really keeps things. On Linux only a Secret Service counts:
 * the library's other choice, the kernel's key ring, forgets everything at the next restart.
 */
import type { AsyncEntry } from '@napi-rs/keyring';

export interface Keychain {
  read(): Promise<string | null>;
  /** Stores and reads back. Errors: whatever the system says. */
  write(secret: string): Promise<void>;
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

  const open = () => new entryOf(SERVICE, ACCOUNT, { linux: { store: 'secret-service' } });
  const read = async () => open().getPassword(AbortSignal.timeout(PATIENCE_MS));
  return {
    read,
    async write(secret) {
      await open().setPassword(secret, AbortSignal.timeout(PATIENCE_MS));
      if ((await read()) !== secret) throw new Error('the keychain did not keep what was stored in it');
    },
  };
}
