/** Model card (Mitchell et al. 2019): what the model is for, what it learned from, how well it does, and where it must not be trusted. */
import { findModelSpec } from '#quant/models/registry';
import { findOptimizerSpec } from '#quant/optimizers/registry';
import { comparisonTable, guardTable, headlines, leakageText, monthTable, resultTable } from '../run-blocks';
import { primaryOf, type Content, type Draft } from '../drafting';
import type { RunFacts } from '../facts';
import type { Section } from '../model';
import { verdictText, verdictTone } from '../verdict';
import { foldTable } from './performance';

export function modelReport(draft: Draft, facts: RunFacts): Content {
  const { say } = draft;
  const { run } = facts;
  const { forecast, optimizer } = run.config.model;
  const leakage = leakageText(draft, facts);
  const guards = guardTable(draft, facts);
  const name = forecast === null ? optimizer.id : forecast.id;
  const sections: Section[] = [
    { id: 'model', title: say('The model'), blocks: [modelFacts(draft, facts)] },
    {
      id: 'use',
      title: say('Intended use'),
      blocks: [
        {
          type: 'list',
          items: [
            say('Ranking assets of {dataset} over {horizon} trading days to set weights at each {period}.', {
              dataset: run.dataset.name,
              horizon: run.config.model.horizon,
              period: say(run.config.backtest.rebalance),
            }),
            say('Not for single trades, other horizons, or assets that the dataset does not hold.'),
            say('A person signs off every rebalance; the model places no order.'),
          ],
        },
      ],
    },
    {
      id: 'training',
      title: say('Training and evaluation data'),
      blocks: [trainingFacts(draft, facts), foldTable(draft, facts)],
    },
    {
      id: 'performance',
      title: say('How well it does'),
      blocks: [
        { type: 'headlines', items: headlines(draft, facts) },
        resultTable(draft, facts),
        comparisonTable(draft, facts),
        monthTable(draft, facts, primaryOf(facts).name),
      ],
    },
    {
      id: 'leakage',
      title: say('Leakage'),
      blocks: [{ type: 'text', text: leakage.text, tone: leakage.tone }, ...(guards === null ? [] : [guards])],
    },
    { id: 'limitations', title: say('Limitations'), blocks: [{ type: 'list', items: limitations(draft, facts) }] },
  ];
  return {
    title: say('Model card'),
    subtitle: `${findModelSpec(name)?.title ?? name} · ${run.config.experiment.name}`,
    verdict: verdictText(draft, facts),
    verdictTone: verdictTone(facts),
    sections,
    withSeries: false,
  };
}

function modelFacts({ say }: Draft, { run }: RunFacts) {
  const { forecast, optimizer, features, horizon, constraints } = run.config.model;
  const spec = forecast === null ? undefined : findModelSpec(forecast.id);
  const optimizerSpec = findOptimizerSpec(optimizer.id);
  const params = (values: Readonly<Record<string, unknown>>) =>
    Object.keys(values).length === 0 ? say('defaults') : JSON.stringify(values);
  const stated = Object.entries(constraints).filter(([, value]) => value !== undefined && value !== null);
  const items: (readonly [string, string])[] = [
    [
      say('Forecast'),
      forecast === null
        ? say('none: the optimizer needs no forecast')
        : `${spec?.title ?? forecast.id} (${params(forecast.params)})`,
    ],
    ...(spec === undefined
      ? []
      : [[say('What it does'), spec.summary] as const, [say('Literature'), spec.references.join('; ')] as const]),
    [say('Tuning'), forecast?.tune === undefined ? say('none') : JSON.stringify(forecast.tune)],
    [
      say('Features'),
      `${Array.isArray(features.set) ? features.set.join(', ') : features.set}, ${features.transform}, ${say('winsorized at {share}', { share: features.winsorize })}`,
    ],
    [say('Horizon'), say('{n} trading days', { n: horizon })],
    [say('Optimizer'), `${optimizerSpec?.title ?? optimizer.id} (${params(optimizer.params)})`],
    ...(optimizerSpec === undefined ? [] : [[say('Literature'), optimizerSpec.references.join('; ')] as const]),
    [say('Constraints'), stated.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(', ') || say('none')],
    [say('Seed'), String(run.config.experiment.seed)],
  ];
  return { type: 'facts' as const, id: 'model', items };
}

function trainingFacts({ say }: Draft, { run, series }: RunFacts) {
  const { window, purge, embargo, lag, universe } = run.config.backtest;
  const items: (readonly [string, string])[] = [
    [say('Dataset'), `${run.dataset.name} v${run.dataset.version}, ${run.provenance.datasetHash}`],
    [say('Test period'), `${series.dates[0] ?? '–'} … ${series.dates.at(-1) ?? '–'}`],
    [
      say('Training window'),
      say('{mode}, {n} trading days, refitted every {refit}', {
        mode: window.mode,
        n: window.train,
        refit: say(window.refit),
      }),
    ],
    [
      say('Purge and embargo'),
      say('{purge} and {embargo} trading days', { purge: purge ?? run.config.model.horizon + lag, embargo }),
    ],
    [say('Universe'), universe],
    [say('Trials'), String(run.trials?.onDataset ?? '–')],
  ];
  return { type: 'facts' as const, id: 'training', items };
}

function limitations({ say, facts: { dataset } }: Draft, { run }: RunFacts): string[] {
  return [
    say('Past returns are the only evidence; a change of regime is not in them.'),
    run.config.backtest.universe === 'point-in-time' && dataset.manifest.hasMembership
      ? say('Membership is point in time.')
      : say('The dataset has no membership dates: survivorship is not removed.'),
    run.config.backtest.costs.impact.coefficient === 0
      ? say('Costs leave out market impact.')
      : say('Market impact is modeled, not observed.'),
    ...(run.folds.length < 2 ? [say('One fold only: stability over time cannot be judged.')] : []),
    ...run.warnings,
  ];
}
