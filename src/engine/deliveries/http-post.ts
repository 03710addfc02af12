/**
 * One POST to a receiver that may be slow, broken or hostile: judged and pinned address, no redirects, no decompression, a deadline for all of
 * it, at most 64 KB of the answer read and none of it believed. Whether the machine may be called at all is asked before its name is looked up.
 */
import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { AppError } from '#base/errors';
import { hostOf, judgedAddress, namesLoopback, portOf, type Address, type Resolve } from './address-guard';
import type { Outcome } from './delivery-loop';

const TIMEOUT_MS = 15_000;
const MOST_ANSWER_BYTES = 64 * 1024;

export interface PostOptions {
  readonly resolve: Resolve;
  ownPorts(): ReadonlySet<number>;
  /** Errors: FORBIDDEN where the privacy configuration does not allow it; then it is in the network log. */
  admit(host: string, port: number, purpose: string): void;
  /** Of the whole exchange. */
  readonly timeoutMs?: number;
}

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly allowPrivate: boolean;
  /** For the network log. */
  readonly purpose: string;
}

export type PostJson = (post: Post, signal: AbortSignal) => Promise<Outcome>;

/** A URL that may be posted to. Errors: BAD_REQUEST. */
export function receiverUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const found =
    url === null
      ? 'no URL'
      : url.protocol !== 'https:' && !(url.protocol === 'http:' && namesLoopback(url))
        ? `${url.protocol}// to another machine`
        : url.username !== '' || url.password !== ''
          ? 'a name or password in it'
          : url.hash !== ''
            ? 'a fragment in it'
            : null;
  if (url !== null && found === null) return url;
  throw new AppError(
    'BAD_REQUEST',
    `Expected an https:// address, or http:// on 127.0.0.1 or localhost, found ${found ?? 'none'}.`,
  );
}

export function createPost(options: PostOptions): PostJson {
  const { resolve, ownPorts, admit, timeoutMs = TIMEOUT_MS } = options;
  return async ({ url: text, headers, body, allowPrivate, purpose }, signal) => {
    const url = receiverUrl(text);
    if (!namesLoopback(url)) admit(hostOf(url), portOf(url), purpose);
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const pinned = await orLate(judgedAddress(url, { allowPrivate, resolve, ownPorts: ownPorts() }), deadline);
    const bytes = Buffer.from(body);
    const answer = await exchange(url, pinned, bytes, headers, deadline);
    const { statusCode: status = 0 } = answer;
    const retryAfterMs = retryAfter(answer);
    await readAndIgnore(answer);
    if (status >= 200 && status < 300) return { ok: true, status };
    const error = `The receiver answered ${status}${status >= 300 && status < 400 ? '; redirects are not followed' : ''}.`;
    return { ok: false, status, error, retryAfterMs, gone: status === 410 };
  };
}

/** Errors: UNAVAILABLE where no answer began in time. */
function exchange(
  url: URL,
  pinned: Address,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const target: RequestOptions = {
    method: 'POST',
    hostname: hostOf(url),
    port: portOf(url),
    path: `${url.pathname}${url.search}`,
    agent: false,
    signal,
    headers: { ...headers, 'Content-Length': body.length, 'Accept-Encoding': 'identity' },
    // The name stays in the certificate check and in the Host header; the connection goes where it was judged.
    lookup: (_host, wanted, callback) => {
      if (wanted.all === true) callback(null, [{ ...pinned }]);
      else callback(null, pinned.address, pinned.family);
    },
  };
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(unanswered(error, signal));
    const request: ClientRequest = (url.protocol === 'https:' ? httpsRequest : httpRequest)(target, (answer) => {
      request.off('error', fail);
      request.on('error', () => undefined);
      resolve(answer);
    });
    request.once('error', fail);
    request.once('upgrade', (_answer, socket) => {
      socket.destroy();
      fail(new Error('it asked for another protocol'));
    });
    request.end(body);
  });
}

/** Up to the limit, the deadline or the end; what comes is not looked at. */
async function readAndIgnore(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of answer) {
      bytes += (chunk as Buffer).length; // no encoding is set
      if (bytes > MOST_ANSWER_BYTES) break;
    }
  } catch {
    // The status has been read; a body that breaks off says nothing more.
  } finally {
    answer.destroy();
  }
}

function retryAfter({ headers }: IncomingMessage): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - Date.parse(headers.date ?? '')) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

async function orLate<T>(work: Promise<T>, deadline: AbortSignal): Promise<T> {
  const late = Promise.withResolvers<never>();
  const give = (): void => late.reject(unanswered(new Error('no address in time'), deadline));
  deadline.addEventListener('abort', give, { once: true });
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    deadline.removeEventListener('abort', give);
  }
}

function unanswered(error: Error, signal: AbortSignal): AppError {
  if (error instanceof AppError) return error;
  const isLate = signal.aborted && signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
  const found = isLate ? 'none in time' : error.message;
  return new AppError('UNAVAILABLE', `Expected an answer of the receiver, found ${found}.`, { cause: error });
}
