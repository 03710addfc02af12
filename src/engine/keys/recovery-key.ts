/**
 * The recovery key: a private X25519 key that exists on paper only. `recovery.json` holds the workspace key sealed to its
 * public half (ephemeral X25519, HKDF-SHA-256, AES-256-GCM: the construction of RFC 9180), so the workspace can be given
 * another key without the paper, and whoever steals the workspace key learns nothing about the paper.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { z } from 'zod';
import { AppError } from '#base/errors';

const hexOf = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));

const sealedSchema = z.strictObject({
  format: z.literal(1),
  madeAt: z.iso.datetime(),
  recipient: hexOf(32),
  ephemeral: hexOf(32),
  sealed: hexOf(32),
  tag: hexOf(16),
});
export type SealedKey = z.infer<typeof sealedSchema>;

/** DER before the 32 bytes of an X25519 key (RFC 8410). */
const PRIVATE_DER = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_DER = Buffer.from('302a300506032b656e032100', 'hex');

/** Crockford's base 32: no I, L, O and U, which are misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const KEY_BYTES = 32;
const SUM_BYTES = 3;
/** 35 bytes are exactly 56 characters: 8 groups of 7. */
const CHARACTERS = ((KEY_BYTES + SUM_BYTES) * 8) / 5;
const GROUP = 7;

/** @returns what goes on paper, and its public half */
export function createRecoveryKey(): { text: string; recipient: Uint8Array } {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PRIVATE_DER.length);
  return { text: writeRecoveryKey(secret), recipient: rawPublic(publicKey) };
}

/** Groups of seven characters with a checksum: typing errors are noticed (missed once in 16 million). */
export function writeRecoveryKey(secret: Uint8Array): string {
  const bytes = Buffer.concat([secret, sumOf(secret)]);
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  const characters = Array.from(
    { length: CHARACTERS },
    (_, i) => ALPHABET[Number((bits >> BigInt(5 * (CHARACTERS - 1 - i))) & 31n)],
  );
  return Array.from({ length: CHARACTERS / GROUP }, (_, i) =>
    characters.slice(i * GROUP, (i + 1) * GROUP).join(''),
  ).join('-');
}

/** Takes what a person types: any case, any spaces and dashes, O for 0, I and L for 1. Errors: WRONG_KEY. */
export function readRecoveryKey(text: string): Uint8Array {
  const plain = text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  const strange = /[^0-9A-HJKMNP-TV-Z]/.exec(plain);
  if (strange !== null || plain.length !== CHARACTERS) {
    const found = strange === null ? `${plain.length} characters` : 'a character that never occurs in one';
    throw new AppError(
      'WRONG_KEY',
      `Expected a recovery key of ${CHARACTERS} letters and digits; found ${found}. Compare it with the paper.`,
    );
  }
  let bits = 0n;
  for (const character of plain) bits = (bits << 5n) | BigInt(ALPHABET.indexOf(character));
  const bytes = Buffer.from(bits.toString(16).padStart(2 * (KEY_BYTES + SUM_BYTES), '0'), 'hex');
  const secret = bytes.subarray(0, KEY_BYTES);
  if (!bytes.subarray(KEY_BYTES).equals(sumOf(secret))) {
    throw new AppError(
      'WRONG_KEY',
      'Expected a recovery key that adds up; one or more characters are wrong. Compare it with the paper.',
    );
  }
  return secret;
}

function sumOf(secret: Uint8Array): Buffer {
  return createHash('sha256').update('sextant recovery key v1').update(secret).digest().subarray(0, SUM_BYTES);
}

/** Seals a workspace key for the holder of the paper. @returns the text of `recovery.json` */
export function sealForRecovery(key: Uint8Array, recipient: Uint8Array, madeAt: string): string {
  const ephemeral = generateKeyPairSync('x25519');
  const ephemeralBytes = rawPublic(ephemeral.publicKey);
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: publicKeyOf(recipient) });
  // The wrapping key is used once, so a fixed nonce never repeats under it.
  const cipher = createCipheriv('aes-256-gcm', wrappingKey(shared, ephemeralBytes, recipient), Buffer.alloc(12));
  const sealed = Buffer.concat([cipher.update(key), cipher.final()]);
  const file: SealedKey = {
    format: 1,
    madeAt,
    recipient: hex(recipient),
    ephemeral: hex(ephemeralBytes),
    sealed: hex(sealed),
    tag: hex(cipher.getAuthTag()),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Errors: WORKSPACE_DAMAGED. */
export function parseSealedKey(text: string): SealedKey {
  try {
    return sealedSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError(
      'WORKSPACE_DAMAGED',
      'Expected recovery.json to hold a sealed key; found something else. Use that of a backup.',
      { cause },
    );
  }
}

/** Opens `recovery.json`. Errors: WRONG_KEY for the paper of another workspace or an earlier one, WORKSPACE_DAMAGED. */
export function openWithRecovery(text: string, secret: Uint8Array): Uint8Array {
  const file = parseSealedKey(text);
  const privateKey = createPrivateKey({ key: Buffer.concat([PRIVATE_DER, secret]), format: 'der', type: 'pkcs8' });
  const recipient = Buffer.from(file.recipient, 'hex');
  const ephemeral = Buffer.from(file.ephemeral, 'hex');
  try {
    const shared = diffieHellman({ privateKey, publicKey: publicKeyOf(ephemeral) });
    const decipher = createDecipheriv('aes-256-gcm', wrappingKey(shared, ephemeral, recipient), Buffer.alloc(12));
    decipher.setAuthTag(Buffer.from(file.tag, 'hex'));
    return Buffer.concat([decipher.update(Buffer.from(file.sealed, 'hex')), decipher.final()]);
  } catch (cause) {
    throw new AppError(
      'WRONG_KEY',
      `Expected the recovery key that was made on ${file.madeAt}; this is another one. Nothing was changed.`,
      { cause },
    );
  }
}

function wrappingKey(shared: Uint8Array, ephemeral: Uint8Array, recipient: Uint8Array): Buffer {
  const context = Buffer.concat([Buffer.from('sextant recovery v1'), ephemeral, recipient]);
  return Buffer.from(hkdfSync('sha256', shared, '', context, 32));
}

function rawPublic(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(PUBLIC_DER.length);
}

function publicKeyOf(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([PUBLIC_DER, raw]), format: 'der', type: 'spki' });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
