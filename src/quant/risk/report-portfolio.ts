/** The present portfolio in the risk report: scenarios of what is held, its contributions, and tails beside the strategy's own. */
import { AppError } from '#base/errors';
import { standardDeviation } from '../array/stats';
import { ledoitWolf } from '../covariance/shrinkage';
import { assetFactorModel } from '../factors/factor-regression';
import { type Measured, measured, unavailable } from '../metrics/measured';
import { backtestRisk } from './backtest-risk';
import {
  factorScenarios,
  shortfallContributions,
  sumByGroup,
  varContributions,
  volatilityContributions,
} from './contributions';
import { effectiveBets } from './minimum-torsion';
import { checkScenarios, singleSeries, type PortfolioScenarios } from './portfolio-scenarios';
import { riskModels, type RiskModel } from './models';
import type { ContributionRow, CoverageRow, PortfolioRisk, TailRow } from './report-types';
import { historicalTail, type TailRisk } from './tail-risk';

export const LEVELS = [0.95, 0.99] as const;
/** Of contributions and back-tests. */
export const MAIN_LEVEL = 0.95;
const BACKTEST_WINDOW = 250;
const REFIT_EVERY = 63;
/** The minimum-torsion fixed point costs several spectra of the held assets; beyond this it is not worth a wait. */
const MOST_TORSION_ASSETS = 150;
const SIGNIFICANCE = 0.05;

export interface HeldScenarios extends PortfolioScenarios {
  readonly assets: readonly string[];
  readonly sectors: readonly string[];
  /** Benchmark return of each row; undefined where there is none or it has holes. */
  readonly benchmark: Float64Array | undefined;
}

/** Tails of the realized returns and of the held portfolio, by model and level; what cannot be computed says why. */
export function tailTable(realized: Float64Array, held: HeldScenarios | string): TailRow[] {
  return riskModels.flatMap((model) =>
    LEVELS.map((level) => {
      const strategy = attempt(() => evaluated(model, singleSeries(realized), level));
      const portfolio = typeof held === 'string' ? held : attempt(() => evaluated(model, held, level));
      const own = typeof strategy === 'string' ? null : strategy;
      const present = typeof portfolio === 'string' ? null : portfolio;
      const reasons = [strategy, portfolio].filter((value) => typeof value === 'string');
      return {
        model: model.id,
        title: model.title,
        level,
        strategyVar: own?.valueAtRisk ?? null,
        strategyShortfall: own?.shortfall ?? null,
        portfolioVar: present?.valueAtRisk ?? null,
        portfolioShortfall: present?.shortfall ?? null,
        reason: reasons.length > 0 ? [...new Set(reasons)].join(' ') : null,
      };
    }),
  );
}

/** Errors: those of the model; INVALID_DATA where its quantiles cross. */
function evaluated(model: RiskModel, scenarios: PortfolioScenarios, level: number): TailRisk {
  const tail = model.evaluate(scenarios, level);
  if (tail.facts['monotone'] !== 0) return tail;
  throw new AppError(
    'INVALID_DATA',
    `Expected skewness and kurtosis for which this expansion has ordered quantiles, found ${tail.facts['skewness'].toFixed(2)} and ${tail.facts['excess_kurtosis'].toFixed(2)}.`,
  );
}

