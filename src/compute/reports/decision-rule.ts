/**
 * The decision rule of the recommendation (docs/decisions/0011-recommendation-rule.md), as data in and judgments out: eligibility first, then
 * significance against equal weight, then a score that charges complexity. It can say that nothing is distinguishable from equal weight.
 */
import type { ReportTemplate } from '#contract/reports';
import type { RunConfig } from '#contract/runs';
import { holm } from '#quant/inference/multiple-testing';
import type { RunFacts } from './facts';
import { returnsOf } from './drafting';
import { allPairs } from './pairs';

export type Rule = ReportTemplate['rule'];

export interface Judgment {
  readonly name: string;
  readonly role: string;
  readonly eligible: boolean;
  /** Test by test: what was asked, what was found, whether it passed; null = could not be judged. */
  readonly tests: readonly { readonly id: TestId; readonly passed: boolean | null; readonly found: number | null }[];
  /** Against equal weight, a year. */
  readonly difference: number | null;
  readonly standardError: number | null;
  /** Holm over the candidates. */
  readonly p: number | null;
  readonly complexity: number;
  /** Difference minus penalty; null without a difference. */
  readonly score: number | null;
  /** Years of data after which a difference of this size would be distinguishable; null where it points down. */
  readonly yearsNeeded: number | null;
}

export type TestId = 'leakage' | 'data' | 'drawdown' | 'turnover' | 'folds' | 'significance';

export interface Decision {
  readonly baseline: string | null;
  readonly chosen: string | null;
  readonly anyDistinguishable: boolean;
  /** The best first; baselines are not candidates. */
  readonly ranking: readonly Judgment[];
  readonly years: number;
}

const CRITICAL = 1.96;
const DAYS = 252;

/** 0 for an optimizer without a forecast, 1 for a linear model, 3 for any other, one more where it was tuned. */
export function complexityOf(config: RunConfig, name: string, role: string): number {
  const compared = config.experiment.compare.find((item) => item.name === name);
  if (role === 'baseline' || role === 'benchmark') return 0;
  const forecast = compared?.forecast === undefined ? config.model.forecast : compared.forecast;
  if (forecast === null) return 0;
  const isLinear = ['ols', 'ridge', 'lasso', 'elastic-net'].includes(forecast.id);
  return (isLinear ? 1 : 3) + (forecast.tune === undefined ? 0 : 1);
}

/** Share of test windows in which the strategy earned more than the reference; null without a window. */
function shareOfFolds(
  { run, series }: RunFacts,
  equity: readonly number[],
  reference: readonly number[],
): number | null {
  const growth = (curve: readonly number[], from: number, to: number) => curve[to] / curve[Math.max(0, from - 1)];
  let ahead = 0;
  let counted = 0;
  for (const { testFrom, testTo } of run.folds) {
    const from = series.dates.findIndex((day) => day >= testFrom);
    const to = series.dates.findLastIndex((day) => day <= testTo);
    if (from < 0 || to <= from) continue;
    counted++;
    if (growth(equity, from, to) > growth(reference, from, to)) ahead++;
  }
  return counted === 0 ? null : ahead / counted;
}

export function decide(facts: RunFacts, rule: Rule, datasetErrors: number): Decision {
  const { run, series } = facts;
  const baselineIndex = series.strategies.findIndex(({ role }) => role === 'baseline');
  const baseline = series.strategies[baselineIndex];
  const years = returnsOf(series.strategies[0]?.equity ?? []).length / DAYS;
  const pairs = baseline === undefined ? [] : allPairs(series);
  const leaks = run.leakage?.status === 'failed' || run.audit?.passed === false;
  const candidates = series.strategies.filter(({ role }) => role === 'primary' || role === 'compare');
  const against = candidates.map(({ name }) => {
    const i = series.strategies.findIndex((strategy) => strategy.name === name);
    const pair = pairs.find(({ a, b }) => (a === i && b === baselineIndex) || (a === baselineIndex && b === i));
    if (pair?.difference === null || pair === undefined) return null;
    return {
      difference: pair.a === i ? pair.difference : -pair.difference,
      standardError: pair.standardError,
      p: pair.p,
    };
  });
  const tested = against.filter((item) => item !== null);
  const adjusted = holm(Float64Array.from(tested, ({ p }) => p ?? 1));
  const judgments = candidates.map(({ name, role, equity }, k): Judgment => {
    const metrics = run.strategies.find((strategy) => strategy.name === name)?.metrics ?? {};
    const item = against[k];
    const p = item === null ? null : adjusted[tested.indexOf(item)];
    const drawdown = metrics['max_drawdown']?.value ?? null;
    const turnover = metrics['turnover']?.value ?? null;
    const folds = baseline === undefined ? null : shareOfFolds(facts, equity, baseline.equity);
    const tests: Judgment['tests'] = [
      { id: 'leakage', passed: leaks ? false : run.leakage === null ? null : true, found: null },
      { id: 'data', passed: datasetErrors === 0, found: datasetErrors },
      { id: 'drawdown', passed: drawdown === null ? null : -drawdown <= rule.maxDrawdown, found: drawdown },
      { id: 'turnover', passed: turnover === null ? null : turnover <= rule.maxTurnover, found: turnover },
      { id: 'folds', passed: folds === null ? null : folds >= rule.minFoldShare, found: folds },
      {
        id: 'significance',
        passed: p === null || item === null ? null : p < rule.level && item.difference > 0,
        found: p,
      },
    ];
    const complexity = complexityOf(run.config, name, role);
    const z = item === null || item.standardError === null ? 0 : item.difference / item.standardError;
    return {
      name,
      role,
      eligible: tests.every(({ id, passed }) => id === 'significance' || passed !== false),
      tests,
      difference: item?.difference ?? null,
      standardError: item?.standardError ?? null,
      p,
      complexity,
      score: item === null ? null : item.difference - rule.complexityPenalty * complexity,
      yearsNeeded: z > 0 ? years * (CRITICAL / z) ** 2 : null,
    };
  });
  const ranking = [...judgments].sort(
    (x, y) =>
      standing(y) - standing(x) || (y.score ?? -Infinity) - (x.score ?? -Infinity) || (x.name < y.name ? -1 : 1),
  );
  const best = ranking[0];
  return {
    baseline: baseline?.name ?? null,
    chosen: best !== undefined && standing(best) === 2 ? best.name : null,
    anyDistinguishable: judgments.some(({ tests }) =>
      tests.some(({ id, passed }) => id === 'significance' && passed === true),
    ),
    ranking,
    years,
  };
}

/** 2: eligible and distinguishable from equal weight. 1: eligible. 0: neither. */
function standing({ eligible, tests }: Judgment): number {
  if (!eligible) return 0;
  return tests.some(({ id, passed }) => id === 'significance' && passed === true) ? 2 : 1;
}
