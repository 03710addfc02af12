/**
 * The HTTP server of a host: the REST operations, the event streams, the OpenAPI document and the screen, on the loopback
 * interface alone. Order of every request: headers, gates (Host, Origin), token, rate, then the route.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '#base/errors';
import { API_PREFIX } from '#contract/client';
import { correlationOf, inScope } from '../logs/call-scope';
import { readTraceparent, writeTraceparent } from '../traces/traceparent';
import { noTracing, type Tracing } from '../traces/tracing';
import { limitConnections } from './connections';
import { allGates, type Gate } from './gates';
import { createRateLimiter } from './rate-limit';
import type { HttpMetrics } from '../metrics/http-metrics';
import { answerSignal, isSignal, type SignalReceiver } from '../signals/http-signals';
import { findProbe } from './probes';
import { sendProblem } from './answers';
import { createRest, type RestOptions } from './rest';
import { setSecurityHeaders } from './security-headers';
import { openStaticFiles } from './static-files';

export interface HttpOptions extends RestOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** Records nothing unless given. */
  readonly tracing?: Tracing;
  /** Folder of the built screen, or null where there is none. */
  readonly rendererDir: string | null;
  /** The door for signals, which no token of the API opens; left out, there is none. */
  readonly signals?: SignalReceiver;
  /** Counts and times requests. */
  readonly metrics?: HttpMetrics;
  /** Only a sabotage test passes fewer. */
  readonly gates?: readonly Gate[];
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Ends streams, closes connections and stops listening. */
  close(): Promise<void>;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);
const HEADER_BYTES = 16 * 1024;
const HEADER_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 120_000;
const CONNECTIONS = 128;

/** Listens on 127.0.0.1. Errors: CONFLICT where the port is taken, FORBIDDEN where it may not be used, IO. */
export async function startHttpServer(options: HttpOptions): Promise<HttpServer> {
  const limiter = createRateLimiter(options.now);
  const rest = createRest(options, limiter);
  const files = await openStaticFiles(options.rendererDir);
  const gates = options.gates ?? allGates;
  const { tracing = noTracing } = options;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    setSecurityHeaders(response);
    for (const gate of gates) {
      const refusal = gate(request, port);
      if (refusal !== undefined) {
        refuse(request, response, refusal.status);
        return;
      }
    }
    const correlation = correlationOf(request.headers['x-request-id']);
    response.setHeader('X-Request-Id', correlation);
    const traceparent = readTraceparent(request.headers.traceparent);
    const scope = { correlation, traceparent: traceparent && writeTraceparent(traceparent) };
    const method = METHODS.has(request.method ?? '') ? String(request.method) : '_OTHER';
    await inScope(scope, () =>
      tracing.span(
        `HTTP ${method}`,
        { kind: 'server', attributes: { 'http.request.method': method } },
        async (span) => {
          await answerInScope(request, response);
          span.set('http.response.status_code', response.statusCode);
        },
      ),
    );
  }

  async function answerInScope(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (options.signals !== undefined && isSignal(request, pathname)) {
      await answerSignal(options.signals, request, response, pathname);
    } else if (isApi(pathname)) {
      await rest.answer(request, response, pathname);
    } else if (!(await files.serve(request, response, pathname))) {
      sendProblem(response, new AppError('NOT_FOUND', `Expected a known path, found ${pathname}.`));
    }
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    options.metrics?.watch(request, response);
    answer(request, response).catch((error: unknown) => {
      options.log.error('request failed', { error: error instanceof Error ? error.stack : String(error) });
      if (response.headersSent) response.destroy();
      else sendProblem(response, new AppError('INTERNAL', 'The request failed. The log of the host says why.'));
    });
  }

  const server = createServer(
    { maxHeaderSize: HEADER_BYTES, requireHostHeader: false, connectionsCheckingInterval: 1000 },
    handle,
  );
  server.on('checkContinue', handle);
  server.on('checkExpectation', handle);
  limitServer(server);
  const port = await listen(server, options.port);
  return { url: `http://127.0.0.1:${port}`, port, close: () => close(server) };
}

function limitServer(server: Server): void {
  server.headersTimeout = HEADER_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = 5_000;
  server.timeout = IDLE_TIMEOUT_MS;
  server.maxHeadersCount = 100;
  limitConnections(server, CONNECTIONS);
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
}

function isApi(pathname: string): boolean {
  const isOperation = pathname === API_PREFIX || pathname.startsWith(`${API_PREFIX}/`);
  return isOperation || pathname === '/openapi.json' || findProbe(pathname) !== undefined;
}

/** An empty body: whoever knocks at the wrong door learns nothing about what is behind it. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  response.writeHead(status, { Connection: 'close', 'Content-Length': 0 });
  response.end();
  request.resume();
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      resolve((server.address() as AddressInfo).port); // a TCP server's address is never a string
    });
  });
}

function listenError(error: NodeJS.ErrnoException, port: number): AppError {
  if (error.code === 'EADDRINUSE') {
    return new AppError(
      'CONFLICT',
      `Expected port ${port} to be free, found that another program uses it. Choose another with --port, or 0 for any free one.`,
      { data: { port }, cause: error },
    );
  }
  if (error.code === 'EACCES') {
    return new AppError('FORBIDDEN', `Expected a port that this user may open, found ${port}. Choose one above 1023.`, {
      data: { port },
      cause: error,
    });
  }
  return new AppError('IO', `Expected to listen on 127.0.0.1:${port}, found: ${error.message}.`, { cause: error });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
