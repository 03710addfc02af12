/** Signals over HTTP: `POST /signals/<source>`, with a body that is read raw and to a limit. Whoever is not admitted gets one and the same answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, ERROR_CODES } from '#base/errors';
import { SIGNALS_PREFIX } from '#contract/signals';
import { MOST_SIGNAL_BYTES } from './signal-door';
import type { SignalService } from './signal-service';

export type SignalReceiver = Pick<SignalService, 'receive'>;

/** True for what this door answers; a page of that name does not exist. */
export function isSignal(request: IncomingMessage, pathname: string): boolean {
  return request.method === 'POST' && pathname.startsWith(SIGNALS_PREFIX);
}

export async function answerSignal(
  signals: SignalReceiver,
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string,
): Promise<void> {
  try {
    const bytes = await readBytes(request);
    const receipt = signals.receive(pathname.slice(SIGNALS_PREFIX.length), request.headers, bytes);
    send(response, 202, { id: receipt.id, duplicate: receipt.duplicate });
  } catch (error) {
    if (!(error instanceof AppError) || response.headersSent) throw error;
    const { retryAfterSeconds } = error.data ?? {};
    if (typeof retryAfterSeconds === 'number') response.setHeader('Retry-After', String(retryAfterSeconds));
    if (error.code === 'TOO_LARGE') response.setHeader('Connection', 'close');
    send(response, ERROR_CODES[error.code].status, { code: error.code, message: error.message });
    request.resume();
  }
}

async function readBytes(request: IncomingMessage): Promise<Uint8Array> {
  const announced = Number(request.headers['content-length'] ?? 0);
  const chunks: Buffer[] = [];
  let size = 0;
  if (announced <= MOST_SIGNAL_BYTES) {
    for await (const chunk of request) {
      const bytes = chunk as Buffer; // no encoding is set
      size += bytes.length;
      if (size > MOST_SIGNAL_BYTES) break;
      chunks.push(bytes);
    }
    if (size <= MOST_SIGNAL_BYTES) return Buffer.concat(chunks);
  }
  throw new AppError('TOO_LARGE', `Expected a signal of at most ${MOST_SIGNAL_BYTES} bytes, found more.`);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': text.length });
  response.end(text);
}
