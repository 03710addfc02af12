/**
 * Keeps the counts of the service levels, judges them every half minute and warns once per crossing. Counts are stored in slots of five
 * minutes and outlive a restart; at most half a minute of them is lost with the host. What cannot be judged is a state and an alert of its
 * own, and leaves what fired as it was.
 */
import { toWire } from '#base/errors';
import type { Log } from '#base/log';
import { SLO_NAMES, sloConfigSchema, type Slo, type SloConfig, type SloName, type SloState } from '#contract/slos';
import type { AlertSeverity } from '#contract/topics';
import type { NewAlert } from '../alerts/alert-service';
import type { AuditLog } from '../audit/audit-log';
import type { MeteredCall } from '../metrics/call-metrics';
import type { Clock } from '../schedules/clock';
import { inTransaction, type Database } from '../store/database';
import { budgetLeft, BURN_RULES, judge, SLOT_MS, type BurnRule, type Counts } from './burn-rate';
import { objectiveOf, verdictsOf, type Objective } from './objectives';
import { createSloTable } from './slo-table';

const SETTING = 'slos';
const TICK_MS = 30_000;
const DAY_SLOTS = (24 * 60 * 60_000) / SLOT_MS;
/** The longest window that can be configured: another configuration finds its past. */
const KEPT_SLOTS = 90 * DAY_SLOTS;
const SPENT = 'budget-spent';
const CANNOT = 'cannot-evaluate';
/** A spent budget counts as restored from this share on. */
const RESTORED = 0.05;

export interface SloServiceOptions {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly alerts: { raise(alert: NewAlert): unknown; resolve(rule: string, subject: string): unknown };
  readonly clock: Clock;
  readonly log: Log;
  clockTrusted(): boolean;
  /** Sessions that the scheduled data furthest behind is behind; null where no schedule uses data. */
  sessionsBehind(): number | null;
  /** Scheduled rebalances due in a span (UTC milliseconds) that are decided one way or the other by its end. */
  rebalances(span: { readonly from: number; readonly to: number; readonly withinMs: number }): Counts;
  onChange(slo: SloName): void;
}

export type SloService = ReturnType<typeof createSloService>;

interface Verdict {
  readonly objective: Objective;
  readonly problem: string | null;
  readonly counts: Counts;
  readonly left: number | null;
  readonly burns: readonly {
    readonly rule: BurnRule;
    readonly long: number | null;
    readonly short: number | null;
    readonly fires: boolean;
  }[];
  readonly isSpent: boolean;
}

