/** Events, alerts and destinations on a real database with a clock that the test moves: what the engine wires, without the engine. */
import { join } from 'node:path';
import { silentLog } from '#base/log';
import { createHooks, type HooksOptions } from '#engine/hooks';
import type { Clock } from '#engine/schedules/clock';
import { createDatabase, inTransaction, openDatabase, type Database } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { scratchFolder } from './scratch';
import { TEST_KEY as key } from './store-schemas';

/** Time that passes when it is told to; timers act in order of their moments. */
export class ManualClock implements Clock {
  time: number;
  #timers: { at: number; act: () => void }[] = [];

  constructor(start = Date.UTC(2026, 0, 5, 15)) {
    this.time = start;
  }

  now = (): number => this.time;
  monotonic = (): number => this.time;
  after = (ms: number, act: () => void): (() => void) => {
    const timer = { at: this.time + ms, act };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((known) => known !== timer);
    };
  };

  /** Time passes as it does for a machine that sleeps: timers act afterwards, once. */
  async sleep(ms: number, settled: () => Promise<void>): Promise<void> {
    this.time += ms;
    await this.advance(1, settled);
  }

  /** Lets time pass up to a moment, waiting after every timer for what it set off. */
  async advance(ms: number, settled: () => Promise<void>): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.time = Math.max(this.time, next.at);
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.act();
      await settled();
    }
    this.time = end;
  }
}

export interface HooksHost {
  readonly database: Database;
  readonly clock: ManualClock;
  readonly hooks: ReturnType<typeof createHooks>;
  /** Publishes what a dataset import publishes. */
  refreshed(name: string): void;
  /** A new process on the same workspace: whatever was under way is lost. */
  restart(options?: Partial<HooksOptions>): Promise<void>;
  pass(ms: number): Promise<void>;
  sleep(ms: number): Promise<void>;
  close(): Promise<void>;
}

const noModels = (): never => {
  throw new Error('no models');
};

const SHA = 'a'.repeat(64);

export function openHooks(options: Partial<HooksOptions> = {}, clock = new ManualClock()): HooksHost {
  const file = join(scratchFolder(), 'workspace.db');
  interface Opened {
    readonly database: Database;
    readonly hooks: ReturnType<typeof createHooks>;
  }
  const open = (more: Partial<HooksOptions> = {}): Opened => {
    const database =
      host === null ? createDatabase({ file, key, migrations }) : openDatabase({ file, key, migrations });
    const hooks = createHooks({
      database,
      audit: { append: () => undefined },
      host: { now: clock.now, log: silentLog },
      privacy: { admit: () => undefined },
      clock,
      changes: { publish: () => undefined },
      models: noModels,
      ...options,
      ...more,
    });
    hooks.start();
    return { database, hooks };
  };
  let host: Opened | null = null;
  host = open();
  const current = () => host ?? open();
  return {
    get database() {
      return current().database;
    },
    get hooks() {
      return current().hooks;
    },
    clock,
    refreshed(name) {
      const { database, hooks } = current();
      inTransaction(database, () =>
        hooks.publish('data.refreshed', {
          dataset: '01JDA3N6X7Q8R9S0T1V2W3X4Y5',
          name,
          version: 1,
          contentHash: SHA,
          firstDate: '2020-01-02',
          lastDate: '2026-01-02',
          assets: 3,
          rows: 9,
        }),
      );
    },
    async restart(more) {
      await current().hooks.close();
      current().database.close();
      host = open(more);
    },
    sleep: (ms) => clock.sleep(ms, () => current().hooks.settled()),
    pass: (ms) => clock.advance(ms, () => current().hooks.settled()),
    async close() {
      await current().hooks.close();
      current().database.close();
    },
  };
}
