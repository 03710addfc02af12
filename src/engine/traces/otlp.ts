/** Spans as an OTLP/JSON document (OpenTelemetry Protocol 1.x: ids in hexadecimal, 64-bit numbers as text). */
import type { EndedSpan } from './span-table';

const KINDS = { internal: 1, server: 2 } as const;
const STATUS_OK = 1;
const STATUS_ERROR = 2;

export function otlpDocument(spans: readonly EndedSpan[], version: string): string {
  const resource = { attributes: attributes({ 'service.name': 'sextant', 'service.version': version }) };
  const scope = { name: 'sextant', version };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans: spans.map(otlpSpan) }] }] });
}

function otlpSpan(span: EndedSpan): object {
  return {
    traceId: span.trace,
    spanId: span.span,
    ...(span.parent !== null && { parentSpanId: span.parent }),
    name: span.name,
    kind: KINDS[span.kind],
    startTimeUnixNano: nanoseconds(span.startUs),
    endTimeUnixNano: nanoseconds(span.startUs + span.durationUs),
    attributes: attributes({
      ...span.attributes,
      ...(span.correlation !== null && { 'sextant.correlation': span.correlation }),
      ...(span.job !== null && { 'sextant.job': span.job }),
      ...(span.error !== null && { 'error.type': span.error }),
    }),
    status: { code: span.error === null ? STATUS_OK : STATUS_ERROR },
  };
}

function nanoseconds(microseconds: number): string {
  return String(BigInt(microseconds) * 1000n);
}

function attributes(values: EndedSpan['attributes']): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: attributeValue(value) }));
}

function attributeValue(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
