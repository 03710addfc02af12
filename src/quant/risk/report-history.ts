/** The past in the risk report: exposures at every rebalance, stress windows of the present weights, and who made the drawdowns. */
import { covariance, variance } from '../array/stats';
import { CRISIS_WINDOWS } from '../stress/crisis-windows';
import { historicalStress, worstWindows } from '../stress/historical-stress';
import { sumByGroup } from './contributions';
import { drawdownAnatomy } from './drawdown-anatomy';
import { exposureOf, type Exposure } from './exposures';
import { portfolioReturns } from './portfolio-scenarios';
import { betsOf, type HeldScenarios } from './report-portfolio';
import type { DrawdownRow, ExposureHistory, NamedPart, RiskReportInput, StressRow } from './report-types';

const SHOWN_ASSETS = 10;
const SHOWN_DRAWDOWNS = 5;

/** One entry per rebalance; `scenariosAt(row, weights)` gives what was known at the close of that row, or why not. */
export async function exposureHistory(
  { strategy, sectors, dates }: RiskReportInput,
  scenariosAt: (row: number, weights: Float64Array) => HeldScenarios | string,
  breathe: () => Promise<void>,
): Promise<ExposureHistory> {
  const N = sectors.length;
  const names = [...new Set(sectors)];
  const exposures: (Exposure & { beta: number | null; effectiveBets: number | null })[] = [];
  for (const [k, day] of strategy.fills.entries()) {
    await breathe();
    const weights = strategy.weights.subarray(k * N, (k + 1) * N);
    const scenarios = scenariosAt(dates.indexOf(day) - 1, weights);
    exposures.push({
      ...exposureOf(weights, sectors),
      beta: typeof scenarios === 'string' ? null : betaOf(scenarios),
      effectiveBets: typeof scenarios === 'string' ? null : betsOf(scenarios).value,
    });
  }
  return {
    dates: strategy.fills,
    gross: exposures.map(({ gross }) => gross),
    net: exposures.map(({ net }) => net),
    holdings: exposures.map(({ holdings }) => holdings),
    effectiveHoldings: exposures.map(({ effectiveHoldings }) => effectiveHoldings),
    herfindahl: exposures.map(({ herfindahl }) => herfindahl),
    topTen: exposures.map(({ topTen }) => topTen),
    beta: exposures.map(({ beta }) => beta),
    effectiveBets: exposures.map((exposure) => exposure.effectiveBets),
    sectors: names.map((name) => ({ name, weights: exposures.map((exposure) => exposure.sectors.get(name) ?? 0) })),
  };
}

function betaOf(scenarios: HeldScenarios): number | null {
  const { benchmark } = scenarios;
  if (benchmark === undefined) return null;
  const beta = covariance(portfolioReturns(scenarios), benchmark) / variance(benchmark);
  return Number.isFinite(beta) ? beta : null;
}

/** Named crises and the worst stretches of the data themselves, with the weights of today. */
export function stressTable(
  { dates, assets, close, benchmark }: RiskReportInput,
  weights: Float64Array,
): { stress: StressRow[]; skipped: { id: string; title: string; reason: string }[] } {
  const own = benchmark ? worstWindows(dates, benchmark.levels) : [];
  const { outcomes, skipped } = historicalStress({ dates, close, N: assets.length }, weights, [
    ...own,
    ...CRISIS_WINDOWS,
  ]);
  return {
    stress: outcomes.map(({ window, fromRow, toRow, contribution, worst, covered, ...outcome }) => {
      const change = benchmark ? benchmark.levels[toRow] / benchmark.levels[fromRow] - 1 : NaN;
      const { shown, others } = largestParts(assets, contribution, outcome.return);
      return {
        id: window.id,
        title: window.title,
        from: dates[fromRow],
        to: dates[toRow],
        return: outcome.return,
        worst,
        covered,
        benchmark: Number.isFinite(change) ? change : null,
        assets: shown,
        others,
      };
    }),
    skipped: skipped.map(({ window, reason }) => ({ id: window.id, title: window.title, reason })),
  };
}

/** `weights`, `returns` [days, N] on the days of the strategy. */
export function drawdownTable(
  { strategy, assets, sectors }: RiskReportInput,
  weights: Float64Array,
  returns: Float64Array,
): DrawdownRow[] {
  const anatomy = drawdownAnatomy(strategy.equity, weights, returns, assets.length, SHOWN_DRAWDOWNS);
  return anatomy.map(({ episode, contribution, residual }) => {
    const { shown, others } = largestParts(assets, contribution, episode.depth - residual);
    return {
      peak: strategy.dates[episode.peakRow],
      trough: strategy.dates[episode.troughRow],
      recovery: episode.recoveryRow < 0 ? null : strategy.dates[episode.recoveryRow],
      depth: episode.depth,
      assets: shown,
      others,
      sectors: [...sumByGroup(contribution, sectors)]
        .map(([name, part]) => ({ name, contribution: part }))
        .filter((part) => part.contribution !== 0)
        .sort((a, b) => a.contribution - b.contribution),
      residual,
    };
  });
}

/** The largest by size, in ascending order; `others` closes the sum to `total`. */
function largestParts(
  names: readonly string[],
  parts: Float64Array,
  total: number,
): { shown: NamedPart[]; others: number } {
  const shown = names
    .map((name, i) => ({ name, contribution: parts[i] }))
    .filter(({ contribution }) => contribution !== 0)
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
    .slice(0, SHOWN_ASSETS)
    .sort((a, b) => a.contribution - b.contribution);
  return { shown, others: total - shown.reduce((sum, { contribution }) => sum + contribution, 0) };
}
