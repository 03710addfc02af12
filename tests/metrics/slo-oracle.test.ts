/**
 * Service levels against an oracle that knows no slots, tables or rounding: it keeps every event and compares whole numbers. Random traces
 * with bursts, silence, clocks that go back or cannot be trusted, and restarts give the same alerts, each once per crossing.
 */
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { silentLog } from '#base/log';
import { sloConfigSchema } from '#contract/slos';
import { createSloService, type SloServiceOptions } from '#engine/slos/slo-service';
import { createDatabase, type Database } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { TEST_KEY } from '../support/store-schemas';

const TRACES = process.env.SEXTANT_LONG === '1' ? 20_000 : 2_000;
const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5, 12);
const SLOT = 5 * MINUTE;

let folder: string;
let database: Database;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-slo-'));
  database = createDatabase({ file: join(folder, 'workspace.db'), key: TEST_KEY, migrations });
  database.pragma('synchronous = OFF'); // these tests restart a service, not a machine
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(wipe);

function wipe(): void {
  database.exec(`DELETE FROM slo_counts; DELETE FROM slo_alerts; DELETE FROM settings;`);
}

interface World {
  now: number;
  trusted: boolean;
  /** `+rule` raised, `-rule` resolved, of availability. */
  readonly told: string[];
}

function open(world: World, over: Partial<SloServiceOptions> = {}) {
  const tell = (sign: string, rule: string, subject: string) =>
    subject === 'availability' ? void world.told.push(`${sign}${rule.replace('slo.', '')}`) : undefined;
  const service = createSloService({
    database,
    audit: { append: () => {} },
    alerts: {
      raise: ({ rule, subject }) => tell('+', rule, subject),
      resolve: (rule, subject) => tell('-', rule, subject),
    },
    clock: { now: () => world.now, monotonic: () => world.now, after: () => () => {} },
    log: silentLog,
    clockTrusted: () => world.trusted,
    sessionsBehind: () => null,
    rebalances: () => ({ good: 0, bad: 0 }),
    onChange: () => {},
    ...over,
  });
  service.start();
  return service;
}

const call = (isGood: boolean) => ({
  operation: 'jobs.list',
  code: isGood ? ('OK' as const) : ('IO' as const),
  seconds: 0,
});

interface Step {
  readonly minutes: number;
  readonly good: number;
  readonly bad: number;
  readonly trusted: boolean;
  readonly restart: boolean;
}

/** Mostly minutes, now and then hours or days, sometimes back. */
const step: fc.Arbitrary<Step> = fc.record({
  minutes: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 12 }) },
    { weight: 2, arbitrary: fc.integer({ min: 13, max: 600 }) },
    { weight: 1, arbitrary: fc.integer({ min: 601, max: 6_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -700, max: -1 }) },
  ),
  good: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 })),
  bad: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 12 }) }),
  trusted: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  restart: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
});

/** Tenths of the factor, windows in minutes; the default target leaves 5 in 1000. */
const RULES = [
  { name: 'burn-1h', tenths: 144n, long: 60, short: 5 },
  { name: 'burn-6h', tenths: 60n, long: 360, short: 30 },
  { name: 'burn-3d', tenths: 10n, long: 4320, short: 360 },
];
const LEAST = 20;

function oracle() {
  const events: { at: number; isBad: boolean }[] = [];
  const firing = new Set<string>();
  const told: string[] = [];
  const set = (name: string, fires: boolean) => {
    if (fires === firing.has(name)) return;
    told.push(`${fires ? '+' : '-'}${name}`);
    if (fires) firing.add(name);
    else firing.delete(name);
  };
  const within = (now: number, minutes: number) => {
    const first = Math.floor(now / SLOT) * SLOT - minutes * MINUTE;
    const last = Math.floor(now / SLOT) * SLOT + SLOT;
    const seen = events.filter(({ at }) => at >= first && at < last);
    return { total: BigInt(seen.length), bad: BigInt(seen.filter(({ isBad }) => isBad).length) };
  };
  return {
    events,
    told,
    look(now: number, trusted: boolean) {
      if (trusted) {
        for (const { name, tenths, long, short } of RULES) {
          const [a, b] = [within(now, long), within(now, short)];
          // bad / total ≥ tenths/10 · 5/1000, in whole numbers.
          const burns = ({ total, bad }: typeof a, n: bigint, d: bigint) =>
            total > 0n && bad * 10_000n * d >= n * 5n * total;
          if (a.total < LEAST) set(name, firing.has(name) && a.total > 0n);
          else if (firing.has(name)) set(name, burns(b, tenths * 8n, 10n));
          else set(name, burns(a, tenths, 1n) && burns(b, tenths, 1n));
        }
        const { total, bad } = within(now, 30 * 24 * 60);
        const over = (percent: bigint) => bad * 100_000n > (100n - percent) * 5n * total;
        if (firing.has('budget-spent')) set('budget-spent', total > 0n && over(5n));
        else set('budget-spent', total >= LEAST && bad * 1000n >= 5n * total);
      }
      set('cannot-evaluate', !trusted);
      return trusted ? within(now, 30 * 24 * 60) : { total: 0n, bad: 0n };
    },
  };
}

