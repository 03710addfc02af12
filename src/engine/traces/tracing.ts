/**
 * Spans of what the program does, made by the OpenTelemetry SDK and kept in the workspace in batches. A span hangs under the one of the
 * current call. What cannot be kept is dropped: no call waits for its trace or fails with it.
 */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type HrTime } from '@opentelemetry/api';
import { TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { currentScope, inScope } from '../logs/call-scope';
import type { EndedSpan } from './span-table';
import { readTraceparent, writeTraceparent } from './traceparent';

export interface SpanOptions {
  readonly kind?: 'internal' | 'server';
  /** Constants, ids and figures only: no names that people gave, nothing that is held. */
  readonly attributes?: EndedSpan['attributes'];
}

export interface OpenSpan {
  /** For what hangs under it; undefined where nothing is recorded. */
  readonly traceparent: string | undefined;
  set(name: string, value: string | number | boolean): void;
  /** @param code of the error that it ends with */
  fail(code: string): void;
  end(): void;
}

export interface Tracing {
  /** A part of the current call; the caller ends it. */
  start(name: string, options?: SpanOptions): OpenSpan;
  /** Does work as a part of the current call; spans of the work hang under it. It ends when the work has, with the code of its error. */
  span<T>(name: string, options: SpanOptions, work: (span: OpenSpan) => Promise<T>): Promise<T>;
}

const NOTHING: OpenSpan = { traceparent: undefined, set() {}, fail() {}, end() {} };

/** Records nothing. */
export const noTracing: Tracing = { start: () => NOTHING, span: (_name, _options, work) => work(NOTHING) };

export interface TracingOptions {
  readonly version: string;
  isEnabled(): boolean;
  /** Called once with every span that has ended. */
  onEnd(span: EndedSpan): void;
}

const CORRELATION = 'sextant.correlation';
const JOB = 'sextant.job';

export function createTracing({ version, isEnabled, onEnd }: TracingOptions): Tracing {
  const provider = new TracerProvider({
    spanProcessors: [
      {
        onStart() {},
        onEnd: (span) => onEnd(endedSpan(span)),
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  });
  const tracer = provider.getTracer('sextant', version);

  function start(name: string, { kind = 'internal', attributes = {} }: SpanOptions = {}): OpenSpan {
    if (!isEnabled()) return NOTHING;
    const scope = currentScope();
    const parent = readTraceparent(scope?.traceparent);
    const span = tracer.startSpan(
      name,
      {
        kind: kind === 'server' ? SpanKind.SERVER : SpanKind.INTERNAL,
        attributes: {
          ...attributes,
          ...(scope !== undefined && { [CORRELATION]: scope.correlation }),
          ...(scope?.job !== undefined && { [JOB]: scope.job }),
        },
      },
      parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent),
    );
    return {
      traceparent: writeTraceparent(span.spanContext()),
      set: (key, value) => void span.setAttribute(key, value),
      fail: (code) => void span.setStatus({ code: SpanStatusCode.ERROR, message: code }),
      end: () => span.end(),
    };
  }

  return {
    start,
    async span(name, options, work) {
      const span = start(name, options);
      const scope = currentScope();
      const within =
        scope === undefined || span.traceparent === undefined
          ? () => work(span)
          : () => inScope({ ...scope, traceparent: span.traceparent }, () => work(span));
      try {
        return await within();
      } catch (error) {
        span.fail(codeOf(error));
        throw error;
      } finally {
        span.end();
      }
    },
  };
}

/** Errors of the engine and of the RPC library carry a code; whatever else is thrown is a bug. */
function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? code : 'INTERNAL';
}

function endedSpan(span: ReadableSpan): EndedSpan {
  const { traceId, spanId } = span.spanContext();
  const attributes: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(span.attributes)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') attributes[name] = value;
  }
  const { [CORRELATION]: correlation, [JOB]: job, ...rest } = attributes;
  return {
    trace: traceId,
    span: spanId,
    parent: span.parentSpanContext?.spanId ?? null,
    name: span.name,
    kind: span.kind === SpanKind.SERVER ? 'server' : 'internal',
    startUs: microseconds(span.startTime),
    durationUs: Math.max(0, microseconds(span.duration)),
    error: span.status.code === SpanStatusCode.ERROR ? (span.status.message ?? 'INTERNAL') : null,
    correlation: typeof correlation === 'string' ? correlation : null,
    job: typeof job === 'string' ? job : null,
    attributes: rest,
  };
}

function microseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1_000_000 + Math.round(nanoseconds / 1000);
}
