/** W3C Trace Context, level 1: `00-<trace>-<span>-<flags>`. What is not exactly that is nobody's parent. */
import type { SpanContext } from '@opentelemetry/api';

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export function readTraceparent(header: string | readonly string[] | undefined): SpanContext | undefined {
  const match = typeof header === 'string' ? FORM.exec(header) : null;
  if (match === null) return undefined;
  const [, version, traceId, spanId, flags] = match;
  if (version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}

export function writeTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-0${traceFlags & 1}`;
}
