/** Monthly rebalance: what to hold, what changes, what it costs, and whether every constraint holds. */
import { checkTable, leakageText } from '../run-blocks';
import { primaryOf, type Content, type Draft } from '../drafting';
import type { RunFacts } from '../facts';
import type { Section, Table } from '../model';
import { verdictText } from '../verdict';
import { weightTable } from '../weight-blocks';

const NEGLIGIBLE = 1e-9;

interface Change {
  readonly asset: string;
  readonly sector: string;
  readonly from: number;
  readonly to: number;
}

export function changesOf({ portfolio, lastWeights }: RunFacts): Change[] {
  const from = lastWeights?.weights ?? {};
  const targets = new Map(portfolio?.weights.map((item) => [item.asset, item]) ?? []);
  const assets = [...new Set([...targets.keys(), ...Object.keys(from)])];
  return assets
    .map((asset) => ({
      asset,
      sector: targets.get(asset)?.sector ?? lastWeights?.sectors[asset] ?? '',
      from: from[asset] ?? 0,
      to: targets.get(asset)?.weight ?? 0,
    }))
    .filter((change) => Math.abs(change.to - change.from) > NEGLIGIBLE)
    .sort((a, b) => b.to - b.from - (a.to - a.from) || (a.asset < b.asset ? -1 : 1));
}

export function rebalanceReport(draft: Draft, facts: RunFacts): Content {
  const { say, numbers } = draft;
  const { portfolio, run } = facts;
  const title = say('Rebalance report');
  if (portfolio === null) {
    return {
      title,
      subtitle: run.config.experiment.name,
      verdict: say('The run made no portfolio: there is nothing to rebalance.'),
      verdictTone: 'warn',
      withSeries: false,
      sections: [],
    };
  }
  const changes = changesOf(facts);
  const turnover = changes.reduce((sum, { from, to }) => sum + Math.abs(to - from), 0) / 2;
  const { bps, halfSpreadBps } = run.config.backtest.costs;
  const cost = (2 * turnover * (bps + halfSpreadBps)) / 1e4;
  const violated = portfolio.checks.filter(({ satisfied }) => !satisfied).length;
  const leakage = leakageText(draft, facts);
  const sections: Section[] = [
    {
      id: 'summary',
      title: say('In short'),
      blocks: [
        {
          type: 'headlines',
          items: [
            {
              label: say('Turnover'),
              figure: draft.figure(turnover, 'percent', 'trade'),
              notes: [say('one-way, ½ Σ|Δw|')],
            },
            {
              label: say('Cost of trading'),
              figure: draft.figure(cost, 'fine', 'trade'),
              notes: [say('of net asset value'), `${numbers.text(bps + halfSpreadBps, 'exact')} bps`],
            },
            {
              label: say('Positions'),
              figure: draft.figure(portfolio.weights.filter(({ weight }) => weight !== 0).length, 'integer', 'weight'),
              notes: [say('{n} change', { n: changes.length })],
            },
            {
              label: say('Cash'),
              figure: draft.figure(portfolio.cash, 'percent', 'weight'),
              notes: [say('of net asset value')],
            },
            {
              label: say('Constraints violated'),
              figure: draft.figure(violated, 'integer', 'check'),
              notes: [say('of {n}', { n: portfolio.checks.length })],
            },
          ],
        },
        { type: 'text', text: say('Evidence behind the strategy: {verdict}', { verdict: verdictText(draft, facts) }) },
        { type: 'text', text: leakage.text, tone: leakage.tone },
      ],
    },
    { id: 'trades', title: say('Changes'), blocks: [changeTable(draft, facts, changes)] },
    { id: 'weights', title: say('Target weights'), blocks: [weightTable(draft, portfolio), sectorTable(draft, facts)] },
    { id: 'constraints', title: say('Constraints'), blocks: [checkTable(draft, facts)] },
  ];
  return {
    title,
    subtitle: `${primaryOf(facts).name} · ${run.config.experiment.name}`,
    verdict:
      violated > 0
        ? say('{n} constraints are violated. Do not trade before they are resolved or waived.', { n: violated })
        : say('Trade on {fill}: {n} changes, turnover {turnover}; every constraint holds.', {
            fill: portfolio.fillOn,
            n: changes.length,
            turnover: numbers.text(turnover, 'percent'),
          }),
    verdictTone: violated > 0 ? 'bad' : 'good',
    withSeries: false,
    sections,
  };
}

function changeTable(draft: Draft, facts: RunFacts, changes: readonly Change[]): Table {
  const { say } = draft;
  const limit = Math.max(...changes.map(({ from, to }) => Math.abs(to - from)), 1e-12);
  return draft.table({
    id: 'changes',
    title: say('Changes of weight'),
    columns: [
      { title: say('Asset') },
      { title: say('Sector') },
      { title: say('Side') },
      { title: say('Current'), unit: 'percent', total: 'sum' },
      { title: say('Target'), unit: 'percent', total: 'sum' },
      { title: say('Change'), unit: 'percent', total: 'sum', scale: { kind: 'diverging', limit } },
    ],
    rows: changes.map(({ asset, sector, from, to }) => [
      asset,
      sector === '' ? say('unknown') : sector,
      to > from ? say('buy') : say('sell'),
      draft.figure(from, 'percent', 'trade'),
      draft.figure(to, 'percent', 'trade'),
      draft.figure(to - from, 'percent', 'trade'),
    ]),
    note:
      facts.lastWeights === null
        ? say('No earlier weights are stored: everything is bought from cash.')
        : say(
            'Current weights are the targets of {date}, not drifted. For whole shares from your own holdings: sextant portfolios trades.',
            {
              date: facts.lastWeights.decided,
            },
          ),
  });
}

function sectorTable(draft: Draft, { portfolio }: RunFacts): Table {
  const { say } = draft;
  const sums = new Map<string, number>();
  for (const { sector, weight } of portfolio?.weights ?? []) sums.set(sector, (sums.get(sector) ?? 0) + weight);
  const rows = [...sums].filter(([, weight]) => weight !== 0).sort(([, a], [, b]) => b - a);
  return draft.table({
    id: 'sectors',
    title: say('By sector'),
    columns: [
      { title: say('Sector') },
      { title: say('Weight'), unit: 'percent', total: 'sum', scale: { kind: 'bar', limit: rows[0]?.[1] ?? 1 } },
    ],
    rows: rows.map(([sector, weight]) => [
      sector === '' ? say('unknown') : sector,
      draft.figure(weight, 'percent', 'weight'),
    ]),
  });
}
