/**
 * Streams the bytes of a file, decompressed, with everything that must be known on the way: SHA-256 of the bytes on disk, limits on size
 * and compression ratio before anything of that size is held, and cancellation between chunks.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { AppError } from '#base/errors';
import { throwIfCancelled } from '#base/async';
import type { ImportLimits } from './import-types';
import { fileError, tooLarge, type FoundFile } from './source-files';

const CHUNK = 4 << 20;
/** Below this much output a high ratio is no danger: short files of repeated lines are legal. */
const RATIO_FREE = 64 << 20;

export interface FileStream {
  /** Decompressed chunks. A chunk is valid until the next one is asked for. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Share of the file on disk that has been read, 0 … 1. */
  readonly done: () => number;
  /** SHA-256 of the file on disk; complete once the chunks are. */
  readonly sha256: () => string;
}

/** Opens a found file. Errors while reading: IO, TOO_LARGE, INVALID_DATA (damaged gzip), CANCELLED. */
export function streamFile(file: FoundFile, limits: ImportLimits, signal: AbortSignal | undefined): FileStream {
  const hash = createHash('sha256');
  let read = 0;
  const seen = (bytes: Uint8Array) => {
    hash.update(bytes);
    read += bytes.length;
  };
  const chunks = file.gzip ? gunzipped(file, limits, signal, seen, () => read) : plain(file, signal, seen);
  let digest: string | null = null;
  return {
    chunks,
    done: () => (file.bytes === 0 ? 1 : Math.min(1, read / file.bytes)),
    sha256: () => (digest ??= hash.digest('hex')),
  };
}

/** Reads ahead by one chunk, so that the disk works while the caller parses. */
async function* plain(
  file: FoundFile,
  signal: AbortSignal | undefined,
  seen: (bytes: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let handle;
  try {
    handle = await open(file.path);
    const buffers = [new Uint8Array(CHUNK), new Uint8Array(CHUNK)];
    let turn = 0;
    let pending = handle.read(buffers[turn], 0, CHUNK);
    for (;;) {
      const { bytesRead } = await pending;
      throwIfCancelled(signal);
      if (bytesRead === 0) return;
      const chunk = buffers[turn].subarray(0, bytesRead);
      turn = 1 - turn;
      pending = handle.read(buffers[turn], 0, CHUNK);
      // A rejection is met by the `await` above; until then it must not count as unhandled.
      pending.catch(() => undefined);
      seen(chunk);
      yield chunk;
    }
  } catch (error) {
    throw fileError(file.path, error);
  } finally {
    await handle?.close();
  }
}

async function* gunzipped(
  file: FoundFile,
  limits: ImportLimits,
  signal: AbortSignal | undefined,
  seen: (bytes: Uint8Array) => void,
  read: () => number,
): AsyncGenerator<Uint8Array> {
  const source = createReadStream(file.path, { highWaterMark: 1 << 18 });
  const gunzip = createGunzip({ chunkSize: 1 << 20 });
  source.on('data', (bytes) => {
    if (typeof bytes !== 'string') seen(bytes);
  });
  source.on('error', (error) => gunzip.destroy(fileError(file.path, error)));
  source.pipe(gunzip);
  let written = 0;
  try {
    for await (const part of gunzip) {
      throwIfCancelled(signal);
      // A zlib stream without an encoding hands out buffers.
      const bytes = part as Uint8Array;
      written += bytes.length;
      if (written > limits.fileBytes) throw tooLarge(file.name, written, limits.fileBytes);
      if (written > RATIO_FREE && written > limits.compressionRatio * read())
        throw tooDense(file.name, written, read(), limits);
      yield bytes;
    }
    // Bytes behind the last gzip member belong to the file and to its hash.
    if (!source.readableEnded) {
      source.unpipe();
      source.resume();
      await once(source, 'end');
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'INVALID_DATA',
      `Expected complete gzip data in ${file.name}, found: ${reason}. Download it again.`,
      { cause: error },
    );
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

function tooDense(name: string, written: number, read: number, limits: ImportLimits): AppError {
  return new AppError(
    'TOO_LARGE',
    `Expected at most ${limits.compressionRatio} bytes for each compressed byte in ${name}, found ${Math.round(written / Math.max(1, read))}. ` +
      'This looks like a decompression bomb; if it is not, decompress it yourself and import the result.',
    { data: { written, read, limit: limits.compressionRatio } },
  );
}

/** The whole of a small file (companions, JSON). Errors: as above, TOO_LARGE over `most` bytes. */
export async function readWhole(
  file: FoundFile,
  limits: ImportLimits,
  signal: AbortSignal | undefined,
  most: number,
): Promise<{ bytes: Uint8Array; sha256: string }> {
  const stream = streamFile(file, limits, signal);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream.chunks) {
    length += chunk.length;
    if (length > most) throw tooLarge(file.name, length, most);
    parts.push(chunk.slice());
  }
  return { bytes: Buffer.concat(parts), sha256: stream.sha256() };
}
