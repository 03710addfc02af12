/** The operations of `contract/traces.ts`. */
import type { Span } from '#contract/traces';
import type { HandlersOf } from '../api/handlers';
import { sinceOf } from '../logs/handlers';
import { otlpDocument } from './otlp';
import type { EndedSpan } from './span-table';
import type { TraceStore } from './trace-store';

const MOST_EXPORTED = 20_000;

export function createTraceHandlers(store: TraceStore, version: string, now: () => number): HandlersOf<'traces'> {
  const at = (since: string | undefined): number | undefined =>
    since === undefined ? undefined : sinceOf(since, now());
  return {
    list: async ({ limit, offset, since, ...filter }) => {
      const asked = { ...filter, since: at(since) };
      const table = store.table();
      return { spans: table.list(asked, { limit, offset }).map(toSpan), total: table.count(asked) };
    },
    export: async ({ since, ...filter }) => {
      const spans = store.table().list({ ...filter, since: at(since) }, { limit: MOST_EXPORTED, offset: 0 });
      return {
        filename: 'traces.json',
        mediaType: 'application/json' as const,
        text: otlpDocument(spans.toReversed(), version),
      };
    },
    show: async () => store.state(),
    configure: async ({ config }) => store.configure(config),
  };
}

function toSpan({ startUs, durationUs, ...span }: EndedSpan): Span {
  return { ...span, startedAt: new Date(startUs / 1000).toISOString(), durationMs: durationUs / 1000 };
}
