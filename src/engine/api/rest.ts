/** The REST operations and the few routes beside them: sign-in, a fresh sign-in code, and the OpenAPI document. */
import { openAsBlob } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { StandardOpenAPIHandler } from '@orpc/openapi/standard';
import { z } from 'zod';
import { AppError, ERROR_CODES } from '#base/errors';
import { API_PREFIX } from '#contract/client';
import { openApiDocument } from '#contract/derive/openapi';
import { sendEvents } from './event-stream';
import { ALL_SCOPES } from './inline';
import { receiveFile, type ReceivedFile } from './multipart';
import { findProbe, type Probe } from './probes';
import { rpcErrorToProblem, toProblem } from './problems';
import type { RateLimiter } from './rate-limit';
import { hasBody, readJsonBody } from './request-body';
import type { ApiRouter, Caller } from './router';
import type { SignIn } from './sign-in';
import { findToken, mintToken, proofOf, type MemoryTokenStore, type TokenRecord } from './tokens';

export interface RestOptions {
  readonly router: ApiRouter;
  readonly tokens: MemoryTokenStore;
  readonly signIn: SignIn;
  /** Where uploads lie until their handler has taken them (0700). */
  readonly uploadDir: string;
  readonly version: string;
  /** Requests per minute of a signed-in screen; generous, since one page asks for a dozen things at once. */
  readonly sessionPerMinute?: number;
  /** Failed sign-ins and unknown tokens per minute, together; the right token is never locked out. */
  readonly strangersPerMinute?: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

const SESSION_PER_MINUTE = 6_000;
const STRANGERS_PER_MINUTE = 1_000;
const UPLOAD_PATH = `${API_PREFIX}/datasets/upload`;
const sessionInput = z.strictObject({ code: z.string().min(1).max(200) });

/** One body for every caller without a token, whatever the path: nothing can be learned by asking. */
const UNAUTHORIZED_BODY = JSON.stringify(
  toProblem({
    code: 'UNAUTHORIZED',
    message: 'Expected a valid token in X-API-Token or Authorization: Bearer, found none.',
  }),
);

export interface Rest {
  answer(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void>;
}

export function createRest(options: RestOptions, limiter: RateLimiter): Rest {
  const api = new StandardOpenAPIHandler<Caller>(options.router, {
    customErrorResponseBodyEncoder: rpcErrorToProblem,
  });

  async function route(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    const isSignIn = request.method === 'POST' && pathname === `${API_PREFIX}/session`;
    answerChallenge(request, response, options.tokens);
    const token = presentedToken(request, options.tokens);
    if (token === undefined) {
      takeRate(limiter, 'strangers', options.strangersPerMinute ?? STRANGERS_PER_MINUTE);
      if (isSignIn) await signIn(request, response, options);
      else sendUnauthorized(request, response);
      return;
    }
    takeRate(limiter, token.id, token.perMinute);
    if (isSignIn) await signIn(request, response, options);
    else if (pathname === `${API_PREFIX}/session/code` && request.method === 'POST') {
      await readJsonBody(request);
      sendJson(response, 200, { code: options.signIn.issue() });
    } else if (pathname === '/openapi.json' && request.method === 'GET') {
      sendJson(response, 200, openApiDocument(options.version));
    } else {
      const probe = request.method === 'GET' ? findProbe(pathname) : undefined;
      await (probe === undefined ? operate(request, response, token) : answerProbe(request, response, token, probe));
    }
  }

  async function operate(request: IncomingMessage, response: ServerResponse, token: TokenRecord): Promise<void> {
    const result = await call(request, response, token, request.url ?? '/');
    if (isAsyncIterator(result.body)) await sendEvents(response, result.body);
    else sendJson(response, result.status, result.body);
  }

  async function answerProbe(
    request: IncomingMessage,
    response: ServerResponse,
    token: TokenRecord,
    { path, send }: Probe,
  ): Promise<void> {
    const { status, body } = await call(request, response, token, `${API_PREFIX}${path}`);
    if (status === 200) send(response, body);
    else sendJson(response, status, body);
  }

  async function call(request: IncomingMessage, response: ServerResponse, token: TokenRecord, url: string) {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const { matched, response: result } = await withBody(request, options.uploadDir, (body) =>
      api.handle(
        {
          method: request.method ?? 'GET',
          url: new URL(url, 'http://127.0.0.1'),
          headers: request.headers,
          body: () => Promise.resolve(body),
          signal: gone.signal,
        },
        { prefix: API_PREFIX, context: { actor: token.actor, transport: 'http', scopes: token.scopes } },
      ),
    );
    if (!matched)
      throw new AppError('NOT_FOUND', `Expected a known operation, found ${request.method} ${request.url}.`);
    return result;
  }

  return {
    async answer(request, response, pathname) {
      try {
        await route(request, response, pathname);
      } catch (error) {
        if (!(error instanceof AppError) || response.headersSent) throw error;
        sendProblem(response, error);
        request.resume();
      }
    },
  };
}

/** The screen swaps its one-time code for a token that lives as long as the host; anything else is one more stranger. */
async function signIn(request: IncomingMessage, response: ServerResponse, options: RestOptions): Promise<void> {
  const input = sessionInput.safeParse(await readJsonBody(request).catch(() => undefined));
  if (!input.success || !options.signIn.redeem(input.data.code)) {
    sendUnauthorized(request, response);
    return;
  }
  const { token, record } = mintToken('screen', ALL_SCOPES, options.sessionPerMinute ?? SESSION_PER_MINUTE);
  options.tokens.add(record);
  sendJson(response, 200, { token });
}

/** Both spellings are accepted; two that differ are nobody's. */
function presentedToken(request: IncomingMessage, tokens: MemoryTokenStore): TokenRecord | undefined {
  const header = request.headers['x-api-token'];
  const bearer = /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (typeof header === 'string' && bearer !== undefined && header !== bearer) return undefined;
  const token = typeof header === 'string' ? header : bearer;
  return token === undefined ? undefined : findToken(tokens, token);
}

/** `X-Sextant-Challenge: <token id>.<nonce>` is answered by proof of knowing that token, so that a caller can refuse a squatter. */
function answerChallenge(request: IncomingMessage, response: ServerResponse, tokens: MemoryTokenStore): void {
  const match = /^([0-9a-f]{16})\.([0-9a-f]{32,64})$/.exec(String(request.headers['x-sextant-challenge'] ?? ''));
  if (match === null) return;
  const record = [...tokens.all()].find(({ id }) => id === match[1]);
  if (record !== undefined) {
    response.setHeader('X-Sextant-Proof', proofOf(record.hash, request.headers.host ?? '', match[2]));
  }
}

function takeRate(limiter: RateLimiter, key: string, perMinute: number): void {
  const decision = limiter.take(key, perMinute);
  if (decision.allowed) return;
  const { retryAfterSeconds } = decision;
  throw new AppError(
    'RATE_LIMITED',
    `Expected at most ${perMinute} requests a minute, found more. Try again in ${retryAfterSeconds} s.`,
    { data: { perMinute, retryAfterSeconds } },
  );
}

/** JSON for every operation but the upload, whose file lies on disk until its handler is done with it. */
async function withBody<Result>(
  request: IncomingMessage,
  folder: string,
  work: (body: unknown) => Promise<Result>,
): Promise<Result> {
  const isUpload = request.method === 'POST' && request.url === UPLOAD_PATH && hasBody(request);
  if (!isUpload || !/^multipart\/form-data/i.test(request.headers['content-type'] ?? '')) {
    return work(await readJsonBody(request));
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const received = await receiveFile(request, folder);
  try {
    return await work({ file: await asFile(received) });
  } finally {
    await rm(received.path, { force: true });
  }
}

/** A file that reads from disk: the contract's upload takes a File, and 512 MB do not belong in memory. */
async function asFile(received: ReceivedFile): Promise<File> {
  return new File([await openAsBlob(received.path)], received.name, { type: received.type });
}

function sendUnauthorized(request: IncomingMessage, response: ServerResponse): void {
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
  sendJson(response, ERROR_CODES[error.code].status, problem);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = Buffer.from(JSON.stringify(body ?? null));
  response.writeHead(status, {
    'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json',
    'Content-Length': text.length,
  });
  response.end(text);
}

function isAsyncIterator(value: unknown): value is AsyncIterator<unknown> {
  return typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function';
}
