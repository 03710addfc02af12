/**
 * The registry of metrics, in Prometheus' terms. What may stand in a label is a closed list that is stated with the metric: a value outside
 * it counts as `other`, so that no identifier, ticker or free text can reach a scrape, whatever a caller passes.
 * A component registers what it measures in one call; a metric that cannot be read is left out of the scrape and counted.
 */
import { Counter, Gauge, Histogram, Registry, type Metric } from 'prom-client';
import { AppError } from '#base/errors';
import type { Log } from '#base/log';

/** Every value that each label may have. */
export type LabelLists = Readonly<Record<string, readonly string[]>>;
export type LabelValues<Lists extends LabelLists> = { readonly [Name in keyof Lists]: string };

export interface MetricOptions<Lists extends LabelLists> {
  /** `sextant_<noun>_<unit>`, counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly labels: Lists;
}

export interface ReadOptions<Lists extends LabelLists> extends MetricOptions<Lists> {
  /** A counter is kept elsewhere and only rises while the process lives. */
  readonly type?: 'gauge' | 'counter';
  /** Called at every scrape; a value that is not finite is unknown and left out. */
  read(set: (labels: LabelValues<Lists>, value: number) => void): void | Promise<void>;
}

export interface Metrics {
  /** Counts up. The same name again is the same counter. */
  counter<Lists extends LabelLists>(options: MetricOptions<Lists>): (labels: LabelValues<Lists>, by?: number) => void;
  /** Counts values by size; `buckets` are upper bounds in the metric's unit. The same name again is the same histogram. */
  histogram<Lists extends LabelLists>(
    options: MetricOptions<Lists> & { readonly buckets: readonly number[] },
  ): (labels: LabelValues<Lists>, value: number) => void;
  /** Values that are read at a scrape. The same name again replaces the reader. */
  read<Lists extends LabelLists>(options: ReadOptions<Lists>): void;
  /** The same registry for something that ends: its readers go with `close`, what was counted stays. */
  during(): Metrics & { close(): void };
  /** The text format 0.0.4. Never fails. */
  text(): Promise<string>;
}

export const METRICS_MEDIA_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** What a value outside the closed list of its label counts as. */
export const OTHER = 'other';

/** More combinations of label values than this are a mistake of whoever states them. */
const MOST_SERIES = 10_000;

type Reader = () => Promise<Metric>;

export function createMetrics(log: Log): Metrics {
  const registry = new Registry();
  const readers = new Map<string, Reader>();
  const counted = new Map<string, Counter | Histogram>();
  /** Names whose last reading failed, so that the log says it once. */
  const failing = new Set<string>();
  let scrape: Promise<string> | null = null;

  const failures = new Gauge({
    name: 'sextant_metrics_unreadable',
    help: 'Metrics that could not be read at this scrape and are left out of it.',
    registers: [registry],
  });

  function counter<Lists extends LabelLists>(options: MetricOptions<Lists>) {
    const { name, help, labels } = options;
    const bound = boundsOf(options);
    const known = counted.get(name);
    const metric =
      known instanceof Counter
        ? known
        : new Counter({ name, help, labelNames: Object.keys(labels), registers: [registry] });
    counted.set(name, metric);
    return (values: LabelValues<Lists>, by = 1) => metric.inc(bound(values), by);
  }

  function histogram<Lists extends LabelLists>(
    options: MetricOptions<Lists> & { readonly buckets: readonly number[] },
  ) {
    const { name, help, labels, buckets } = options;
    const bound = boundsOf(options);
    const known = counted.get(name);
    const metric =
      known instanceof Histogram
        ? known
        : new Histogram({ name, help, labelNames: Object.keys(labels), buckets: [...buckets], registers: [registry] });
    counted.set(name, metric);
    return (values: LabelValues<Lists>, value: number) => {
      if (Number.isFinite(value)) metric.observe(bound(values), Math.max(0, value));
    };
  }

  function read<Lists extends LabelLists>(options: ReadOptions<Lists>): void {
    const { name, help, labels, type = 'gauge', read: readNow } = options;
    const bound = boundsOf(options);
    readers.set(name, async () => {
      // Made anew each time: what is no longer there must not keep its last value, and a counter cannot be set.
      const make = { name, help, labelNames: Object.keys(labels), registers: [] };
      const metric = type === 'gauge' ? new Gauge(make) : new Counter(make);
      if (make.labelNames.length === 0) metric.remove();
      await readNow((values, value) => {
        if (Number.isFinite(value)) metric.inc(bound(values), value);
      });
      return metric;
    });
  }

  async function readAll(): Promise<void> {
    let unreadable = 0;
    for (const [name, reader] of readers) {
      registry.removeSingleMetric(name);
      try {
        registry.registerMetric(await reader());
        failing.delete(name);
      } catch (error) {
        unreadable += 1;
        if (!failing.has(name)) log.warn('A metric could not be read.', { metric: name, found: String(error) });
        failing.add(name);
      }
    }
    failures.set(unreadable);
  }

  function withdraw(name: string, reader: Reader): void {
    if (readers.get(name) !== reader) return; // somebody else reads it by now
    readers.delete(name);
    registry.removeSingleMetric(name);
  }

  const metrics: Metrics = {
    counter,
    histogram,
    read,
    during() {
      const own = new Map<string, Reader>();
      return {
        ...metrics,
        read(options) {
          read(options);
          const reader = readers.get(options.name);
          if (reader !== undefined) own.set(options.name, reader);
        },
        close() {
          for (const [name, reader] of own) withdraw(name, reader);
        },
      };
    },
    text() {
      // Two scrapes at once are one: both would set the same values.
      scrape ??= readAll()
        .then(() => registry.metrics())
        .finally(() => {
          scrape = null;
        });
      return scrape;
    },
  };
  return metrics;
}

/** Errors: INTERNAL, at start-up, where the lists could make too many series. */
function boundsOf<Lists extends LabelLists>({ name, labels }: MetricOptions<Lists>) {
  const lists = Object.entries(labels).map(([label, values]) => [label, new Set(values)] as const);
  const series = lists.reduce((product, [, values]) => product * (values.size + 1), 1);
  if (series > MOST_SERIES) {
    throw new AppError('INTERNAL', `Expected at most ${MOST_SERIES} series of ${name}; its labels allow ${series}.`);
  }
  return (values: LabelValues<Lists>): Record<string, string> => {
    const bounded: Record<string, string> = {};
    for (const [label, known] of lists) bounded[label] = known.has(values[label]) ? values[label] : OTHER;
    return bounded;
  };
}
