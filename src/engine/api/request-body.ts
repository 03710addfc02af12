/** JSON bodies of writes, with their limits: type, size and depth are checked before anything is parsed. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '#base/errors';

export const BODY_LIMIT_BYTES = 1_000_000;
const DEPTH_LIMIT = 64;

/** The parsed body; an absent body is an empty object. Errors: BAD_REQUEST, TOO_LARGE. */
export async function readJsonBody(request: IncomingMessage, limit = BODY_LIMIT_BYTES): Promise<unknown> {
  if (!hasBody(request)) return {};
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;\s*charset=utf-8\s*)?$/i.test(type)) {
    throw new AppError(
      'BAD_REQUEST',
      `Expected the content type application/json, found ${type === '' ? 'none' : JSON.stringify(type)}.`,
    );
  }
  const bytes = await readBytes(request, limit);
  if (bytes.length === 0) return {};
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('BAD_REQUEST', 'Expected a body in UTF-8, found other bytes.', { cause });
  }
  refuseDeepJson(text);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'not JSON';
    throw new AppError('BAD_REQUEST', `Expected a body in JSON, found a syntax error: ${reason}.`, { cause });
  }
}

export function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}

/** A size that was announced is refused before it is sent. */
export function refuseAnnouncedSize(request: IncomingMessage, limit: number): void {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
}

export function tooLarge(limit: number): AppError {
  return new AppError('TOO_LARGE', `Expected a body of at most ${limit} bytes, found more. Send less.`, {
    data: { limit },
  });
}

async function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  refuseAnnouncedSize(request, limit);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer; // no encoding is set on the request, so chunks are buffers
    size += bytes.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Nesting beyond what any operation knows would exhaust the stack of whoever walks it. */
function refuseDeepJson(text: string): void {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted) {
      if (character === '\\') i++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') {
      depth++;
      if (depth > DEPTH_LIMIT) {
        throw new AppError('BAD_REQUEST', `Expected JSON nested at most ${DEPTH_LIMIT} deep, found deeper.`);
      }
    } else if (character === '}' || character === ']') depth--;
  }
}
