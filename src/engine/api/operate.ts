/**
 * One operation over HTTP: body, idempotency key, precondition, the call itself, and its answer as JSON, events or a table.
 * Who asks is known by then, and that they may ask now.
 */
import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { StandardOpenAPIHandler } from '@orpc/openapi/standard';
import { canonicalJson } from '#base/canonical-json';
import { AppError, ERROR_CODES } from '#base/errors';
import type { Log } from '#base/log';
import { API_PREFIX } from '#contract/client';
import type { OperationInfo } from '#contract/derive/operations';
import { isTabular } from '#contract/derive/tables';
import { entityTag, listsTag, sendJson, sendTagged } from './answers';
import { sendEvents } from './event-stream';
import type { IdempotencyKeys, KeyedRequest, StoredAnswer } from './idempotency';
import { receiveFile, type ReceivedFile } from './multipart';
import { rpcErrorToProblem } from './problems';
import { findProbe } from './probes';
import { hasBody, readJsonBody } from './request-body';
import type { ApiRouter, Caller } from './router';
import { findRoute } from './routes';
import { encodeTable, tableHeaders, wantedFormat } from './tabular';
import type { TokenRecord } from './tokens';
import { createTurns } from './turns';

export interface OperateOptions {
  readonly router: ApiRouter;
  readonly idempotency: IdempotencyKeys;
  /** Where uploads lie until their handler has taken them (0700). */
  readonly uploadDir: string;
  readonly log: Log;
}

const UPLOAD_PATH = `${API_PREFIX}/datasets/upload`;
/** What may stand in an Idempotency-Key: visible ASCII, long enough for any kind of identifier. */
const KEY_FORM = /^[\x21-\x7e]{1,255}$/;

type Operate = (request: IncomingMessage, response: ServerResponse, token: TokenRecord) => Promise<void>;

