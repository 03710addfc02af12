/** Portfolios and trades for people at a terminal. */
import type { Client } from '#contract/client';
import { more } from './present-datasets';
import { formatPairs, formatTable, percent } from './table';

type Answer<Name extends keyof Client['portfolios']> = Awaited<ReturnType<Client['portfolios'][Name]>>;

export function presentPortfolios({ portfolios, total }: Answer<'list'>): string {
  if (total === 0) return 'No portfolios yet; a run that succeeds makes one.\n';
  const table = formatTable(portfolios, [
    { title: 'ID', value: ({ id }) => id },
    { title: 'RUN', value: ({ runName }) => runName },
    { title: 'STRATEGY', value: ({ strategy }) => strategy },
    { title: 'DECIDED ON', value: ({ decidedOn }) => decidedOn },
    { title: 'FILL ON', value: ({ fillOn }) => fillOn },
  ]);
  return table + more(portfolios.length, total);
}

export function presentPortfolio(portfolio: Answer<'show'>): string {
  const head = formatPairs([
    ['portfolio', portfolio.id],
    ['run', portfolio.runName],
    ['strategy', portfolio.strategy],
    ['decided on', portfolio.decidedOn],
    ['fill on', portfolio.fillOn],
    ['cash', percent(portfolio.cash, 2)],
  ]);
  const checks = formatTable(portfolio.checks, [
    { title: 'CONSTRAINT', value: ({ constraint }) => constraint },
    { title: 'VALUE', value: ({ value }) => value },
    { title: 'LIMIT', value: ({ limit }) => limit, align: 'right' },
    { title: 'HOLDS', value: ({ satisfied }) => (satisfied ? 'yes' : 'NO') },
    { title: 'NOTE', value: ({ note }) => note, most: 60 },
  ]);
  return `${head}\n${presentWeights(portfolio.weights)}\n${checks}`;
}

/** Largest first; assets without weight are left out. */
export function presentWeights(weights: Answer<'show'>['weights'], most = Infinity): string {
  const held = weights.filter(({ weight }) => weight !== 0).sort((a, b) => b.weight - a.weight);
  const table = formatTable(held.slice(0, most), [
    { title: 'ASSET', value: ({ asset }) => asset },
    { title: 'SECTOR', value: ({ sector }) => sector },
    { title: 'WEIGHT', value: ({ weight }) => percent(weight, 2), align: 'right' },
    { title: 'FORECAST', value: ({ forecast }) => forecast, align: 'right' },
    { title: 'PRICE', value: ({ price }) => price },
  ]);
  return held.length > most ? `${table}… and ${held.length - most} more\n` : table;
}

export function presentTrades(answer: Answer<'trades'>): string {
  const table = formatTable(answer.trades, [
    { title: 'SIDE', value: ({ side }) => side },
    { title: 'ASSET', value: ({ asset }) => asset },
    { title: 'SHARES', value: ({ shares }) => shares },
    { title: 'PRICE', value: ({ price }) => price },
    { title: 'NOTIONAL', value: ({ notional }) => notional },
    { title: 'NOW', value: ({ currentWeight }) => percent(currentWeight, 2), align: 'right' },
    { title: 'TARGET', value: ({ targetWeight }) => percent(targetWeight, 2), align: 'right' },
    { title: 'COST', value: ({ cost }) => cost },
  ]);
  const totals = formatPairs([
    ['net asset value', answer.netAssetValue],
    ['turnover', percent(answer.turnover)],
    ['cost', answer.cost],
    ['cash after', answer.cashAfter],
    ...(answer.unknown.length === 0 ? [] : [['without a price, not traded', answer.unknown.join(', ')] as const]),
  ]);
  return `${table}\n${totals}`;
}
