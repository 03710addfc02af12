/**
 * Open-loop load on an HTTP host: requests leave by the clock, not by the answers, and latency counts from the moment at which a
 * request was due, so that a host that stalls cannot hide it (coordinated omission; Tene, "How NOT to Measure Latency", 2013).
 */
import { Agent, request } from 'node:http';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

export interface LoadOptions {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly token: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** Connections at most. */
  readonly connections: number;
  /** What is asked for, in turn. */
  readonly requests: readonly LoadRequest[];
  readonly signal?: AbortSignal;
}

export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  /** With the prefix of the API. */
  readonly path: string;
  readonly body?: string;
}

export interface LoadResult {
  /** Answers per second that were good. */
  readonly achieved: number;
  readonly requests: number;
  /** Answers other than 2xx and connections that broke, by what they were. */
  readonly errors: Readonly<Record<string, number>>;
  /** Milliseconds. */
  readonly latency: Latency;
}

export interface Latency {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** Cumulative: the share of requests that took at most so many milliseconds. */
  readonly histogram: readonly { readonly ms: number; readonly share: number }[];
}

const BOUNDS_MS = [0.25, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 25, 50, 100, 250, 500, 1_000] as const;

/** An HdrHistogram of microseconds with three significant digits; Node's own is the C implementation. */
export function createLatencyHistogram(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: 600_000_000, figures: 3 });
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { perSecond, seconds, connections, requests, signal } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const histogram = createLatencyHistogram();
  const errors: Record<string, number> = {};
  const open = new Set<Promise<void>>();
  const total = Math.round(perSecond * seconds);
  const started = performance.now();
  let good = 0;
  let sent = 0;

  async function ask(due: number, what: LoadRequest): Promise<void> {
    const outcome = await answer(options, agent, what);
    histogram.record(Math.max(1, Math.round((performance.now() - due) * 1000)));
    if (outcome === null) good++;
    else errors[outcome] = (errors[outcome] ?? 0) + 1;
  }

  while (sent < total && signal?.aborted !== true) {
    const now = performance.now();
    while (sent < total && started + (sent * 1000) / perSecond <= now) {
      const asking = ask(started + (sent * 1000) / perSecond, requests[sent % requests.length]);
      open.add(asking);
      void asking.then(() => open.delete(asking));
      sent++;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(open);
  agent.destroy();
  const elapsed = (performance.now() - started) / 1000;
  return { achieved: good / elapsed, requests: sent, errors, latency: summarize(histogram) };
}

/** Null where the answer was good, otherwise what it was. */
function answer(
  { url, token }: LoadOptions,
  agent: Agent,
  { method, path, body }: LoadRequest,
): Promise<string | null> {
  return new Promise((resolve) => {
    const headers: Record<string, string> = { 'x-api-token': token };
    if (body !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = String(Buffer.byteLength(body));
    }
    const asking = request(`${url}${path}`, { method, agent, headers }, (response) => {
      response.resume();
      response.once('end', () => {
        const { statusCode = 0 } = response;
        resolve(statusCode >= 200 && statusCode < 300 ? null : String(statusCode));
      });
      response.once('error', () => resolve('broken'));
    });
    asking.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'broken'));
    asking.end(body);
  });
}

export function summarize(histogram: RecordableHistogram): Latency {
  const at = (percentile: number): number => histogram.percentile(percentile) / 1000;
  const steps = [...histogram.percentiles].map(([percentile, value]) => ({ percentile, ms: value / 1000 }));
  return {
    mean: histogram.count === 0 ? 0 : histogram.mean / 1000,
    p50: at(50),
    p95: at(95),
    p99: at(99),
    p999: at(99.9),
    max: histogram.count === 0 ? 0 : histogram.max / 1000,
    histogram: BOUNDS_MS.map((ms) => ({
      ms,
      share: (steps.findLast((step) => step.ms <= ms)?.percentile ?? 0) / 100,
    })),
  };
}
