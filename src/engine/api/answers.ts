/** How answers are written: JSON with an entity tag, RFC 9457 problems, and the one answer to everybody without a token. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, ERROR_CODES } from '#base/errors';
import { toProblem } from './problems';

/** One body for every caller without a token, whatever the path: nothing can be learned by asking. */
const UNAUTHORIZED_BODY = JSON.stringify(
  toProblem({
    code: 'UNAUTHORIZED',
    message: 'Expected a valid token in X-API-Token or Authorization: Bearer, found none.',
  }),
);

export function sendUnauthorized(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(401, {
    'Content-Type': 'application/problem+json',
    'WWW-Authenticate': 'Bearer realm="Sextant"',
    'Content-Length': Buffer.byteLength(UNAUTHORIZED_BODY),
  });
  response.end(request.method === 'HEAD' ? undefined : UNAUTHORIZED_BODY);
  request.resume();
}

export function sendProblem(response: ServerResponse, error: AppError): void {
  const problem = toProblem(error);
  const retryAfter = error.data?.retryAfterSeconds;
  if (typeof retryAfter === 'number') response.setHeader('Retry-After', String(retryAfter));
  if (error.code === 'TOO_LARGE') response.setHeader('Connection', 'close');
  sendJson(response, ERROR_CODES[error.code].status, JSON.stringify(problem));
}

/** `text` is JSON. */
export function sendJson(response: ServerResponse, status: number, text: string): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, {
    'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json',
    'Content-Length': bytes.length,
  });
  response.end(bytes);
}

/** What was read, with its tag; a reader that has it already gets 304 and no body (RFC 9110 §13.1.2). */
export function sendTagged(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>>,
): void {
  const tag = entityTag(bytes);
  response.setHeader('ETag', tag);
  if (listsTag(request.headers['if-none-match'], tag)) {
    response.writeHead(304);
    response.end();
    return;
  }
  response.writeHead(200, { ...headers, 'Content-Length': bytes.length });
  response.end(bytes);
}

/** A strong tag: the same bytes, and only they, have the same one. */
export function entityTag(bytes: string | Uint8Array): string {
  return `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
}

/** Whether a conditional header names the tag. `W/` is left out of the comparison, as for If-None-Match. */
export function listsTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((item) => item.trim().replace(/^W\//, '') === tag);
}
