import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createRandom, type Random } from '../array/random';
import { PRICE_FIELDS, type Panel } from '../panel';
import { transformCrossSections } from './cross-section';
import type { Feature } from './feature';
import { namedFeature, standardFeatureNames } from './named-features';
import { features } from './registry';

interface Subject {
  readonly name: string;
  readonly feature: Feature;
  readonly params: unknown;
}

/** Every registered feature under its defaults, and every instance of the standard set. */
const subjects: readonly Subject[] = [
  ...features.map((feature) => ({ name: feature.spec.id, feature, params: z.parse(feature.spec.params, {}) })),
  ...standardFeatureNames.map(namedFeature),
];

const ROWS = 900;
const ASSETS = 7;

function walk(random: Random, rows: number, assets: number): Required<Panel> {
  const size = rows * assets;
  const close = new Float64Array(size);
  const open = new Float64Array(size);
  const high = new Float64Array(size);
  const low = new Float64Array(size);
  const volume = new Float64Array(size);
  const membership = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const before = i < assets ? 20 + 100 * random.uniform() : close[i - assets];
    open[i] = before * (1 + 0.005 * random.normal());
    close[i] = before * (1 + 0.02 * random.normal());
    high[i] = Math.max(open[i], close[i]) * (1 + 0.01 * random.uniform());
    low[i] = Math.min(open[i], close[i]) * (1 - 0.01 * random.uniform());
    volume[i] = Math.round(1e6 * Math.exp(random.normal()));
    membership[i] = random.uniform() < 0.9 ? 1 : 0;
  }
  return {
    dates: Array.from({ length: rows }, (_, t) => `day ${String(t).padStart(5, '0')}`),
    assets: Array.from({ length: assets }, (_, j) => `A${j}`),
    fields: { open, high, low, close, volume },
    sectors: Array.from({ length: assets }, (_, j) => ['tech', 'bank', 'tech', '', 'bank', 'tech', 'bank'][j % 7]),
    membership,
  };
}

/** The rows `from` … `to`−1 of one panel, the others of another. */
function splice(inside: Required<Panel>, outside: Required<Panel>, from: number, to: number): Required<Panel> {
  const n = inside.assets.length;
  const mix = <A extends Float64Array | Uint8Array>(a: A, b: A): A => {
    const result = b.slice();
    result.set(a.subarray(from * n, to * n), from * n);
    // slice() of a typed array keeps its type.
    return result as A;
  };
  const fields = Object.fromEntries(
    PRICE_FIELDS.map((field) => [field, mix(column(inside, field), column(outside, field))]),
  );
  return {
    ...inside,
    // Object.fromEntries forgets the names; every price field is among them.
    fields: fields as unknown as Panel['fields'],
    membership: mix(inside.membership, outside.membership),
  };
}

function column(panel: Panel, field: (typeof PRICE_FIELDS)[number]): Float64Array {
  return panel.fields[field] ?? new Float64Array(0);
}

function columnsOf(table: Float64Array, order: readonly number[]): Float64Array {
  const n = order.length;
  return table.map((_, i) => table[i - (i % n) + order[i % n]]);
}

/** Rows ≤ t must not move when everything after t is replaced. Returns the cuts at which they do. */
function cutsThatLeak({ feature, params }: Subject, cuts: readonly number[]): number[] {
  const base = walk(createRandom(1), ROWS, ASSETS);
  const other = walk(createRandom(2), ROWS, ASSETS);
  const truth = feature.compute(base, params);
  return cuts.filter((t) => {
    const values = feature.compute(splice(base, other, 0, t + 1), params);
    for (let i = 0; i < (t + 1) * ASSETS; i++) if (!Object.is(values[i], truth[i])) return true;
    return false;
  });
}

/** Largest change of row t when everything before t − lookback is disturbed; Infinity where a value appears or vanishes. */
function memoryBeyond({ feature, params }: Subject, rows: readonly number[], lookback: number): number {
  const base = walk(createRandom(3), ROWS, ASSETS);
  const truth = feature.compute(base, params);
  const random = createRandom(4);
  let worst = 0;
  for (const t of rows) {
    const other = splice(base, base, 0, 0);
    for (const field of PRICE_FIELDS) {
      const values = column(other, field);
      for (let i = 0; i < (t - lookback) * ASSETS; i++) values[i] *= 1 + 0.02 * random.normal();
    }
    other.membership.fill(1, 0, Math.max(0, t - lookback) * ASSETS);
    const values = feature.compute(other, params);
    for (let i = t * ASSETS; i < (t + 1) * ASSETS; i++) {
      if (Object.is(values[i], truth[i])) continue;
      worst = Math.max(worst, Number.isNaN(values[i] - truth[i]) ? Infinity : Math.abs(values[i] - truth[i]));
    }
  }
  return worst;
}

const random = createRandom(99);
const someRows = (least: number, count: number) =>
  Array.from({ length: count }, () => least + random.integer(ROWS - least));

