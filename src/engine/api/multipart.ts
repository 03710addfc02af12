/**
 * One uploaded file out of a multipart/form-data request (RFC 7578), streamed to a 0600 file: never more in memory than
 * one chunk. Exactly one part named `file` is accepted; everything else is refused by name.
 */
import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { AppError } from '#base/errors';
import { refuseAnnouncedSize, tooLarge } from './request-body';

export const UPLOAD_LIMIT_BYTES = 512 * 2 ** 20;
const PART_HEADER_LIMIT = 8192;

export interface ReceivedFile {
  /** Where the bytes lie; whoever asked for them removes the file. */
  readonly path: string;
  /** The name that the sender gave, without folders. */
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
}

/** Errors: BAD_REQUEST (not one file), TOO_LARGE, IO. Leaves nothing behind on failure. */
export async function receiveFile(
  request: IncomingMessage,
  folder: string,
  limit = UPLOAD_LIMIT_BYTES,
): Promise<ReceivedFile> {
  const boundary = boundaryOf(request.headers['content-type'] ?? '');
  refuseAnnouncedSize(request, limit + PART_HEADER_LIMIT);
  const path = join(folder, `upload-${randomUUID()}.part`);
  const file = await open(path, 'wx', 0o600);
  try {
    const part = await copyPart(request, boundary, file, limit);
    await file.close();
    return { path, ...part };
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
    throw error;
  }
}

function boundaryOf(contentType: string): string {
  const match = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary !== undefined) return boundary;
  throw new AppError('BAD_REQUEST', `Expected multipart/form-data with a boundary, found "${contentType}".`);
}

async function copyPart(request: IncomingMessage, boundary: string, file: FileHandle, limit: number) {
  const reader = new ChunkReader(request);
  await reader.until(Buffer.from(`--${boundary}\r\n`), PART_HEADER_LIMIT);
  const head = await reader.until(Buffer.from('\r\n\r\n'), PART_HEADER_LIMIT);
  const part = parseHead(head.toString('utf8'));
  let bytes = 0;
  await reader.through(Buffer.from(`\r\n--${boundary}`), async (chunk) => {
    bytes += chunk.length;
    if (bytes > limit) throw tooLarge(limit);
    await file.write(chunk);
  });
  const rest = (await reader.rest(PART_HEADER_LIMIT)).toString('latin1');
  if (!rest.startsWith('--')) {
    throw new AppError('BAD_REQUEST', 'Expected one part named "file", found more parts. Send one file at a time.');
  }
  return { ...part, bytes };
}

function parseHead(head: string): { name: string; type: string } {
  const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(head)?.[1] ?? '';
  const field = /\bname="([^"]*)"/i.exec(disposition)?.[1];
  const filename = /\bfilename="([^"]*)"/i.exec(disposition)?.[1];
  if (field !== 'file' || filename === undefined) {
    throw new AppError('BAD_REQUEST', `Expected one file in the part "file", found the part "${field ?? ''}".`);
  }
  const type = /^content-type:\s*([^\r\n]+)$/im.exec(head)?.[1] ?? 'application/octet-stream';
  return { name: filename.split(/[/\\]/).at(-1) || 'upload', type };
}

/** Reads a request in pieces that end at a marker, wherever the network has cut the chunks. */
class ChunkReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(request: IncomingMessage) {
    this.#chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>; // no encoding is set
  }

  /** Everything before the marker, at most `limit` bytes. */
  async until(marker: Buffer, limit: number): Promise<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(marker);
      if (at >= 0) {
        const before = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + marker.length);
        return before;
      }
      if (this.#held.length > limit) throw malformed();
      await this.#more();
    }
  }

  /** Passes on everything before the marker, piece by piece. */
  async through(marker: Buffer, write: (chunk: Buffer) => Promise<void>): Promise<void> {
    for (;;) {
      const at = this.#held.indexOf(marker);
      const end = at >= 0 ? at : this.#held.length - marker.length + 1;
      if (end > 0) await write(this.#held.subarray(0, end));
      if (at >= 0) {
        this.#held = this.#held.subarray(at + marker.length);
        return;
      }
      if (end > 0) this.#held = this.#held.subarray(end);
      await this.#more();
    }
  }

  async rest(limit: number): Promise<Buffer> {
    while (this.#held.length <= limit && (await this.#add()));
    return this.#held;
  }

  async #more(): Promise<void> {
    if (!(await this.#add())) throw malformed();
  }

  async #add(): Promise<boolean> {
    const step = await this.#chunks.next();
    if (step.done === true) return false;
    this.#held = this.#held.length === 0 ? step.value : Buffer.concat([this.#held, step.value]);
    return true;
  }
}

function malformed(): AppError {
  return new AppError(
    'BAD_REQUEST',
    'Expected a complete multipart body, found an end or a header too early or too long.',
  );
}
