/** The headline row of a run: four figures, each with interval, sample, trials and convention. */
import type { Run } from '#contract/runs';
import { decimal, integer, percent, plural, probability } from '#renderer/format';
import { Headline } from '#renderer/ui/headline';
import { CAGR, COST, DRAWDOWN, measureOf, PSR, SHARPE, TURNOVER, type StrategyResult } from './measures';

const REBALANCES = { week: 'week', month: 'month', quarter: 'quarter' } as const;

function interval(strategy: StrategyResult, confidence: number): string | false {
  const measure = measureOf(strategy, SHARPE);
  if (measure?.low === undefined || measure.high === undefined) return false;
  return `${percent(confidence, 0)} ${decimal(measure.low)} … ${decimal(measure.high)}`;
}

function drawdownNotes(strategy: StrategyResult): string[] {
  const worst = [...strategy.drawdowns].sort((a, b) => a.depth - b.depth)[0];
  if (worst === undefined) return [];
  return [
    plural(worst.days, 'trading day'),
    `${worst.peak ?? 'start'} → ${worst.recovery ?? 'not recovered'}`,
    `trough ${worst.trough}`,
  ];
}

export function RunHeadlines({ run }: { readonly run: Run }) {
  const primary = run.strategies.find(({ role }) => role === 'primary') ?? run.strategies[0];
  if (primary === undefined) return null;
  const comparison =
    // The first one is what the verdict is about: ridge for a network, equal weight otherwise.
    run.comparisons.find(({ strategy }) => strategy === primary.name) ?? run.comparisons[0];
  const { costs, rebalance } = run.config.backtest;
  const cagr = measureOf(primary, CAGR)?.value ?? null;
  const psr = measureOf(primary, PSR)?.value ?? null;
  const cost = measureOf(primary, COST)?.value ?? null;
  const months = primary.monthly.length;
  return (
    <div className="headlines">
      <Headline
        label={`Sharpe, net · ${primary.name}`}
        term="sharpe"
        measure={measureOf(primary, SHARPE)}
        format={(value) => decimal(value)}
        evidence="strategies"
        notes={[
          interval(primary, run.config.experiment.bootstrap.confidence),
          psr !== null && `PSR ${probability(psr)}`,
          `${months > 0 ? `${plural(months, 'month')}` : ''}${run.trials === null ? '' : ` · ${plural(run.trials.onDataset, 'trial')}`}`,
        ]}
      />
      <Headline
        label={comparison === undefined ? 'Against equal weight' : `vs ${comparison.against}`}
        term="sharpe_difference"
        measure={comparison?.sharpeDifference}
        format={(value) => decimal(value, 2, true)}
        evidence="comparisons"
        notes={
          comparison === undefined
            ? []
            : [
                comparison.sharpeDifference.low !== undefined &&
                  comparison.sharpeDifference.high !== undefined &&
                  `${decimal(comparison.sharpeDifference.low, 2, true)} … ${decimal(comparison.sharpeDifference.high, 2, true)}`,
                comparison.pValue !== null &&
                  `p = ${probability(comparison.pValue)} · ${comparison.method.split(/[,;]/)[0]}`,
                comparison.distinguishable === null
                  ? 'not tested'
                  : comparison.distinguishable
                    ? 'distinguishable'
                    : 'not distinguishable',
              ]
        }
      />
      <Headline
        label="Return per year"
        term="cagr"
        measure={measureOf(primary, CAGR)}
        format={() => percent(cagr, 1, true)}
        evidence="strategies"
        notes={[
          `volatility ${percent(measureOf(primary, 'volatility')?.value ?? measureOf(primary, 'volatility_annual')?.value)}`,
          `${integer(run.folds.length)} folds, refit every ${run.config.backtest.window.refit}`,
        ]}
      />
      <Headline
        label="Max drawdown"
        term="max_drawdown"
        measure={measureOf(primary, DRAWDOWN)}
        format={(value) => percent(value)}
        evidence="strategies"
        notes={drawdownNotes(primary)}
      />
      <Headline
        label="Turnover"
        term="turnover"
        measure={measureOf(primary, TURNOVER)}
        format={(value) => percent(value, 0)}
        evidence="strategies"
        notes={[
          `one-way, per ${REBALANCES[rebalance]}`,
          cost !== null && `cost ${percent(cost, 2)} / yr`,
          `${decimal(costs.bps + costs.halfSpreadBps, 0)} bps of traded notional`,
        ]}
      />
    </div>
  );
}
