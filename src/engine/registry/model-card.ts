/** The card of a registered version: what it is for, what it was made from, what it showed, and where it must not be trusted. */
import { canonicalJson } from '#base/canonical-json';
import type { Measure } from '#contract/fields';
import type { ModelCard } from '#contract/registry';
import type { Run } from '#contract/runs';

const rounded = (value: number): string => String(Number(value.toPrecision(4)));

function measureText(measure: Measure | undefined): string {
  if (measure === undefined) return 'not measured';
  if (measure.value === null) return measure.reason ?? 'not known';
  const { low, high } = measure;
  const interval = low === undefined || high === undefined ? '' : ` [${rounded(low)}, ${rounded(high)}]`;
  return rounded(measure.value) + interval;
}

export function modelCard(run: Run): ModelCard {
  const { config, provenance, folds, trials, capacity, leakage } = run;
  const { model, backtest, experiment } = config;
  const primary = run.strategies.find(({ role }) => role === 'primary');
  const last = folds.at(-1);
  const facts: [section: string, name: string, value: string][] = [
    ['Model', 'Forecast', model.forecast === null ? 'none' : model.forecast.id],
    ['Model', 'Forecast parameters', canonicalJson(model.forecast?.params ?? {})],
    ['Model', 'Optimizer', model.optimizer.id],
    ['Model', 'Optimizer parameters', canonicalJson(model.optimizer.params)],
    ['Model', 'Features', model.features.set === 'standard' ? 'the standard set' : model.features.set.join(', ')],
    ['Model', 'Target', `simple return over ${model.horizon} trading days, ${backtest.lag} after the decision`],
    ['Model', 'Constraints', canonicalJson(model.constraints)],
    ['Data', 'Dataset', `${run.dataset.name} version ${run.dataset.version}`],
    ['Data', 'Content hash', provenance.datasetHash],
    ['Data', 'Universe', backtest.universe],
    ['Training', 'Folds', String(folds.length)],
    ['Training', 'Last training window', last === undefined ? 'none' : `${last.trainFrom} to ${last.trainTo}`],
    ['Training', 'Seed', String(experiment.seed)],
    ['Evidence', 'Sharpe ratio after costs', measureText(primary?.metrics['sharpe'])],
    ['Evidence', 'Maximum drawdown', measureText(primary?.metrics['max_drawdown'])],
    ['Evidence', 'Deflated Sharpe ratio', measureText(trials?.deflatedSharpe)],
    ['Evidence', 'Trials on the data', String(trials?.onDataset ?? 'not known')],
    ['Evidence', 'Verdict', run.headline?.verdict ?? 'none'],
    ['Evidence', 'Leakage audit when registered', leakage?.status ?? 'none'],
    ['Evidence', 'Capacity', capacity?.verdict ?? 'not known'],
    ['Origin', 'Run', run.name],
    ['Origin', 'Identity', provenance.identity],
    ['Origin', 'Result hash', provenance.resultHash ?? 'none'],
    ['Origin', 'App version', provenance.appVersion],
    ['Origin', 'Commit', provenance.gitCommit ?? 'not known'],
    ['Origin', 'Lock hash', provenance.lockHash],
    ['Origin', 'Environment hash', provenance.environmentHash ?? 'not known'],
    ['Origin', 'Device and backend', `${provenance.device}, ${provenance.backend}`],
  ];
  return {
    purpose: `Target weights for ${run.dataset.name}, rebalanced every ${backtest.rebalance}; research evidence, no promise about returns to come.`,
    facts: facts.map(([section, name, value]) => ({ section, name, value })),
    limits: [
      `It speaks for the assets, the horizon and the costs named here (${backtest.costs.bps} bps of traded notional), and for no others.`,
      ...(provenance.gitCommit?.endsWith('-modified') === true
        ? ['It was made by a program whose sources differ from its commit.']
        : []),
      ...run.warnings,
    ],
  };
}
