/**
 * Exactly one rebalance and one retraining per due period: years of months in virtual time through the real scheduler and a real
 * database, with clock jumps in both directions, daylight saving, weeks of sleep and kills. 6 seeds, or 1,000 with SEXTANT_LONG=1.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { silentLog } from '#base/log';
import { createFlowEngine } from '#engine/flows/flow-engine';
import { step, type AnyFlow } from '#engine/flows/flow';
import type { Clock } from '#engine/schedules/clock';
import { createScheduler, type Scheduler } from '#engine/schedules/scheduler';
import { createScheduleTable } from '#engine/schedules/schedule-table';
import { cronTrigger } from '#engine/schedules/trigger';
import { createDatabase, type Database } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { createUlid } from '#engine/store/ulid';
import { createRandom } from '#quant/array/random';
import { scratchFolder } from '../support/scratch';
import { TEST_KEY as key } from '../support/store-schemas';

const LONG = process.env.SEXTANT_LONG === '1';
const SEEDS = LONG ? 1000 : 4;
const MONTHS = LONG ? 120 : 36;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2021, 0, 4, 15);

const timings = {
  rebalance: { cron: '30 16 * * *', timeZone: 'America/New_York', days: 'last-of-month' },
  // A time that the clock in New York skips on one day of every year, and passes twice on another.
  'model-train': { cron: '30 2 * * *', timeZone: 'America/New_York', days: 'last-of-quarter' },
} as const;

const flows = (['rebalance', 'model-train'] as const).map((flow) => ({
  flow,
  title: flow,
  summary: '',
  atOnce: 1,
  params: z.strictObject({}),
  steps: [step({ id: 'only', title: '', output: z.strictObject({}), perform: async () => () => ({}) })],
})) as readonly unknown[] as readonly AnyFlow[]; // flows without parameters

class VirtualClock implements Clock {
  /** What the true time is, and by how much the wall clock is wrong. */
  real = START;
  wrong = 0;
  now = (): number => Math.round(this.real + this.wrong);
  monotonic = (): number => this.real;
  after = (): (() => void) => () => {};
}

interface World {
  readonly database: Database;
  readonly clock: VirtualClock;
  scheduler: Scheduler;
  /** A kill between the mark of a period and its flow run. */
  killNext: boolean;
  restart(): void;
}

function world(atomically?: (work: () => void) => void): World {
  const clock = new VirtualClock();
  const database = createDatabase({ file: join(scratchFolder(), 'workspace.db'), key, migrations });
  // The kills here are of this process's making; what a power cut does is the matter of tests/durability.
  database.pragma('synchronous = OFF');
  const engine = createFlowEngine({
    database,
    flows,
    clock,
    log: silentLog,
    jobs: {
      waitFor: () => Promise.reject(new Error('no jobs')),
      cancel: () => {
        throw new Error('no jobs');
      },
    },
  });
  void engine.close();
  const table = createScheduleTable(database);
  for (const [flow, { cron, timeZone, days }] of Object.entries(timings)) {
    table.insert({
      id: createUlid(START),
      name: flow,
      flow: flow as keyof typeof timings, // Object.entries loses the names
      params: '{}',
      queue: 'prod',
      cron,
      every_seconds: null,
      time_zone: timeZone,
      days,
      catch_up: 'each',
      paused: 0,
      created_at: START,
      decided_through: START,
    });
  }
  const made: World = {
    database,
    clock,
    killNext: false,
    scheduler: undefined as unknown as Scheduler, // made by `restart`, just below
    restart() {
      made.scheduler = createScheduler({
        database,
        clock,
        log: silentLog,
        recordStepBack: () => {},
        startFlow(request) {
          if (made.killNext) {
            made.killNext = false;
            throw new Error('killed');
          }
          return engine.start(request);
        },
        ...(atomically && { atomically }),
      });
    },
  };
  made.restart();
  return made;
}