describe.each(subjects)('feature $name', (subject) => {
  const { feature, params } = subject;
  const lookback = feature.spec.lookback(params);
  const warmUp = feature.spec.warmUp?.(params) ?? lookback;

  test('its past does not depend on the future, bit for bit', () => {
    const cuts = [...Array.from({ length: Math.min(warmUp, 60) + 2 }, (_, t) => t), warmUp, ...someRows(0, 20)];
    expect(cutsThatLeak(subject, cuts)).toEqual([]);
  });

  test('its declared look-back is true', () => {
    const rows = someRows(Math.min(lookback + 1, ROWS - 1), 8);
    expect(memoryBeyond(subject, rows, lookback)).toBeLessThanOrEqual(feature.spec.recursive === true ? 1e-12 : 0);
  });

  test('it has values from its declared warm-up on, and none before', () => {
    const panel = walk(createRandom(5), ROWS, ASSETS);
    const values = feature.compute({ ...panel, membership: panel.membership.map(() => 1) }, params);
    values.forEach((value, i) => expect(Number.isFinite(value)).toBe(Math.floor(i / ASSETS) >= warmUp));
  });

  test('permuting the assets permutes it', () => {
    const panel = walk(createRandom(6), 400, ASSETS);
    const order = [3, 0, 6, 2, 5, 1, 4];
    const shuffled: Panel = {
      ...panel,
      fields: { ...panel.fields, close: columnsOf(panel.fields.close, order) },
      sectors: order.map((j) => panel.sectors[j]),
      membership: panel.membership.map((_, i) => panel.membership[i - (i % ASSETS) + order[i % ASSETS]]),
    };
    const fields = Object.fromEntries(PRICE_FIELDS.map((field) => [field, columnsOf(column(panel, field), order)]));
    // Object.fromEntries forgets the names; every price field is among them.
    const values = feature.compute({ ...shuffled, fields: fields as unknown as Panel['fields'] }, params);
    const expected = columnsOf(feature.compute(panel, params), order);
    values.forEach((value, i) => {
      if (!Object.is(value, expected[i])) expect(Math.abs(value - expected[i])).toBeLessThan(1e-11);
    });
  });

  test('a hole touches its own asset only, and only for the look-back', () => {
    const panel = walk(createRandom(7), ROWS, ASSETS);
    panel.membership.fill(1);
    const truth = feature.compute(panel, params);
    const hole = 100;
    for (const field of PRICE_FIELDS) column(panel, field)[hole * ASSETS + 2] = NaN;
    const values = feature.compute(panel, params);
    for (let i = 0; i < values.length; i++) {
      const t = Math.floor(i / ASSETS);
      const own = i % ASSETS === 2;
      const relative = feature.spec.id.includes('relative') || feature.spec.id.includes('information');
      if (Number.isNaN(truth[i])) expect(values[i]).toBeNaN();
      else if (t < hole || t > hole + lookback) expect(Math.abs(values[i] - truth[i])).toBeLessThan(1e-11);
      else if (!own && !relative) expect(values[i]).toBe(truth[i]);
      else if (!own) expect(values[i]).not.toBeNaN();
    }
  });

  test('an asset whose price never moves leaves the others finite', () => {
    const panel = walk(createRandom(8), 400, ASSETS);
    panel.membership.fill(1);
    for (const field of PRICE_FIELDS) {
      const values = column(panel, field);
      for (let t = 0; t < 400; t++) values[t * ASSETS + 1] = 50;
    }
    const values = feature.compute(panel, params);
    for (let i = Math.min(warmUp, 399) * ASSETS; i < values.length; i++) {
      if (i % ASSETS !== 1 && warmUp < 400) expect(values[i]).not.toBeNaN();
      expect(Math.abs(values[i])).not.toBe(Infinity);
    }
    transformCrossSections(values, ASSETS, undefined, { transform: 'rank', winsorize: 0 });
    for (const rank of values.subarray(399 * ASSETS)) if (!Number.isNaN(rank)) expect(Math.abs(rank)).toBeLessThan(0.5);
  });
});

describe('the checks catch planted faults', () => {
  const honest = features.find(({ spec }) => spec.id === 'volatility');
  const plant = (compute: Feature['compute']): Subject => {
    if (honest === undefined) throw new Error('volatility is registered');
    return { name: 'planted', feature: { spec: honest.spec, compute }, params: { window: 20 } };
  };
  const closes = (panel: Panel) => panel.fields.close;

  test.each<[string, Feature['compute']]>([
    ['the next day’s close', (panel) => closes(panel).map((_, i) => closes(panel)[i + ASSETS])],
    ['a centered window', (panel) => closes(panel).map((x, i) => x - (closes(panel)[i + 5 * ASSETS] ?? 0))],
    ['a full-sample mean', (panel) => fullSampleLess(closes(panel))],
    ['the members of the last date', (panel) => closes(panel).map((x, i) => x * panelMembership(panel, i))],
  ])('%s leaks', (_, compute) => {
    expect(cutsThatLeak(plant(compute), [0, 10, 500, ROWS - 2]).length).toBeGreaterThan(0);
  });

  test('a memory longer than declared is seen', () => {
    const compute: Feature['compute'] = (panel) =>
      closes(panel).map((x, i) => x - (closes(panel)[i - 21 * ASSETS] ?? x));
    expect(memoryBeyond(plant(compute), [100, 500], 20)).toBeGreaterThan(1e-6);
    expect(memoryBeyond(plant(compute), [100, 500], 21)).toBe(0);
  });
});

function panelMembership(panel: Panel, i: number): number {
  return panel.membership?.[(ROWS - 1) * ASSETS + (i % ASSETS)] ?? 1;
}

function fullSampleLess(x: Float64Array): Float64Array {
  const sum = x.reduce((a, b) => a + b, 0);
  return x.map((value) => value - sum);
}
