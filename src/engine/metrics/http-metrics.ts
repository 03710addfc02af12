/**
 * Requests by route template and status, with their latency. The template comes from the contract, never from the address that was
 * asked for, so that a scanner's thousand paths are one series.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { API_PREFIX } from '#contract/client';
import { operations } from '#contract/derive/operations';
import { PROBE_PATHS } from '../api/probes';
import { OTHER, type Metrics } from './metrics';

/** Seconds; the goals of the API (10 ms, 100 ms, 500 ms) are bounds, so that shares below them are exact. */
export const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;

/** Routes beside the operations. */
const PLAIN_ROUTES: readonly string[] = [
  '/openapi.json',
  ...PROBE_PATHS,
  `${API_PREFIX}/session`,
  `${API_PREFIX}/session/code`,
];
const SCREEN = 'screen';
const STATUSES = [
  200, 201, 204, 206, 304, 400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 421, 422, 423, 429, 500, 503, 507,
].map(String);
/** The caller went away before there was an answer. */
const ABORTED = 'aborted';

const templates = [...new Set(operations.map(({ path }) => `${API_PREFIX}${path}`))];
const streams = new Set(operations.filter(({ kind }) => kind === 'stream').map(({ path }) => `${API_PREFIX}${path}`));

/** Templates by number of segments, those with fewer parameters first. */
const byLength = Map.groupBy(
  templates
    .map((template) => ({ template, segments: template.split('/') }))
    .toSorted((a, b) => parameters(a.segments) - parameters(b.segments)),
  ({ segments }) => segments.length,
);

function parameters(segments: readonly string[]): number {
  return segments.filter((segment) => segment.startsWith('{')).length;
}

/** The template that a path of a request belongs to; `screen` for files and pages, `other` for what is under no known route. */
export function routeOf(pathname: string): string {
  if (PLAIN_ROUTES.includes(pathname)) return pathname;
  if (!pathname.startsWith(`${API_PREFIX}/`)) return SCREEN;
  const segments = pathname.split('/');
  const found = byLength
    .get(segments.length)
    ?.find((candidate) =>
      candidate.segments.every(
        (segment, i) => segment === segments[i] || (segment.startsWith('{') && segments[i] !== ''),
      ),
    );
  return found?.template ?? OTHER;
}

export interface HttpMetrics {
  /** Counts a request when its answer has ended, however it ends. */
  watch(request: IncomingMessage, response: ServerResponse): void;
}

export function createHttpMetrics(metrics: Metrics): HttpMetrics {
  const route = [...templates, ...PLAIN_ROUTES, SCREEN];
  const count = metrics.counter({
    name: 'sextant_http_requests_total',
    help: 'Requests answered, by route template and status. Methods are told apart by sextant_calls_total.',
    labels: { route, status: [...STATUSES, ABORTED] },
  });
  const observe = metrics.histogram({
    name: 'sextant_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer, by route template; event streams are left out.',
    labels: { route },
    buckets: LATENCY_BUCKETS,
  });
  let open = 0;
  metrics.read({
    name: 'sextant_http_requests_open',
    help: 'Requests and event streams that are being answered.',
    labels: {},
    read: (set) => set({}, open),
  });

  return {
    watch(request, response) {
      const started = performance.now();
      open += 1;
      response.once('close', () => {
        open -= 1;
        const template = routeOf(pathOf(request.url));
        const status = response.headersSent ? String(response.statusCode) : ABORTED;
        count({ route: template, status });
        if (!streams.has(template)) observe({ route: template }, (performance.now() - started) / 1000);
      });
    },
  };
}

function pathOf(url: string | undefined): string {
  const end = url?.search(/[?#]/) ?? -1;
  return end < 0 ? (url ?? '') : (url ?? '').slice(0, end);
}