export function createSloService(options: SloServiceOptions) {
  const { database, audit, alerts, clock, log, clockTrusted, sessionsBehind, rebalances, onChange } = options;
  const table = createSloTable(database);
  const readSetting = database.prepare<[string], string>('SELECT value FROM settings WHERE name = ?').pluck();
  const writeSetting = database.prepare<[string, string, number]>(
    `INSERT INTO settings (name, value, updated_at) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
  );
  let config = sloConfigSchema.parse(JSON.parse(readSetting.get(SETTING) ?? '{}'));
  /** Counted and not yet stored, by service level and slot. */
  const pending = new Map<SloName, Map<number, { good: number; bad: number }>>();
  const firing = new Map(table.firing().map(({ slo, rule, since }) => [`${slo} ${rule}`, since]));
  let storing: string | null = null;
  let sampled = -Infinity;
  let sampleProblem: string | null = null;
  let cancelTimer: (() => void) | null = null;
  let isStarted = false;
  let isClosed = false;

  const slotNow = (): number => Math.floor(clock.now() / SLOT_MS);

  function count(slo: SloName, isGood: boolean): void {
    const slots = pending.get(slo) ?? new Map<number, { good: number; bad: number }>();
    pending.set(slo, slots);
    const slot = slotNow();
    const counts = slots.get(slot) ?? { good: 0, bad: 0 };
    slots.set(slot, counts);
    counts[isGood ? 'good' : 'bad'] += 1;
  }

  /** Counts stay in memory until they are stored; a full disk delays them and says so. */
  function store(): void {
    const now = slotNow();
    try {
      inTransaction(database, () => {
        for (const [slo, slots] of pending) for (const [slot, counts] of slots) table.add(slo, slot, counts);
        if (clockTrusted()) table.keep(now - KEPT_SLOTS, now + DAY_SLOTS);
      });
      pending.clear();
      storing = null;
    } catch (error) {
      storing = toWire(error).message;
    }
  }

  function sample(): void {
    const slot = slotNow();
    if (slot === sampled || !clockTrusted()) return;
    try {
      const behind = sessionsBehind();
      if (behind !== null) count('data-freshness', behind <= config.dataFreshness.withinSessions);
      sampleProblem = null;
      sampled = slot;
    } catch (error) {
      sampleProblem = toWire(error).message;
    }
  }

  /** Events of the last `slots` whole slots and the current one. */
  function sum(slo: SloName, slots: number): Counts {
    const to = slotNow();
    const from = to - slots;
    if (slo === 'rebalance-on-time') {
      return rebalances({ from: from * SLOT_MS, to: clock.now(), withinMs: config.rebalance.withinMinutes * 60_000 });
    }
    const total = { ...table.sum(slo, from, to) };
    for (const [slot, { good, bad }] of pending.get(slo) ?? []) {
      if (slot < from || slot > to) continue;
      total.good += good;
      total.bad += bad;
    }
    return total;
  }

  function problemOf(slo: SloName): string | null {
    if (!clockTrusted()) return 'The clock of this machine has leapt, so spans of time cannot be told for a day.';
    if (storing !== null) return `What was counted cannot be stored: ${storing}`;
    return slo === 'data-freshness' && sampleProblem !== null ? `The data cannot be looked at: ${sampleProblem}` : null;
  }

  function evaluate(slo: SloName): Verdict {
    const objective = objectiveOf(slo, config);
    const { target, leastEvents: least } = objective;
    const nothing: Counts = { good: 0, bad: 0 };
    const isFiring = (rule: string): boolean => firing.has(`${slo} ${rule}`);
    const unknown = (problem: string): Verdict => ({
      objective,
      problem,
      counts: nothing,
      left: null,
      burns: BURN_RULES.map((rule) => ({ rule, long: null, short: null, fires: isFiring(rule.rule) })),
      isSpent: isFiring(SPENT),
    });
    const problem = problemOf(slo);
    if (problem !== null) return unknown(problem);
    try {
      const counts = sum(slo, config.windowDays * DAY_SLOTS);
      const isEnough = counts.good + counts.bad >= least;
      const left = isEnough || isFiring(SPENT) ? budgetLeft(counts, target) : null;
      const burns = BURN_RULES.map((rule) => ({
        rule,
        ...judge(rule, {
          long: sum(slo, rule.longSlots),
          short: sum(slo, rule.shortSlots),
          target,
          least,
          wasFiring: isFiring(rule.rule),
        }),
      }));
      const isSpent = left !== null && (isFiring(SPENT) ? left < RESTORED : left <= 0);
      return { objective, problem: null, counts, left, burns, isSpent };
    } catch (error) {
      return unknown(`What was counted cannot be read: ${toWire(error).message}`);
    }
  }

  /** Raises at the step into a state and resolves at the step out of it, with its mark in one transaction. */
  function settle(slo: SloName, rule: string, fires: boolean, severity: AlertSeverity, message: () => string): boolean {
    const key = `${slo} ${rule}`;
    if (fires === firing.has(key)) return false;
    const at = clock.now();
    inTransaction(database, () => {
      if (fires) {
        table.fire(slo, rule, at);
        alerts.raise({ rule: `slo.${rule}`, severity, subject: slo, message: message() });
      } else {
        table.clear(slo, rule);
        alerts.resolve(`slo.${rule}`, slo);
      }
    });
    if (fires) firing.set(key, at);
    else firing.delete(key);
    return true;
  }

  function warn(slo: SloName): void {
    const { objective, problem, burns, left, isSpent } = evaluate(slo);
    const changed = burns.map(({ rule, long, fires }) =>
      settle(slo, rule.rule, fires, rule.severity, () => burnMessage(objective, rule, long)),
    );
    changed.push(
      settle(slo, SPENT, isSpent, 'error', () => spentMessage(objective, config.windowDays, left)),
      settle(slo, CANNOT, problem !== null, 'error', () => `${objective.title} cannot be judged. ${problem ?? ''}`),
    );
    if (changed.includes(true)) onChange(slo);
  }

  function tick(): void {
    sample();
    store();
    for (const slo of SLO_NAMES) {
      try {
        warn(slo);
      } catch (error) {
        log.error('A service level could not be judged.', { slo, found: toWire(error).message });
      }
    }
  }

  function schedule(): void {
    if (isClosed) return;
    cancelTimer = clock.after(TICK_MS, () => {
      tick();
      schedule();
    });
  }

  function toSlo(slo: SloName): Slo {
    const { objective, problem, counts, left, burns, isSpent } = evaluate(slo);
    const burning = burns.find(({ fires }) => fires);
    const state: SloState =
      problem !== null ? CANNOT : left === null ? 'idle' : isSpent ? 'spent' : burning === undefined ? 'ok' : 'burning';
    return {
      slo,
      title: objective.title,
      objective: `${percent(objective.target)} of ${objective.promise}, over ${config.windowDays} days.`,
      target: objective.target,
      state,
      detail: detailOf(state, { problem, burning: burning?.rule, counts, least: objective.leastEvents }),
      ...counts,
      budgetLeft: left,
      rules: burns.map(({ rule, long, short }) => {
        const since = firing.get(`${slo} ${rule.rule}`);
        return {
          rule: rule.rule,
          factor: rule.factor,
          longHours: (rule.longSlots * SLOT_MS) / 3_600_000,
          shortMinutes: (rule.shortSlots * SLOT_MS) / 60_000,
          longBurn: long,
          shortBurn: short,
          firingSince: since === undefined ? null : new Date(since).toISOString(),
        };
      }),
    };
  }

  function configure(next: SloConfig): SloConfig {
    inTransaction(database, () => {
      writeSetting.run(SETTING, JSON.stringify(next), clock.now());
      audit.append({
        actor: 'user',
        action: 'setting.changed',
        object: SETTING,
        detail: { before: config, after: next },
      });
    });
    config = next;
    tick();
    for (const slo of SLO_NAMES) onChange(slo);
    return config;
  }

  return {
    start(): void {
      isStarted = true;
      schedule();
    },
    record(call: MeteredCall): void {
      if (!isStarted) return;
      for (const [slo, isGood] of verdictsOf(call, config)) count(slo, isGood);
    },
    tick,
    list: () => SLO_NAMES.map(toSlo),
    config: () => config,
    configure,
    close(): void {
      isClosed = true;
      cancelTimer?.();
      if (isStarted) store();
    },
  };
}

const percent = (share: number): string => `${Number((100 * share).toFixed(2))} %`;

function burnMessage({ title, promise, target }: Objective, rule: BurnRule, long: number | null): string {
  const hours = (rule.longSlots * SLOT_MS) / 3_600_000;
  return (
    `${title}: expected that ${percent(target)} of ${promise}; the error budget was used up ${(long ?? 0).toFixed(1)} times too fast ` +
    `over the last ${hours} h (warned from ${rule.factor} on). See Monitor → Service levels, or: sextant slos list.`
  );
}

function spentMessage({ title, promise, target }: Objective, days: number, left: number | null): string {
  return (
    `${title}: expected that ${percent(target)} of ${promise} over ${days} days; the error budget is used up ` +
    `(${percent(left ?? 0)} left). Changes that can wait should wait. See: sextant slos list.`
  );
}

function detailOf(
  state: SloState,
  {
    problem,
    burning,
    counts,
    least,
  }: { problem: string | null; burning: BurnRule | undefined; counts: Counts; least: number },
): string {
  switch (state) {
    case 'cannot-evaluate':
      return problem ?? '';
    case 'idle':
      return counts.good + counts.bad === 0
        ? 'Nothing happened in the window that could be judged.'
        : `Too few events to judge: ${counts.good + counts.bad} of ${least}.`;
    case 'spent':
      return `${counts.bad} of ${counts.good + counts.bad} were bad; no error budget is left.`;
    case 'burning':
      return `The error budget is used up more than ${burning?.factor ?? 1} times too fast.`;
    case 'ok':
      return `${counts.good} of ${counts.good + counts.bad} were good.`;
  }
}
