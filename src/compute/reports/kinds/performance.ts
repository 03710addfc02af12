/** The full performance report: everything a tear sheet lists, with interval, sample, cost and trials beside every headline. */
import {
  checkTable,
  comparisonTable,
  conventionText,
  curveChart,
  drawdownTable,
  guardTable,
  headlines,
  leakageText,
  monthTable,
  resultTable,
} from '../run-blocks';
import {
  anatomyTable,
  contributionTable,
  coverageTable,
  riskBlocks,
  sectorChart,
  stressTable,
  tailTable,
} from '../risk-blocks';
import { primaryOf, type Content, type Draft } from '../drafting';
import type { RunFacts } from '../facts';
import type { Block, Chart, Section, Table } from '../model';
import { tearBlocks } from '../tear-blocks';
import { verdictText, verdictTone } from '../verdict';
import { weightTable } from '../weight-blocks';

export function performanceReport(draft: Draft, facts: RunFacts): Content {
  const { say } = draft;
  const { run } = facts;
  const name = primaryOf(facts).name;
  const guards = guardTable(draft, facts);
  const leakage = leakageText(draft, facts);
  const sections: Section[] = [
    {
      id: 'summary',
      title: say('Verdict'),
      blocks: [
        { type: 'headlines', items: headlines(draft, facts) },
        { type: 'text', text: conventionText(draft, facts), tone: 'quiet' },
        ...(run.warnings.length === 0 ? [] : [{ type: 'list' as const, items: run.warnings, tone: 'warn' as const }]),
      ],
    },
    { id: 'results', title: say('Results'), blocks: [resultTable(draft, facts), comparisonTable(draft, facts)] },
    {
      id: 'curves',
      title: say('Curves'),
      blocks: [
        curveChart(draft, facts, {
          id: 'equity',
          title: say('Growth of 1, net of costs'),
          field: 'equity',
          unit: 'decimal',
          logarithmic: true,
        }),
        curveChart(draft, facts, { id: 'drawdown', title: say('Drawdown'), field: 'drawdown', unit: 'percent' }),
        curveChart(draft, facts, {
          id: 'rolling_sharpe',
          title: say('Rolling Sharpe ratio'),
          field: 'rollingSharpe',
          unit: 'decimal',
        }),
      ],
    },
    { id: 'measures', title: say('Measures'), blocks: tearBlocks(draft, facts) },
    {
      id: 'periods',
      title: say('Months, years, drawdowns'),
      blocks: [monthTable(draft, facts, name), yearChart(draft, facts), drawdownTable(draft, facts, name)],
    },
    { id: 'trading', title: say('Trading'), blocks: tradingBlocks(draft, facts) },
    { id: 'folds', title: say('Folds'), blocks: [foldTable(draft, facts)] },
    {
      id: 'risk',
      title: say('Risk'),
      blocks: riskBlocks(draft, facts, (risk) => [
        tailTable(draft, risk),
        coverageTable(draft, risk),
        contributionTable(draft, risk, 'sectors'),
        contributionTable(draft, risk, 'assets'),
        stressTable(draft, risk),
        anatomyTable(draft, risk),
        sectorChart(draft, risk),
      ]),
    },
    {
      id: 'weights',
      title: say('Weights for the next rebalance'),
      blocks:
        facts.portfolio === null
          ? [none(say('The run made no portfolio.'))]
          : [weightTable(draft, facts.portfolio), checkTable(draft, facts)],
    },
    {
      id: 'leakage',
      title: say('Leakage'),
      blocks: [{ type: 'text', text: leakage.text, tone: leakage.tone }, ...(guards === null ? [] : [guards])],
    },
  ];
  return {
    title: say('Performance report'),
    subtitle: run.config.experiment.name,
    verdict: verdictText(draft, facts),
    verdictTone: verdictTone(facts),
    sections,
    withSeries: true,
  };
}

function none(text: string): Block {
  return { type: 'text', text, tone: 'warn' };
}