export function createOperate({ router, idempotency, uploadDir, log }: OperateOptions): Operate {
  const api = new StandardOpenAPIHandler<Caller>(router, { customErrorResponseBodyEncoder: rpcErrorToProblem });
  const inTurn = createTurns();

  return async (request, response, token) => {
    const method = request.method ?? 'GET';
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const operation = findRoute(method, url.pathname);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const caller: Caller = { actor: token.actor, transport: 'http', scopes: token.scopes };

    async function call(body: unknown, context: Caller, at = { method, url }) {
      const { matched, response: result } = await api.handle(
        { ...at, headers: request.headers, body: () => Promise.resolve(body), signal: gone.signal },
        { prefix: API_PREFIX, context },
      );
      if (matched) return result;
      throw new AppError('NOT_FOUND', `Expected a known operation, found ${at.method} ${at.url.pathname}.`);
    }

    /** Refuses what was asked of another state than the present one. Errors: PRECONDITION_FAILED, and those of reading. */
    async function requireMatch(): Promise<void> {
      const path = readablePath(url.pathname);
      if (path === undefined) {
        throw new AppError('BAD_REQUEST', `Expected no If-Match, since nothing can be read at ${url.pathname}.`);
      }
      const present = await call({}, caller, { method: 'GET', url: new URL(path, url) });
      const tag = present.status === 200 ? entityTag(JSON.stringify(present.body ?? null)) : null;
      if (tag !== null && listsTag(request.headers['if-match'], tag)) return;
      throw new AppError(
        'PRECONDITION_FAILED',
        `Expected ${path} as it was read (If-Match), found that it has changed. Read it again, then decide again.`,
        { data: { etag: tag } },
      );
    }

    async function write(body: unknown): Promise<StoredAnswer> {
      const key = await keyOf(request, operation, token, body);
      const known = key === null ? null : idempotency.begin(key);
      if (known !== null) {
        response.setHeader('Idempotency-Replayed', 'true');
        return known;
      }
      const remember = key === null ? {} : { remember: keep(key, operation) };
      const checked = async () => {
        if (request.headers['if-match'] !== undefined) await requireMatch();
        return call(body, { ...caller, ...remember });
      };
      try {
        const result = await inTurn(
          request.headers['if-match'] === undefined ? null : readablePath(url.pathname),
          checked,
        );
        const answer = { status: result.status, body: JSON.stringify(result.body ?? null) };
        if (key !== null) settle(key, operation, answer);
        return answer;
      } catch (error) {
        if (key !== null) settle(key, operation, null);
        throw error;
      }
    }

    /** Errors of the caller did nothing; after one of ours nobody knows, so it is kept as the answer. */
    function settle(key: KeyedRequest, asked: OperationInfo | undefined, answer: StoredAnswer | null): void {
      try {
        if (answer !== null && (answer.status < 300 || answer.status === ERROR_CODES.INTERNAL.status))
          idempotency.finish(key, answer.status, asked?.secret === true ? null : answer.body);
        else idempotency.release(key);
      } catch (error) {
        // The work is done and its answer is at hand; a repeat is told that the outcome is unknown.
        log.error('An answer could not be kept under its Idempotency-Key.', { error: String(error) });
      }
    }

    function keep(key: KeyedRequest, asked: OperationInfo | undefined): (answer: unknown) => void {
      return (answer) => idempotency.finish(key, 200, asked?.secret === true ? null : JSON.stringify(answer ?? null));
    }

    if (method !== 'GET') {
      // Sent when the uploaded file is gone: whoever has the answer finds nothing left over.
      const answer = await withBody(request, uploadDir, write);
      sendJson(response, answer.status, answer.body);
      return;
    }
    const probe = findProbe(url.pathname);
    const format = wantedFormat(request, operation, url);
    const at = { method, url: probe === undefined ? url : new URL(`${API_PREFIX}${probe.path}`, url) };
    const { status, body } = await call(await readJsonBody(request), caller, at);
    if (isAsyncIterator(body)) await sendEvents(response, body, { ended: token.ended });
    else if (status !== 200) sendJson(response, status, JSON.stringify(body ?? null));
    else if (probe !== undefined) probe.send(response, body);
    else if (format !== null && operation !== undefined) {
      const bytes = await encodeTable(operation, body, format);
      sendTagged(request, response, bytes, tableHeaders(operation, body, format));
    } else {
      const headers: Record<string, string> = { 'Content-Type': 'application/json' };
      if (operation !== undefined && isTabular(operation.id)) headers.Vary = 'Accept';
      sendTagged(request, response, Buffer.from(JSON.stringify(body ?? null)), headers);
    }
  };
}

/** What a write is about: the same path where it can be read, or the one above it (`/runs/x/tags` is of `/runs/x`). */
function readablePath(pathname: string): string | undefined {
  const paths = [pathname, pathname.slice(0, pathname.lastIndexOf('/'))];
  return paths.find((path) => findRoute('GET', path)?.kind === 'call');
}

/** Errors: BAD_REQUEST where the key has no usable form, or is missing where the operation must not happen twice. */
async function keyOf(
  request: IncomingMessage,
  operation: OperationInfo | undefined,
  token: TokenRecord,
  body: unknown,
): Promise<KeyedRequest | null> {
  const key = request.headers['idempotency-key'];
  if (key === undefined) {
    if (operation?.once !== true) return null;
    throw new AppError(
      'BAD_REQUEST',
      `Expected an Idempotency-Key for ${operation.id}, found none. Send a new random one with every new request, and the same one when you repeat it.`,
    );
  }
  if (typeof key !== 'string' || !KEY_FORM.test(key)) {
    throw new AppError(
      'BAD_REQUEST',
      'Expected an Idempotency-Key of 1 to 255 visible ASCII characters, found another.',
    );
  }
  const hash = createHash('sha256').update(`${request.method} ${request.url}\n`);
  const file: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'file') : undefined;
  if (file instanceof File) {
    hash.update(file.name);
    for await (const chunk of file.stream()) hash.update(chunk);
  } else hash.update(canonicalJson(body));
  return { caller: token.id, key, request: hash.digest() };
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

function isAsyncIterator(value: unknown): value is AsyncIterator<unknown> {
  return typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function';
}
