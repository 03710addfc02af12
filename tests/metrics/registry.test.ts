/** The registry: labels are closed lists whatever is passed, a reader that fails takes nothing else along, and the text is what Prometheus reads. */
import fc from 'fast-check';
import { Counter, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { silentLog } from '#base/log';
import { createMetrics } from '#engine/metrics/metrics';
import { collectingLog } from '../support/collecting-log';
import { readPrometheusText, total } from '../support/prometheus-text';

/** What could come from outside: identifiers, tickers, quotes, line ends, names of JavaScript itself. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', '{', '}', ',', '=', ' ', '#', '\u0000', '\u2028'),
    maxLength: 12,
  }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'AAPL', '01JDA3N6X7Q8R9S0T1V2W3X4Y5', 'a="b"} 1\nevil 1'),
);
const known = ['one', 'two'] as const;

describe('labels', () => {
  it('hold nothing but their closed lists and lose no count, for any values', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(hostile, fc.oneof(hostile, fc.constantFrom(...known)))), async (pairs) => {
        const metrics = createMetrics(silentLog);
        const labels = { first: known, second: known };
        const count = metrics.counter({ name: 'test_calls_total', help: 'x', labels });
        const observe = metrics.histogram({ name: 'test_seconds', help: 'x', labels, buckets: [1, 2] });
        metrics.read({
          name: 'test_now',
          help: 'x',
          labels,
          read(set) {
            for (const [first, second] of pairs) set({ first, second }, 1);
          },
        });
        for (const [first, second] of pairs) {
          count({ first, second });
          observe({ first, second }, 1.5);
        }
        const families = readPrometheusText(await metrics.text());
        for (const { samples } of families.values()) {
          for (const { labels: found } of samples) {
            for (const [label, value] of Object.entries(found)) {
              expect(label === 'le' || ['one', 'two', 'other'].includes(value), `${label}=${value}`).toBe(true);
            }
          }
        }
        expect(total(families, 'test_calls_total')).toBe(pairs.length);
        expect(total(families, 'test_seconds_count')).toBe(pairs.length);
        expect(total(families, 'test_now')).toBe(pairs.length);
      }),
      { numRuns: 200 },
    );
  });

  it('sabotage: the library alone lets free text through, one series for each', async () => {
    const registry = new Registry();
    const count = new Counter({ name: 'test_total', help: 'x', labelNames: ['path'], registers: [registry] });
    for (let i = 0; i < 500; i++) count.inc({ path: `/datasets/T${i}` });
    expect(readPrometheusText(await registry.metrics()).get('test_total')?.samples.length).toBe(500);
  });

  it('are refused when their lists multiply to more series than a scrape should carry', () => {
    const many = Array.from({ length: 200 }, (_, i) => String(i));
    const metrics = createMetrics(silentLog);
    expect(() => metrics.counter({ name: 'test_total', help: 'x', labels: { a: many, b: many } })).toThrow(
      'Expected at most 10000 series of test_total; its labels allow 40401.',
    );
  });
});

describe('readers', () => {
  it('that fail or know no number are left out and counted; the others are there, and the log says it once', async () => {
    const log = collectingLog();
    const metrics = createMetrics(log);
    const broken = { isBroken: true };
    metrics.read({
      name: 'test_broken',
      help: 'x',
      labels: {},
      read(set) {
        if (broken.isBroken) throw new Error('the disk is gone');
        set({}, 3);
      },
    });
    metrics.read({ name: 'test_unknown', help: 'x', labels: {}, read: (set) => set({}, Number.NaN) });
    metrics.read({ name: 'test_late', help: 'x', labels: {}, read: async (set) => set({}, 2) });
    for (let i = 0; i < 2; i++) {
      const families = readPrometheusText(await metrics.text());
      expect(total(families, 'sextant_metrics_unreadable')).toBe(1);
      expect(families.has('test_broken')).toBe(false);
      expect(families.get('test_unknown')?.samples).toEqual([]);
      expect(total(families, 'test_late')).toBe(2);
    }
    expect(log.lines.filter(({ message }) => message === 'A metric could not be read.').length).toBe(1);
    broken.isBroken = false;
    const families = readPrometheusText(await metrics.text());
    expect([total(families, 'test_broken'), total(families, 'sextant_metrics_unreadable')]).toEqual([3, 0]);
  });

  it('end with what they read; counters stay, so a restore resets nothing', async () => {
    const metrics = createMetrics(silentLog);
    const session = metrics.during();
    session.counter({ name: 'test_total', help: 'x', labels: {} })({}, 5);
    session.read({ name: 'test_now', help: 'x', labels: {}, read: (set) => set({}, 1) });
    const next = metrics.during();
    next.read({ name: 'test_then', help: 'x', labels: {}, read: (set) => set({}, 1) });
    session.close();
    next.counter({ name: 'test_total', help: 'x', labels: {} })({}, 2);
    const families = readPrometheusText(await metrics.text());
    expect(total(families, 'test_total')).toBe(7);
    expect([families.has('test_now'), families.has('test_then')]).toEqual([false, true]);
  });

  it('answer many scrapes at once with the same text', async () => {
    const metrics = createMetrics(silentLog);
    let value = 0;
    metrics.read({ name: 'test_now', help: 'x', labels: {}, read: async (set) => set({}, ++value) });
    const texts = await Promise.all(Array.from({ length: 20 }, () => metrics.text()));
    expect(new Set(texts).size).toBe(1);
    expect(value).toBe(1);
  });
});
