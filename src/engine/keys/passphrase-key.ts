/**
 * `key.json`: the workspace key wrapped by a passphrase. scrypt makes a wrapping key from the passphrase and a random
 * salt, AES-256-GCM wraps the random workspace key with it. The file is safe to copy with the workspace and to back up.
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '#base/errors';

/** 64 MiB and about 0.2 s per guess (RFC 7914; N = 2^16, r = 8, p = 1). */
const COST = { N: 2 ** 16, r: 8, p: 1 } as const;
const MEMORY_LIMIT = 256 * 1024 * 1024;

const hexOf = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));

const wrappedKeySchema = z.strictObject({
  format: z.literal(1),
  kdf: z.literal('scrypt'),
  N: z
    .int()
    .min(2 ** 14)
    .max(2 ** 20),
  r: z.int().min(1).max(16),
  p: z.int().min(1).max(4),
  salt: hexOf(16),
  cipher: z.literal('aes-256-gcm'),
  nonce: hexOf(12),
  wrapped: hexOf(32),
  tag: hexOf(16),
});

type Cost = { readonly N: number; readonly r: number; readonly p: number };

function derive(passphrase: string, salt: Uint8Array, { N, r, p }: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, 32, { N, r, p, maxmem: MEMORY_LIMIT }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function checkPassphrase(passphrase: string): void {
  if (passphrase === '') {
    throw new AppError('WRONG_KEY', 'Expected a passphrase; found an empty one. Nothing was opened or created.');
  }
}

/** @returns the text of `key.json`. Errors: WRONG_KEY for an empty passphrase. */
export async function wrapKey(key: Uint8Array, passphrase: string): Promise<string> {
  checkPassphrase(passphrase);
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', await derive(passphrase, salt, COST), nonce);
  const wrapped = Buffer.concat([cipher.update(key), cipher.final()]);
  const file: z.infer<typeof wrappedKeySchema> = {
    format: 1,
    kdf: 'scrypt',
    ...COST,
    salt: salt.toString('hex'),
    cipher: 'aes-256-gcm',
    nonce: nonce.toString('hex'),
    wrapped: wrapped.toString('hex'),
    tag: cipher.getAuthTag().toString('hex'),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Errors: WRONG_KEY for another passphrase, WORKSPACE_DAMAGED for a file that is not one of ours. */
export async function unwrapKey(text: string, passphrase: string): Promise<Uint8Array> {
  checkPassphrase(passphrase);
  const file = parse(text);
  const wrappingKey = await derive(passphrase, Buffer.from(file.salt, 'hex'), file);
  const decipher = createDecipheriv('aes-256-gcm', wrappingKey, Buffer.from(file.nonce, 'hex'));
  decipher.setAuthTag(Buffer.from(file.tag, 'hex'));
  try {
    return Buffer.concat([decipher.update(Buffer.from(file.wrapped, 'hex')), decipher.final()]);
  } catch (error) {
    throw new AppError(
      'WRONG_KEY',
      'Expected the passphrase of this workspace; this one does not unwrap its key. Nothing was changed. Try again.',
      { cause: error },
    );
  }
}

function parse(text: string): z.infer<typeof wrappedKeySchema> {
  try {
    return wrappedKeySchema.parse(JSON.parse(text));
  } catch (error) {
    throw new AppError(
      'WORKSPACE_DAMAGED',
      'Expected key.json to hold the wrapped workspace key; found something else. It was left as it is; restore it from a backup.',
      { cause: error },
    );
  }
}