/** The value, or the reason of an expected failure in words. */
function attempt<Value>(compute: () => Value): Value | string {
  try {
    return compute();
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

/** Every model's one-day forecasts on the strategy's own returns; empty where the history is shorter than the window. */
export async function coverageTable(realized: Float64Array, breathe: () => Promise<void>): Promise<CoverageRow[]> {
  if (realized.length < BACKTEST_WINDOW + 2 || !(standardDeviation(realized) > 0)) return [];
  const rows: CoverageRow[] = [];
  for (const model of riskModels) {
    await breathe();
    const result = attempt(() =>
      backtestRisk(realized, { model: model.id, window: BACKTEST_WINDOW, level: MAIN_LEVEL, refitEvery: REFIT_EVERY }),
    );
    if (typeof result === 'string') continue;
    const { n, exceptions, pUnconditional, pIndependence } = result.coverage;
    rows.push({
      model: model.id,
      level: MAIN_LEVEL,
      days: n,
      exceptions,
      expected: n * (1 - MAIN_LEVEL),
      coverageP: pUnconditional,
      independenceP: pIndependence,
      shortfallStatistic: result.shortfallStatistic,
      verdict: coverageVerdict(exceptions, n, pUnconditional, pIndependence),
    });
  }
  return rows;
}

function coverageVerdict(exceptions: number, n: number, coverage: number, independence: number): string {
  const promised = n * (1 - MAIN_LEVEL);
  const counted = `${exceptions} losses beyond it in ${n} days, ${promised.toFixed(0)} promised`;
  if (coverage < SIGNIFICANCE) {
    return `${counted}: ${exceptions > promised ? 'understates' : 'overstates'} the risk at the 5 % level.`;
  }
  if (independence < SIGNIFICANCE) return `${counted}: the number is right, but they come in clusters.`;
  return `${counted}: not distinguishable from its promise at the 5 % level.`;
}

/** Contributions of what is held by asset, sector and factor. Errors: those of the risk models. */
export function portfolioRisk(held: HeldScenarios, date: string): PortfolioRisk {
  checkScenarios(held, 2);
  const parts = contributionColumns(held);
  const rows = held.assets.map((name, i) => ({ ...parts.row(name, i), sector: held.sectors[i] }));
  return {
    date,
    days: held.T,
    level: MAIN_LEVEL,
    total: parts.total,
    assets: [...rows].sort((a, b) => b.shortfall - a.shortfall),
    sectors: parts.grouped(held.sectors).sort((a, b) => b.shortfall - a.shortfall),
    factors: factorRows(held),
    effectiveBets: betsOf(held),
  };
}

function contributionColumns(scenarios: PortfolioScenarios) {
  const tail = historicalTail(scenarios, MAIN_LEVEL);
  const volatility = volatilityContributions(scenarios);
  const valueAtRisk = varContributions(scenarios, tail);
  const shortfall = shortfallContributions(scenarios, tail);
  const { weights } = scenarios;
  return {
    total: {
      weight: weights.reduce((sum, value) => sum + value, 0),
      volatility: volatility.total,
      valueAtRisk: valueAtRisk.total,
      shortfall: shortfall.total,
    },
    row: (name: string, i: number): ContributionRow => ({
      name,
      weight: weights[i],
      volatility: volatility.contribution[i],
      valueAtRisk: valueAtRisk.contribution[i],
      shortfall: shortfall.contribution[i],
    }),
    grouped(groups: readonly string[]): ContributionRow[] {
      const by = (values: Float64Array) => sumByGroup(values, groups);
      const [weight, v, q, c] = [
        by(weights),
        by(volatility.contribution),
        by(valueAtRisk.contribution),
        by(shortfall.contribution),
      ];
      return [...weight.keys()].map((name) => ({
        name,
        weight: weight.get(name) ?? 0,
        volatility: v.get(name) ?? 0,
        valueAtRisk: q.get(name) ?? 0,
        shortfall: c.get(name) ?? 0,
      }));
    },
  };
}

/** Benchmark and residual; the benchmark's weight is the portfolio's beta. */
function factorRows(held: HeldScenarios): ContributionRow[] {
  const { benchmark, returns, T, N } = held;
  if (benchmark === undefined) return [];
  const model = attempt(() => assetFactorModel(returns, T, N, [{ name: 'benchmark', returns: benchmark }]));
  if (typeof model === 'string') return [];
  const columns = contributionColumns(factorScenarios(held, benchmark, model.betas, 1));
  return [columns.row('Benchmark', 0), columns.row('Specific', 1)];
}

/** With the Ledoit-Wolf covariance, so that twins and short windows do not stop it. */
export function betsOf({ returns, T, N, weights }: PortfolioScenarios): Measured {
  if (N > MOST_TORSION_ASSETS) {
    return unavailable(`Not computed for more than ${MOST_TORSION_ASSETS} assets; there are ${N}.`);
  }
  const bets = attempt(() => effectiveBets(ledoitWolf(returns, T, N).matrix, weights, N));
  return typeof bets === 'string' ? unavailable(bets) : measured(bets.effective, 'Not defined for this portfolio.');
}
