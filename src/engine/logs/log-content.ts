/**
 * The part of a log line that may tell what somebody holds or how they trade: AES-256-GCM under a key derived from the workspace's.
 * The rest of the line stays readable, so that `grep` finds a correlation id while nobody reads a strategy's name.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Keyring } from '../store/keyring';

type Fields = Readonly<Record<string, unknown>>;

export interface LogContent {
  /** @param bound what the content belongs to; it opens with nothing else */
  seal(fields: Fields, bound: string): string;
  /** Null where no key of the workspace opens it. */
  open(sealed: string, bound: string): Fields | null;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function createLogContent({ current, retired }: Keyring): LogContent {
  const [first, ...earlier] = [current, ...retired].map((key) =>
    Buffer.from(hkdfSync('sha256', key, '', 'sextant log content v1', 32)),
  );

  function openWith(key: Uint8Array, bytes: Uint8Array, bound: string): Fields | null {
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(bound));
      decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
      const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      return JSON.parse(text.toString('utf8')) as Fields; // written by `seal`
    } catch {
      return null;
    }
  }

  return {
    seal(fields, bound) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', first, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(bound));
      const text = Buffer.concat([cipher.update(JSON.stringify(fields), 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64');
    },
    open(sealed, bound) {
      const bytes = Buffer.from(sealed, 'base64');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
      for (const key of [first, ...earlier]) {
        const fields = openWith(key, bytes, bound);
        if (fields !== null) return fields;
      }
      return null;
    },
  };
}
