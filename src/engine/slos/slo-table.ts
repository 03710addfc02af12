/** Rows of `slo_counts` and `slo_alerts`, typed. */
import type { SloName } from '#contract/slos';
import type { Database } from '../store/database';
import type { Counts } from './burn-rate';

export function createSloTable(database: Database) {
  const add = database.prepare<[string, number, number, number]>(
    `INSERT INTO slo_counts (slo, slot, good, bad) VALUES (?, ?, ?, ?)
     ON CONFLICT (slo, slot) DO UPDATE SET good = good + excluded.good, bad = bad + excluded.bad`,
  );
  const sum = database.prepare<[string, number, number], Counts>(
    `SELECT coalesce(sum(good), 0) AS good, coalesce(sum(bad), 0) AS bad FROM slo_counts WHERE slo = ? AND slot BETWEEN ? AND ?`,
  );
  const prune = database.prepare<[number, number]>('DELETE FROM slo_counts WHERE slot < ? OR slot > ?');
  const firing = database.prepare<[], { slo: SloName; rule: string; since: number }>('SELECT * FROM slo_alerts');
  const fire = database.prepare<[string, string, number]>(
    'INSERT INTO slo_alerts (slo, rule, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const clear = database.prepare<[string, string]>('DELETE FROM slo_alerts WHERE slo = ? AND rule = ?');

  return {
    add: (slo: SloName, slot: number, { good, bad }: Counts): void => void add.run(slo, slot, good, bad),
    /** Slots `from` to `to`, both included. */
    sum: (slo: SloName, from: number, to: number): Counts => sum.get(slo, from, to) ?? { good: 0, bad: 0 },
    /** Removes what lies outside. */
    keep: (from: number, to: number): void => void prune.run(from, to),
    firing: () => firing.all(),
    fire: (slo: SloName, rule: string, since: number): void => void fire.run(slo, rule, since),
    clear: (slo: SloName, rule: string): void => void clear.run(slo, rule),
  };
}