/** Lives through the months; returns the flow runs by flow and period. */
function live(seed: number, made: World): void {
  const random = createRandom(seed);
  const { clock } = made;
  const end = START + MONTHS * 30.44 * DAY;
  const tick = (): void => made.scheduler.tick();
  while (clock.real < end) {
    const luck = random.uniform();
    if (luck < 0.02) clock.real += 21 * DAY * random.uniform();
    else clock.real += (luck < 0.5 ? 20 : 6) * HOUR * random.uniform();
    if (luck > 0.97) {
      // A jump of hours stays for a while; one of years is put right within two minutes.
      clock.wrong = (random.uniform() - 0.5) * 20 * HOUR;
      tick();
      clock.real += DAY * random.uniform();
      tick();
      clock.wrong = 0;
    } else if (luck > 0.955) {
      clock.wrong = (random.uniform() - 0.5) * 20 * 365 * DAY;
      tick();
      clock.real += 60_000;
      clock.wrong = 0;
    }
    if (luck > 0.9 && luck < 0.955) made.restart();
    made.killNext = random.uniform() < 0.05;
    tick();
    tick();
  }
  clock.real += 10 * 60_000;
  made.killNext = false;
  tick();
  clock.real += 10 * 60_000;
  tick();
}

function wrongPeriods(made: World): string[] {
  const wrong: string[] = [];
  for (const [flow, timing] of Object.entries(timings)) {
    const trigger = cronTrigger(timing);
    const expected: string[] = [];
    for (let due = trigger.next(START); due !== null && due.at <= made.clock.real; due = trigger.next(due.at)) {
      expected.push(due.period);
    }
    const found = made.database
      .prepare<[string], string>('SELECT period FROM flow_runs WHERE flow = ? ORDER BY ordinal')
      .pluck()
      .all(flow);
    for (const period of new Set([...expected, ...found])) {
      const times = found.filter((each) => each === period).length;
      if (times !== 1 || !expected.includes(period)) wrong.push(`${flow} ${period}: ${times} times`);
    }
  }
  return wrong;
}

test(
  `${SEEDS} lives of ${MONTHS} months: every due period once, none twice, none besides`,
  { timeout: 3_600_000 },
  () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const made = world();
      live(seed, made);
      expect(wrongPeriods(made), `seed ${seed}`).toEqual([]);
      made.database.close();
    }
  },
);

test(
  'sabotage: with the mark outside the transaction of its flow run, kills lose periods',
  { timeout: 120_000 },
  () => {
    const lost = [1, 2].flatMap((seed) => {
      const made = world((work) => work());
      live(seed, made);
      const wrong = wrongPeriods(made);
      made.database.close();
      return wrong;
    });
    expect(lost.length).toBeGreaterThan(0);
  },
);

test('a time in the gap of daylight saving is the first moment after it, and one that occurs twice is due once', () => {
  const trigger = cronTrigger({ cron: '30 2 * * *', timeZone: 'America/New_York', days: 'every-day' });
  const gap = trigger.next(Date.UTC(2024, 2, 10, 0));
  expect(new Date(gap?.at ?? 0).toISOString()).toMatch(/^2024-03-10T0[67]:/);
  const twice = cronTrigger({ cron: '30 1 * * *', timeZone: 'America/New_York', days: 'every-day' });
  const first = twice.next(Date.UTC(2024, 10, 3, 0));
  const second = twice.next(first?.at ?? 0);
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(20 * HOUR);
});

test('an interval runs on time that nothing moves', () => {
  const made = world();
  createScheduleTable(made.database).insert({
    id: createUlid(START),
    name: 'often',
    flow: 'rebalance',
    params: '{}',
    queue: 'dev',
    cron: null,
    every_seconds: 3600,
    time_zone: 'UTC',
    days: 'every-day',
    catch_up: 'latest',
    paused: 0,
    created_at: START,
    decided_through: START,
  });
  for (let minute = 0; minute < 600; minute++) {
    made.clock.real += 60_000;
    made.clock.wrong = minute % 7 === 0 ? 5 * HOUR : -3 * HOUR;
    made.scheduler.tick();
  }
  const runs = made.database.prepare("SELECT count(*) FROM flow_runs WHERE schedule = 'often'").pluck().get();
  expect(runs).toBe(10);
  made.database.close();
});
