/**
 * The format of an encrypted object file. A changed byte, a truncation, an exchange of segments or of whole files is
 * found when the file is read. Work happens in 8 MiB segments off the main thread, so the event loop stays free.
 */
import { hkdfSync, randomBytes, webcrypto } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { AppError } from '#base/errors';
import { asStoreError, errorCodeOf } from './store-error';

/**
 * File: magic (8) · salt (16) · length of the content (8, little-endian) · segments. A segment is up to 8 MiB of content
 * as AES-256-GCM ciphertext with its 16-byte tag. The key of a file is HKDF(workspace key, salt); the nonce is the
 * segment's number and whether it is the last, so no nonce repeats; header and content hash are authenticated with each.
 */
const MAGIC = Buffer.from('SXTOBJ\x00\x01', 'latin1');
const HEADER_BYTES = 32;
const SALT_BYTES = 16;
const TAG_BYTES = 16;
const SEGMENT_BYTES = 8 * 1024 * 1024;

/** Cuts the concatenation of `views` into segments; copies only where a segment spans two of them. */
export function* segmentsOf(views: readonly Uint8Array[]): Generator<Uint8Array> {
  let pending: Uint8Array[] = [];
  let size = 0;
  for (const view of views) {
    for (let at = 0; at < view.length;) {
      const part = view.subarray(at, at + SEGMENT_BYTES - size);
      at += part.length;
      size += part.length;
      pending.push(part);
      if (size === SEGMENT_BYTES) {
        yield pending.length === 1 ? pending[0] : Buffer.concat(pending, size);
        pending = [];
        size = 0;
      }
    }
  }
  if (size > 0) yield pending.length === 1 ? pending[0] : Buffer.concat(pending, size);
}

interface Sealing {
  readonly views: readonly Uint8Array[];
  readonly bytes: number;
  readonly hash: string;
  readonly master: Uint8Array;
}

/** Writes an open, empty file. */
export async function writeSealed(file: FileHandle, { views, bytes, hash, master }: Sealing): Promise<void> {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  randomBytes(SALT_BYTES).copy(header, MAGIC.length);
  header.writeBigUInt64LE(BigInt(bytes), MAGIC.length + SALT_BYTES);
  const cipher = await cipherOf(header, hash, master);
  await writeAll(file, header);
  const count = segmentCount(bytes);
  let index = 0;
  let writing = Promise.resolve();
  for (const segment of segmentsOf(views)) {
    const sealed = new Uint8Array(
      await webcrypto.subtle.encrypt(cipher.algorithm(index, index === count - 1), cipher.key, asBufferSource(segment)),
    );
    await writing;
    writing = writeAll(file, sealed);
    writing.catch(() => {}); // observed by the await above in the next turn, or below
    index++;
  }
  await writing;
}

/** Web Crypto's types exclude views of shared memory; the engine's arrays come from IPC or from a decoder and are never shared. */
function asBufferSource(view: Uint8Array): Uint8Array<ArrayBuffer> {
  return view.buffer instanceof ArrayBuffer
    ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    : new Uint8Array(view);
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}

/**
 * Reads and verifies a file.
 * @param masters the keys it may be under, the likeliest first
 * Errors: NOT_FOUND, WORKSPACE_DAMAGED, IO.
 */
export async function readSealed(
  path: string,
  hash: string,
  masters: readonly Uint8Array[],
): Promise<Uint8Array<ArrayBuffer>> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') {
      throw new AppError('NOT_FOUND', `Expected a stored object ${hash}; found none. Restore it from a backup.`, {
        cause: error,
      });
    }
    throw asStoreError(error, 'a stored object');
  }
  try {
    const header = await readExactly(file, HEADER_BYTES, 0, hash);
    const bytes = Number(header.readBigUInt64LE(MAGIC.length + SALT_BYTES));
    const { size } = await file.stat();
    if (!header.subarray(0, MAGIC.length).equals(MAGIC) || size !== sealedSize(bytes)) throw damaged(hash);
    return await openWithAny(masters, (master) => openSegments(file, header, { bytes, hash, master }));
  } catch (error) {
    throw asStoreError(error, 'a stored object');
  } finally {
    await file.close();
  }
}

/** A file under another key and a damaged one look alike: only when no key opens it is it damaged. */
async function openWithAny<T>(masters: readonly Uint8Array[], read: (master: Uint8Array) => Promise<T>): Promise<T> {
  let failure: unknown;
  for (const master of masters) {
    try {
      return await read(master);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function openSegments(
  file: FileHandle,
  header: Uint8Array,
  { bytes, hash, master }: { bytes: number; hash: string; master: Uint8Array },
): Promise<Uint8Array<ArrayBuffer>> {
  const cipher = await cipherOf(header, hash, master);
  const content = new Uint8Array(bytes);
  const count = segmentCount(bytes);

  async function openSegment(index: number): Promise<void> {
    const length = Math.min(SEGMENT_BYTES, bytes - index * SEGMENT_BYTES) + TAG_BYTES;
    const sealed = await readExactly(file, length, HEADER_BYTES + index * (SEGMENT_BYTES + TAG_BYTES), hash);
    const algorithm = cipher.algorithm(index, index === count - 1);
    const opened = await webcrypto.subtle.decrypt(algorithm, cipher.key, sealed).catch((error: unknown) => {
      throw damaged(hash, error);
    });
    content.set(new Uint8Array(opened), index * SEGMENT_BYTES);
  }

  for (let index = 0; index < count; index += 2) {
    const pair = [openSegment(index)];
    if (index + 1 < count) pair.push(openSegment(index + 1));
    await Promise.all(pair);
  }
  return content;
}

async function readExactly(
  file: FileHandle,
  length: number,
  position: number,
  hash: string,
): Promise<Buffer<ArrayBuffer>> {
  const buffer = Buffer.from(new ArrayBuffer(length));
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(buffer, at, length - at, position + at);
    if (bytesRead === 0) throw damaged(hash);
    at += bytesRead;
  }
  return buffer;
}

function segmentCount(bytes: number): number {
  return Math.ceil(bytes / SEGMENT_BYTES);
}

function sealedSize(bytes: number): number {
  return HEADER_BYTES + bytes + segmentCount(bytes) * TAG_BYTES;
}

function damaged(hash: string, cause?: unknown): AppError {
  return new AppError(
    'WORKSPACE_DAMAGED',
    `Expected the stored object ${hash} to be intact; found data that fails its check. It was left as it is. Restore it from a backup, or make it again.`,
    { data: { object: hash }, cause },
  );
}

async function cipherOf(header: Uint8Array, hash: string, master: Uint8Array) {
  const salt = header.subarray(MAGIC.length, MAGIC.length + SALT_BYTES);
  const raw = Buffer.from(hkdfSync('sha256', master, salt, 'sextant object key', 32));
  const key = await webcrypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  const additionalData = Buffer.concat([header, Buffer.from(hash, 'hex')]);
  return {
    key,
    algorithm(index: number, last: boolean) {
      const iv = Buffer.alloc(12);
      iv.writeUInt32BE(index, 0);
      iv.writeUInt8(last ? 1 : 0, 11);
      return { name: 'AES-GCM', iv, additionalData, tagLength: TAG_BYTES * 8 };
    },
  };
}
