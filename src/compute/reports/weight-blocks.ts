/** Target weights as a table, the largest first, with their sum as a total. */
import type { Portfolio } from '#contract/portfolios';
import type { Draft } from './drafting';
import type { Table } from './model';

export function weightTable(draft: Draft, portfolio: Portfolio, title?: string): Table {
  const { say, facts } = draft;
  const held = portfolio.weights
    .filter(({ weight }) => weight !== 0)
    .sort((a, b) => b.weight - a.weight || (a.asset < b.asset ? -1 : 1));
  const limit = Math.max(...held.map(({ weight }) => Math.abs(weight)), 1e-12);
  const currency = facts.currency === '' ? '' : ` (${facts.currency})`;
  return draft.table({
    id: 'weights',
    title:
      title ??
      say('Decided on the close of {decided}, to be filled on {fill}', {
        decided: portfolio.decidedOn,
        fill: portfolio.fillOn,
      }),
    columns: [
      { title: say('Asset') },
      { title: say('Sector') },
      { title: say('Weight'), unit: 'percent', total: 'sum', scale: { kind: 'bar', limit } },
      { title: say('Bounds') },
      { title: say('Forecast'), unit: 'percent' },
      { title: `${say('Price')}${currency}`, unit: 'decimal' },
    ],
    rows: held.map((item) => [
      item.asset,
      item.sector === '' ? say('unknown') : item.sector,
      draft.figure(item.weight, 'percent', 'weight'),
      `${draft.numbers.text(item.lower, 'percent')} … ${draft.numbers.text(item.upper, 'percent')}`,
      draft.figure(item.forecast, 'percent', 'recorded', say('The strategy makes no forecast.')),
      draft.figure(item.price, 'decimal', 'recorded'),
    ]),
    note: say('Cash {cash}. {n} of {all} assets are held.', {
      cash: draft.numbers.text(portfolio.cash, 'percent'),
      n: held.length,
      all: portfolio.weights.length,
    }),
  });
}
