/**
 * What a run is tracked by over its steps: `fold/<measure>` by fold, counted from 0; `epoch/<measure>` by epoch, counted from 1, as the mean
 * over all fits and seeds of the run's first network that reached the epoch; `epoch/<strategy>/<day of the fit>/seed-<k>/<measure>` each.
 * When an epoch ended is what the job said then: it is no part of the result, which must be the same bits every time.
 */
import type { ResearchResult } from '#quant/research/result';
import type { Database } from '../store/database';
import { readEpochsEnded } from '../store/job-events-table';
import type { MetricRow } from './tracking-table';

type Training = ResearchResult['training'][number];
type Member = Training['fits'][number]['members'][number];

const MEASURES = [
  ['loss', 'loss'],
  ['validationLoss', 'validation_loss'],
  ['validationIc', 'validation_ic'],
] as const;

/** UTC milliseconds by title of the network and epoch; what two networks of one title said is not told apart, and left out. */
export type EpochTimes = ReadonlyMap<string, number>;

const timeKey = (title: string, epoch: number): string => `${title}\n${epoch}`;

export function epochTimes(database: Database, job: string): EpochTimes {
  const networks = new Map<string, Set<string>>();
  const times = new Map<string, number>();
  for (const { at, network, title, epoch } of readEpochsEnded(database, job)) {
    networks.set(title, (networks.get(title) ?? new Set()).add(network));
    times.set(timeKey(title, epoch), at);
  }
  return new Map([...times].filter(([key]) => networks.get(key.slice(0, key.indexOf('\n')))?.size === 1));
}

/** Every name and step once; finite numbers only. */
export function metricsOf(result: ResearchResult, times: EpochTimes): MetricRow[] {
  const rows = [...foldMetrics(result), ...epochMetrics(result.training, times)];
  return rows.filter(({ value }) => Number.isFinite(value));
}

function foldMetrics({ folds }: ResearchResult): MetricRow[] {
  return folds.flatMap((fold, step) =>
    Object.entries(fold.metrics).flatMap(([measure, value]) =>
      value === null ? [] : [{ name: `fold/${measure}`, step, value, at: null }],
    ),
  );
}

function epochMetrics(training: readonly Training[], times: EpochTimes): MetricRow[] {
  const taken = new Set<string>();
  const single = training.flatMap(({ model, strategies, fits }) => {
    const home = freeName(`epoch/${(strategies.at(0) ?? model).replaceAll('/', '_')}`, taken);
    return fits.flatMap(({ fittedOn, members }) =>
      members.flatMap((member, k) => {
        const title = `${model} ${fittedOn}, seed ${k + 1} of ${members.length}`;
        return ofMember(member, (epoch) => times.get(timeKey(title, epoch)) ?? null).map((row) => ({
          ...row,
          name: `${home}/${fittedOn}/seed-${k + 1}/${row.name}`,
        }));
      }),
    );
  });
  return [...single, ...meanOver(training.at(0)?.fits.flatMap(({ members }) => members) ?? [])];
}

/** Two strategies whose names are the same without their slashes. */
function freeName(wish: string, taken: Set<string>): string {
  let name = wish;
  for (let n = 2; taken.has(name); n++) name = `${wish}_${n}`;
  taken.add(name);
  return name;
}

function ofMember({ epochs }: Member, at: (epoch: number) => number | null): MetricRow[] {
  return MEASURES.flatMap(([field, name]) =>
    epochs.flatMap((record, e) => {
      const value = record[field];
      return value === null ? [] : [{ name, step: e + 1, value, at: at(e + 1) }];
    }),
  );
}

function meanOver(members: readonly Member[]): MetricRow[] {
  const sums = new Map<string, { name: string; step: number; sum: number; count: number }>();
  for (const { name, step, value } of members.flatMap((member) => ofMember(member, () => null))) {
    if (!Number.isFinite(value)) continue;
    const known = sums.get(`${name}\n${step}`) ?? { name, step, sum: 0, count: 0 };
    sums.set(`${name}\n${step}`, { ...known, sum: known.sum + value, count: known.count + 1 });
  }
  return [...sums.values()].map(({ name, step, sum, count }) => ({
    name: `epoch/${name}`,
    step,
    value: sum / count,
    at: null,
  }));
}
