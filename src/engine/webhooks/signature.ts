/**
 * Signatures of the Standard Webhooks specification (standardwebhooks.com, 2023): HMAC-SHA-256 over `id.timestamp.body` under a secret that
 * is written `whsec_` and base64. Used for what goes out and for signed signals that come in.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

export function newSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** @param at seconds since 1970 */
export function signatureOf(secret: string, id: string, at: number, body: string | Uint8Array): string {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest('base64')}`;
}

/** Headers of a message; one signature per secret that is still good, separated by spaces. */
export function signedHeaders(
  secrets: readonly string[],
  id: string,
  atMs: number,
  body: string,
): Readonly<Record<string, string>> {
  const at = Math.floor(atMs / 1000);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(at),
    'webhook-signature': secrets.map((secret) => signatureOf(secret, id, at, body)).join(' '),
  };
}

/** True where one of the given signatures is right under one of the secrets. Compares all of them, so that time tells nothing. */
export function isSignedBy(
  secrets: readonly string[],
  { id, at, signatures, body }: { id: string; at: number; signatures: string; body: Uint8Array },
): boolean {
  let isRight = false;
  for (const given of signatures.split(' ')) {
    for (const secret of secrets) {
      const [expected, found] = [Buffer.from(signatureOf(secret, id, at, body)), Buffer.from(given)];
      if (expected.length === found.length && timingSafeEqual(expected, found)) isRight = true;
    }
  }
  return isRight;
}
