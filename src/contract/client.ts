/**
 * The typed client of the contract and the two roads it can take: a message port or HTTP. The RPC library ends here:
 * callers see `client.runs.start(input)` and AppError, whichever road it was. Runs in browsers, Electron and Node.
 */
import { createORPCClient, ORPCError, type ClientLink } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { ulid } from 'ulid';
import { AppError, isErrorCode } from '#base/errors';
import { contract, type Contract } from './index';

/** What a caller may add to one call: `signal` cancels it, `lastEventId` resumes a stream. */
type CallOptions = Record<never, never>;

export type Client = ContractRouterClient<Contract, CallOptions>;
export type Link = ClientLink<CallOptions>;
export type ClientPort = ConstructorParameters<typeof RPCLink>[0]['port'];

/** Where the REST operations live below the address of a host. */
export const API_PREFIX = '/api/v1';

export function createClient(link: Link): Client {
  return createORPCClient(link);
}

/** Over a started message port whose other end was given to the engine. */
export function portLink(port: ClientPort): Link {
  return mapErrors(new RPCLink<CallOptions>({ port }));
}

export interface HttpLinkOptions {
  /** Address of the host without path: `http://127.0.0.1:4517`. */
  readonly url: string;
  /** Asked for at every call, so that a renewed token is used at once. */
  readonly token: () => string | undefined;
  /** Further headers, e.g. a challenge that the host must answer. */
  readonly headers?: () => Readonly<Record<string, string>>;
}

/** Over HTTP to the REST operations of a host. */
export function httpLink(options: HttpLinkOptions): Link {
  const link = new OpenAPILink<CallOptions>(contract, {
    url: `${options.url.replace(/\/$/, '')}${API_PREFIX}`,
    headers: (_options: unknown, path: readonly string[]) => {
      const token = options.token();
      return {
        ...options.headers?.(),
        ...(token === undefined ? {} : { 'x-api-token': token }),
        ...(mustHappenOnce(path) ? { 'idempotency-key': ulid() } : {}),
      };
    },
    clientInterceptors: [
      async (call) => {
        const response = await call.next();
        return { ...response, body: async () => readBody(await response.body()) };
      },
    ],
    customErrorResponseBodyDecoder: (body, response) => problemToError(body, response.status),
  });
  return mapErrors(link, options.url);
}

/** Whether an operation takes an Idempotency-Key; each call of this client is a request of its own. */
function mustHappenOnce([noun, name]: readonly string[]): boolean {
  const procedure: unknown = Reflect.get(Reflect.get(contract, noun) ?? {}, name);
  return isRecord(procedure) && isRecord(procedure['~orpc']) && isRecord(procedure['~orpc'].meta)
    ? procedure['~orpc'].meta.once === true
    : false;
}

/** Errors of a road as AppError, also those that come in the middle of a stream. */
export function mapErrors(link: Link, url?: string): Link {
  return {
    async call(path, input, options) {
      try {
        const answer: unknown = await link.call(path, input, options);
        return isAsyncIterator(answer) ? mapStream(answer, options.signal, url) : answer;
      } catch (error) {
        throw toAppError(error, options.signal, url);
      }
    },
  };
}

function mapStream(
  events: AsyncIterator<unknown, unknown>,
  signal: AbortSignal | undefined,
  url: string | undefined,
): AsyncIterableIterator<unknown, unknown, undefined> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () =>
      events.next().catch((error: unknown) => {
        throw toAppError(error, signal, url);
      }),
    return: (value) => (events.return === undefined ? Promise.resolve({ done: true, value }) : events.return(value)),
  };
}

function toAppError(error: unknown, signal: AbortSignal | undefined, url: string | undefined): AppError {
  if (error instanceof AppError) return error;
  if (signal?.aborted === true) return new AppError('CANCELLED', 'Cancelled.');
  if (error instanceof ORPCError) return fromRpcError(error);
  if (error instanceof Error && error.name === 'AbortError') return new AppError('CANCELLED', 'Cancelled.');
  const reason = error instanceof Error ? error.message : String(error);
  if (url === undefined) return new AppError('INTERNAL', reason, { cause: error });
  return new AppError(
    'UNAVAILABLE',
    `Expected an answer from Sextant at ${url}, found none (${reason}). Check that it is running.`,
    { cause: error },
  );
}

function fromRpcError(error: ORPCError<string, unknown>): AppError {
  const code = isErrorCode(error.code) ? error.code : 'INTERNAL';
  return new AppError(code, error.message, isRecord(error.data) ? { data: error.data } : {});
}

/** RFC 9457 document → error; undefined leaves it to the library's own form. */
function problemToError(body: unknown, status: number): ORPCError<string, unknown> | undefined {
  if (!isRecord(body) || typeof body.code !== 'string') {
    if (status !== 421) return undefined;
    return new ORPCError('MISDIRECTED', { status, message: 'The host refused the address it was called by.' });
  }
  const message = typeof body.detail === 'string' ? body.detail : String(body.title);
  return new ORPCError(body.code, { status, message, data: body.data });
}

/** `application/problem+json` reaches us as a blob, since the library parses `application/json` alone. */
async function readBody(body: unknown): Promise<unknown> {
  if (!isBlob(body) || !body.type.startsWith('application/problem+json')) return body;
  return JSON.parse(await body.text());
}

function isBlob(value: unknown): value is { readonly type: string; text(): Promise<string> } {
  return isRecord(value) && typeof value.text === 'function' && typeof value.type === 'string';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isAsyncIterator(value: unknown): value is AsyncIterator<unknown, unknown> {
  return isRecord(value) && typeof value.next === 'function';
}
