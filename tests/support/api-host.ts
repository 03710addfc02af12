/** A running HTTP server over given handlers, with one token of every scope. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, type Log } from '#base/log';
import { createClient, httpLink, type Client } from '#contract/client';
import type { Gate } from '#engine/api/gates';
import type { Handlers } from '#engine/api/handlers';
import { createCallMeter } from '#engine/metrics/call-metrics';
import { createHttpMetrics } from '#engine/metrics/http-metrics';
import type { Metrics } from '#engine/metrics/metrics';
import { startHttpServer, type HttpServer } from '#engine/api/http';
import { ALL_SCOPES } from '#engine/api/inline';
import { noWatch } from './no-watch';
import { apiConfigSchema } from '#contract/api';
import { createIdempotencyKeys, type IdempotencyKeys } from '#engine/api/idempotency';
import { createRouter } from '#engine/api/router';
import { createDatabase } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { TEST_KEY } from './store-schemas';
import { createSignIn, type SignIn } from '#engine/api/sign-in';
import { createTokenStore, mintToken, type MemoryTokenStore } from '#engine/api/tokens';

export interface ApiHostOptions {
  readonly port?: number;
  readonly perMinute?: number;
  readonly strangersPerMinute?: number;
  readonly rendererDir?: string;
  readonly gates?: readonly Gate[];
  readonly now?: () => number;
  readonly log?: Log;
  /** Keys of the caller's own; a fresh store unless given. */
  readonly idempotency?: IdempotencyKeys;
  /** Measures requests and calls. */
  readonly metrics?: Metrics;
}

export interface ApiHost extends AsyncDisposable {
  readonly server: HttpServer;
  readonly token: string;
  readonly tokens: MemoryTokenStore;
  readonly signIn: SignIn;
  readonly uploadDir: string;
  readonly client: Client;
  /** fetch with the token, relative to the server. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

export async function startApiHost(handlers: Handlers, options: ApiHostOptions = {}): Promise<ApiHost> {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-api-'));
  const tokens = createTokenStore();
  const { token, record } = mintToken('test', ALL_SCOPES, options.perMinute ?? 1_000_000, 'test');
  tokens.add(record);
  const signIn = createSignIn(options.now);
  const uploadDir = join(folder, 'incoming');
  const log = options.log ?? silentLog;
  const database = createDatabase({ file: join(folder, 'keys.db'), key: TEST_KEY, migrations });
  const server = await startHttpServer({
    router: createRouter(handlers, log, noWatch, options.metrics && createCallMeter(options.metrics)),
    ...(options.metrics === undefined ? {} : { metrics: createHttpMetrics(options.metrics) }),
    tokens,
    signIn,
    uploadDir,
    version: '0.0.0-test',
    port: options.port ?? 0,
    rendererDir: options.rendererDir ?? null,
    log,
    idempotency: options.idempotency ?? createIdempotencyKeys({ database, now: Date.now, days: () => 7 }),
    rates: () =>
      apiConfigSchema.parse({
        screenPerMinute: 1_000_000,
        strangersPerMinute: options.strangersPerMinute ?? 1_000_000,
      }),
    ...(options.gates === undefined ? {} : { gates: options.gates }),
    ...(options.now === undefined ? {} : { now: options.now }),
  });
  return {
    server,
    token,
    tokens,
    signIn,
    uploadDir,
    client: createClient(httpLink({ url: server.url, token: () => token })),
    fetch: (path, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set('x-api-token', token);
      return fetch(`${server.url}${path}`, { ...init, headers });
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
