/**
 * Takes ended spans, keeps them in the workspace in batches and, where somebody asked for it, sends each batch to a collector (OTLP over
 * HTTP). Off unless configured; to another machine only as the privacy configuration allows. A batch that cannot be kept or sent is lost.
 */
import { AppError } from '#base/errors';
import type { Log } from '#base/log';
import type { PrivacyConfig } from '#contract/privacy';
import { tracesConfigSchema, type TracesConfig, type TracesState } from '#contract/traces';
import { isLocalHost } from '../privacy/connection-guard';
import type { Database } from '../store/database';
import { otlpDocument } from './otlp';
import { createSpanTable, type EndedSpan, type SpanTable } from './span-table';

const BATCH = 256;
const MOST_WAITING = 4_096;
const DELAY_MS = 1_000;
const SEND_MS = 10_000;
const SETTING = 'traces';

export interface OpenTraces {
  readonly database: Database;
  readonly privacy: () => PrivacyConfig;
  /** False where the workspace is only shown. */
  readonly writes: boolean;
}

export interface TraceStore {
  take(span: EndedSpan): void;
  isEnabled(): boolean;
  open(workspace: OpenTraces): void;
  /** Keeps what waits. Safe to call where nothing is open. */
  close(): void;
  /** What waits is kept first. Errors: UNAVAILABLE while no workspace is open. */
  table(): SpanTable;
  state(): TracesState;
  /** Errors: FORBIDDEN for an endpoint that the privacy configuration does not allow. */
  configure(config: TracesConfig): TracesState;
}

export function createTraceStore(options: { readonly version: string; readonly log: Log; now(): number }): TraceStore {
  const { version, log, now } = options;
  let opened: (OpenTraces & { readonly table: SpanTable }) | null = null;
  let config = tracesConfigSchema.parse({});
  let waiting: EndedSpan[] = [];
  let timer: NodeJS.Timeout | undefined;
  let lastSentAt: number | null = null;
  let problem: string | null = null;

  function take(span: EndedSpan): void {
    if (waiting.length >= MOST_WAITING) return;
    waiting.push(span);
    if (waiting.length === BATCH) flush();
    else if (timer === undefined) {
      timer = setTimeout(flush, DELAY_MS);
      timer.unref();
    }
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (opened === null || waiting.length === 0) return;
    const spans = waiting;
    waiting = [];
    try {
      if (opened.writes) opened.table.append(spans);
    } catch (error) {
      log.debug('Spans could not be kept.', { count: spans.length, found: String(error) });
    }
    const { enabled, endpoint } = config;
    if (enabled && endpoint !== null) void send(endpoint, otlpDocument(spans, version));
  }

  async function send(endpoint: string, body: string): Promise<void> {
    const before = problem;
    try {
      requireAllowed(endpoint);
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(SEND_MS),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`status ${response.status}`);
      lastSentAt = now();
      problem = null;
    } catch (error) {
      const { cause } = error instanceof Error ? error : { cause: undefined };
      problem = cause instanceof Error ? cause.message : error instanceof Error ? error.message : String(error);
      if (before === null) log.warn('Traces cannot be sent; they are kept here.', { found: problem });
    }
  }

  function requireAllowed(endpoint: string): void {
    const { hostname } = new URL(endpoint);
    const { localOnly, allowedHosts } = workspace().privacy();
    if (isLocalHost(hostname) || (!localOnly && allowedHosts.includes(hostname.toLowerCase()))) return;
    throw new AppError(
      'FORBIDDEN',
      `Expected a collector on this machine or a host that the privacy configuration allows, found ${hostname}. Nothing was sent. ` +
        'Switch "Local only" off and name the host in Settings → Privacy first.',
      { data: { host: hostname } },
    );
  }

  function workspace(): NonNullable<typeof opened> {
    if (opened !== null) return opened;
    throw new AppError('UNAVAILABLE', 'Expected an open workspace; it is closed for a moment. Try again.');
  }

  function state(): TracesState {
    flush();
    const sent = lastSentAt === null ? null : new Date(lastSentAt).toISOString();
    return { config, spans: workspace().table.count({}), lastSentAt: sent, problem };
  }

  return {
    take,
    state,
    isEnabled: () => config.enabled,
    open(given) {
      opened = { ...given, table: createSpanTable(given.database) };
      const stored = given.database
        .prepare<[string], string>('SELECT value FROM settings WHERE name = ?')
        .pluck()
        .get(SETTING);
      config = tracesConfigSchema.parse(JSON.parse(stored ?? '{}'));
    },
    close() {
      flush();
      opened = null;
    },
    table() {
      flush();
      return workspace().table;
    },
    configure(next) {
      if (next.endpoint !== null) requireAllowed(next.endpoint);
      workspace()
        .database.prepare(
          `INSERT INTO settings (name, value, updated_at) VALUES (?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
        )
        .run(SETTING, JSON.stringify(next), now());
      config = next;
      problem = null;
      return state();
    },
  };
}
