/** Daily snapshot: where the strategy stands, what it holds, what is due, and how fresh the data are. */
import { trailingReturns } from '#quant/metrics/tear-sheet';
import { checkTable, curveChart, leakageText } from '../run-blocks';
import { primaryOf, returnsOf, type Content, type Draft } from '../drafting';
import type { RunFacts } from '../facts';
import type { Headline, Section } from '../model';
import { verdictText, verdictTone } from '../verdict';
import { weightTable } from '../weight-blocks';

const RECENT_DAYS = 253;

export function dailyReport(draft: Draft, facts: RunFacts): Content {
  const { say, facts: all } = draft;
  const { run, portfolio, series } = facts;
  const last = series.dates.at(-1) ?? '–';
  const violated = portfolio?.checks.filter(({ satisfied }) => !satisfied).length ?? 0;
  const leakage = leakageText(draft, facts);
  const from = Math.max(0, series.dates.length - RECENT_DAYS);
  const recent: RunFacts = {
    ...facts,
    series: {
      dates: series.dates.slice(from),
      strategies: series.strategies
        .filter(({ role }) => role !== 'compare')
        .map((strategy) => {
          const equity = strategy.equity.slice(from);
          return {
            ...strategy,
            equity: equity.map((value) => value / equity[0]),
            drawdown: strategy.drawdown.slice(from),
          };
        }),
    },
  };
  const sections: Section[] = [
    {
      id: 'today',
      title: say('Today'),
      blocks: [
        { type: 'headlines', items: standing(draft, facts) },
        {
          type: 'list',
          items: [
            portfolio === null
              ? say('There are no target weights.')
              : say('Next rebalance: {fill}, decided on the close of {decided}; {n} limits violated.', {
                  fill: portfolio.fillOn,
                  decided: portfolio.decidedOn,
                  n: violated,
                }),
            say('Data: {name} v{version} ends on {last}.', {
              name: all.dataset.name,
              version: all.dataset.version,
              last: all.dataset.manifest.lastDate,
            }),
            leakage.text,
          ],
        },
        curveChart(draft, recent, {
          id: 'equity',
          title: say('The last 12 months, growth of 1'),
          field: 'equity',
          unit: 'decimal',
        }),
      ],
    },
    {
      id: 'holdings',
      title: say('Target weights'),
      blocks:
        portfolio === null
          ? []
          : [weightTable(draft, { ...portfolio, weights: largest(portfolio.weights) }), checkTable(draft, facts)],
    },
  ];
  return {
    title: say('Daily snapshot of {date}', { date: last }),
    subtitle: `${primaryOf(facts).name} · ${run.config.experiment.name}`,
    verdict: verdictText(draft, facts),
    verdictTone: verdictTone(facts),
    withSeries: false,
    sections,
  };
}

function largest<Item extends { readonly weight: number }>(weights: readonly Item[]): Item[] {
  return [...weights].sort((a, b) => b.weight - a.weight).slice(0, 20);
}

function standing(draft: Draft, { series }: RunFacts): Headline[] {
  const { say, numbers } = draft;
  const primary = series.strategies.find(({ role }) => role === 'primary');
  const equity = primary?.equity ?? [];
  const returns = returnsOf(equity);
  const day = returns.at(-1);
  const trailing = returns.length === 0 ? [] : trailingReturns(series.dates.slice(1), returns, 252);
  const of = (title: string) => trailing.find((item) => item.title === title)?.value;
  const short = say('The history is shorter.');
  return [
    {
      label: say('Last day'),
      figure: draft.figure(day, 'percent', 'month', short),
      notes: [series.dates.at(-1) ?? '–'],
    },
    { label: say('Month to date'), figure: draft.figure(of('Month to date'), 'percent', 'month', short), notes: [] },
    { label: say('Year to date'), figure: draft.figure(of('Year to date'), 'percent', 'month', short), notes: [] },
    {
      label: say('Drawdown now'),
      figure: draft.figure(primary?.drawdown.at(-1), 'percent', 'drawdown', short),
      notes: [
        say('deepest {depth}', {
          depth: numbers.text(primary?.drawdown.reduce((least, value) => Math.min(least, value), 0) ?? 0, 'percent'),
        }),
      ],
    },
    {
      label: say('Invested'),
      figure: draft.figure(primary?.exposure.at(-1), 'percent', 'weight', short),
      notes: [say('of net asset value')],
    },
  ];
}