function play(steps: readonly Step[], over: Partial<SloServiceOptions> = {}) {
  wipe();
  const world: World = { now: START, trusted: true, told: [] };
  const truth = oracle();
  let service = open(world, over);
  for (const { minutes, good, bad, trusted, restart } of steps) {
    world.now += minutes * MINUTE;
    world.trusted = trusted;
    for (let i = 0; i < good + bad; i++) {
      const isBad = i < bad;
      service.record(call(!isBad));
      truth.events.push({ at: world.now, isBad });
    }
    if (restart) {
      service.close();
      service = open(world, over);
    }
    service.tick();
    const { total, bad: failed } = truth.look(world.now, trusted);
    const [availability] = service.list();
    expect([availability.good + availability.bad, availability.bad]).toEqual([Number(total), Number(failed)]);
    expect(availability.state === 'cannot-evaluate').toBe(!trusted);
  }
  service.close();
  expect(world.told).toEqual(truth.told);
  return world.told;
}

describe('alerts', () => {
  it(`are those of the oracle over ${TRACES} random traces`, { timeout: 600_000 }, () => {
    let crossings = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        crossings += play(steps).length;
      }),
      { numRuns: TRACES },
    );
    expect(crossings).toBeGreaterThan(TRACES); // the traces reach the rules
  });

  it('sabotage: a clock in which nobody may trust, taken at its word, is noticed by the same comparison', () => {
    const steps: Step[] = [
      { minutes: 1, good: 10, bad: 20, trusted: false, restart: false },
      { minutes: 1, good: 0, bad: 0, trusted: true, restart: false },
    ];
    expect(() => play(steps, { clockTrusted: () => true })).toThrow('to deeply equal');
  });

  it('come once at the edge: fifty looks with the burn going up and down around the threshold', () => {
    const world: World = { now: START, trusted: true, told: [] };
    const service = open(world);
    for (let i = 0; i < 50; i++) {
      // 14.5 times the budget, then a little below 14.4: bad/total of 7.25 % and 7.15 %.
      const [good, bad] = i % 2 === 0 ? [371, 29] : [372, 28];
      for (let n = 0; n < good + bad; n++) service.record(call(n >= bad));
      service.tick();
      world.now += 20_000;
    }
    service.close();
    expect(world.told.filter((line) => line.endsWith('burn-1h'))).toEqual(['+burn-1h']);
  });
});

describe('what cannot be judged', () => {
  it('is a state and an alert, for each source that fails, and is over when the source answers', () => {
    const world: World = { now: START, trusted: true, told: [] };
    const raised: string[] = [];
    const source = { isBroken: true };
    const service = open(world, {
      alerts: {
        raise: ({ rule, subject }) => raised.push(`+${subject} ${rule}`),
        resolve: (rule, subject) => raised.push(`-${subject} ${rule}`),
      },
      sessionsBehind() {
        if (source.isBroken) throw new Error('the table is gone');
        return 0;
      },
      rebalances() {
        if (source.isBroken) throw new Error('the table is gone');
        return { good: 1, bad: 0 };
      },
    });
    service.tick();
    service.tick();
    const states = () => Object.fromEntries(service.list().map(({ slo, state }) => [slo, state]));
    expect(states()).toMatchObject({
      'data-freshness': 'cannot-evaluate',
      'rebalance-on-time': 'cannot-evaluate',
      availability: 'idle',
    });
    expect(raised.toSorted()).toEqual([
      '+data-freshness slo.cannot-evaluate',
      '+rebalance-on-time slo.cannot-evaluate',
    ]);
    source.isBroken = false;
    service.tick();
    expect(states()).toMatchObject({ 'data-freshness': 'idle', 'rebalance-on-time': 'ok' });
    expect(raised.filter((line) => line.startsWith('-')).toSorted()).toEqual([
      '-data-freshness slo.cannot-evaluate',
      '-rebalance-on-time slo.cannot-evaluate',
    ]);
    service.close();
  });

  it('holds what fires: a store that takes nothing loses no count and clears no alert', () => {
    const world: World = { now: START, trusted: true, told: [] };
    const service = open(world);
    for (let i = 0; i < 30; i++) service.record(call(false));
    service.tick();
    expect(world.told).toContain('+burn-1h');
    database.exec(`CREATE TRIGGER full BEFORE INSERT ON slo_counts BEGIN SELECT RAISE(ABORT, 'full'); END`);
    for (let i = 0; i < 5; i++) service.record(call(false));
    service.tick();
    expect(service.list()[0]).toMatchObject({ state: 'cannot-evaluate' });
    expect(world.told).not.toContain('-burn-1h');
    database.exec('DROP TRIGGER full');
    service.tick();
    expect(service.list()[0]).toMatchObject({ state: 'spent', bad: 35 });
    service.close();
  });
});

describe('configuration', () => {
  it('counts survive a change of it, and what can never fire is refused', () => {
    const world: World = { now: START, trusted: true, told: [] };
    const service = open(world);
    for (let i = 0; i < 100; i++) service.record(call(i > 0));
    service.configure(sloConfigSchema.parse({ windowDays: 7, availability: { target: 0.95 } }));
    expect(service.list()[0]).toMatchObject({ good: 99, bad: 1, budgetLeft: 0.8, state: 'ok' });
    service.close();
    expect(open(world).config()).toMatchObject({ windowDays: 7, availability: { target: 0.95, leastEvents: 20 } });
    for (const wrong of [
      { availability: { target: 0.5 } },
      { availability: { target: 1 } },
      { windowDays: 0 },
      { speed: 1 },
    ]) {
      expect(sloConfigSchema.safeParse(wrong).success).toBe(false);
    }
  });
});