function yearChart({ say, facts }: Draft, { run }: RunFacts): Chart {
  const shown = run.strategies.filter(({ role }) => role !== 'compare');
  const years = [...new Set(shown.flatMap(({ monthly }) => monthly.map(({ month }) => month.slice(0, 4))))].sort();
  const byRole = { primary: 'ours', baseline: 'baseline', benchmark: 'benchmark', compare: 0 } as const;
  return {
    type: 'chart',
    id: 'years',
    title: say('Returns by calendar year'),
    alternative: say('Compound net return of every calendar year; the first and the last may be short.'),
    kind: 'bars',
    x: years,
    series: shown.map(({ name, role, monthly }) => ({
      name,
      color: byRole[role],
      values: years.map((year) => {
        const months = monthly.filter(({ month }) => month.startsWith(year));
        return months.length === 0 ? null : months.reduce((growth, month) => growth * (1 + month.return), 1) - 1;
      }),
    })),
    unit: 'percent',
    ...(facts.paper === 'a4' ? {} : { height: 170 }),
  };
}

export function tradingBlocks(draft: Draft, facts: RunFacts): Block[] {
  const { say, numbers } = draft;
  const primary = facts.series.strategies.find(({ role }) => role === 'primary');
  const rebalances = primary?.rebalances ?? [];
  const bought = rebalances.filter(({ turnover, holdings }) => turnover > 0 || holdings > 0);
  if (bought.length === 0) return [none(say('The strategy never traded: there is no turnover and no cost.'))];
  const { capacity } = facts.run;
  const estimate = capacity?.estimate;
  const estimates: (readonly [string, string])[] =
    estimate === null || estimate === undefined
      ? []
      : [
          [
            say('Excess return against {name}, before impact', { name: estimate.against }),
            numbers.text(estimate.excessReturn, 'percent'),
          ],
          [
            say('Impact at {capital}', { capital: numbers.text(estimate.capital, 'money') }),
            numbers.text(estimate.impactDrag, 'percent'),
          ],
          [say('Orders as share of daily volume, 95 % quantile'), numbers.text(estimate.participation.p95, 'percent')],
          [say('Days to trade, worst'), numbers.text(estimate.daysToTrade.worst, 'exact')],
        ];
  const table: Table = draft.table({
    id: 'rebalances',
    title: say('Every rebalance'),
    columns: [
      { title: say('Decided') },
      { title: say('Filled') },
      { title: say('Turnover'), unit: 'percent', total: 'sum' },
      { title: say('Cost'), unit: 'percent', total: 'sum' },
      { title: say('Holdings'), unit: 'integer' },
    ],
    rows: rebalances.map((item) => [
      item.decided,
      item.filled,
      draft.figure(item.turnover, 'percent', 'rebalance'),
      draft.figure(item.cost, 'percent', 'rebalance'),
      draft.figure(item.holdings, 'integer', 'rebalance'),
    ]),
  });
  return [
    { type: 'text', text: capacity?.verdict ?? say('Capacity: not computed.') },
    ...(estimates.length === 0 ? [] : [{ type: 'facts' as const, id: 'capacity', items: estimates }]),
    table,
  ];
}

export function foldTable(draft: Draft, { run }: RunFacts): Table {
  const { say } = draft;
  const names = [...new Set(run.folds.flatMap(({ metrics }) => Object.keys(metrics)))];
  const units = { return: 'percent', sharpe: 'decimal', rank_ic: 'probability' } as const;
  const unitOf = (name: string) => (name in units ? units[name as keyof typeof units] : 'decimal'); // checked by `in`
  return draft.table({
    id: 'folds',
    title: say('Folds of the walk-forward test'),
    columns: [
      { title: say('Trained on') },
      { title: say('Tested on') },
      { title: say('Rows'), unit: 'integer' },
      { title: say('Purged'), unit: 'integer' },
      ...names.map((name) => ({ title: say(name), unit: unitOf(name) })),
    ],
    rows: run.folds.map((fold) => [
      `${fold.trainFrom} … ${fold.trainTo}`,
      `${fold.testFrom} … ${fold.testTo}`,
      draft.figure(fold.trainRows, 'integer', 'fold'),
      draft.figure(fold.purged, 'integer', 'fold'),
      ...names.map((name) =>
        draft.figure(fold.metrics[name], unitOf(name), 'fold', say('Not computable in this fold.')),
      ),
    ]),
    ...(run.folds.length === 1 ? { note: say('One fold only: stability over time cannot be judged.') } : {}),
  });
}
