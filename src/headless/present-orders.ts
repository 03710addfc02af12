/** Holdings and orders for people at a terminal. */
import type { Client } from '#contract/client';
import { more } from './present-datasets';
import { formatPairs, formatTable, percent } from './table';

type Orders<Name extends keyof Client['orders']> = Awaited<ReturnType<Client['orders'][Name]>>;
type Plan = Orders<'preview'>;

export function presentHoldings(book: Awaited<ReturnType<Client['holdings']['show']>>): string {
  const head = formatPairs([
    ['account', book.account],
    ['as of', book.asOf],
    ['version', String(book.version)],
    ['cash', `${book.cash.toFixed(2)} ${book.currency}`],
    ['source', book.source],
  ]);
  const table = formatTable(book.positions, [
    { title: 'ASSET', value: ({ asset }) => asset },
    { title: 'SHARES', value: ({ shares }) => shares, align: 'right' },
  ]);
  return `${head}\n${table}`;
}

export function presentPlan(plan: Plan): string {
  const table = formatTable(plan.orders, [
    { title: 'SIDE', value: ({ side }) => side },
    { title: 'ASSET', value: ({ asset }) => asset },
    { title: 'SHARES', value: ({ shares }) => shares, align: 'right' },
    { title: 'PRICE', value: ({ price }) => price },
    { title: 'OF', value: ({ priceDate }) => priceDate },
    { title: 'NOTIONAL', value: ({ notional }) => notional.toFixed(2), align: 'right' },
    { title: 'NOW', value: ({ currentWeight }) => percent(currentWeight, 2), align: 'right' },
    { title: 'TARGET', value: ({ targetWeight }) => percent(targetWeight, 2), align: 'right' },
    { title: 'NOTE', value: ({ note }) => note, most: 50 },
  ]);
  const totals = formatPairs([
    ['account', plan.account],
    ['net asset value', plan.netAssetValue.toFixed(2)],
    ['turnover', percent(plan.turnover, 2)],
    ['cost', plan.cost.toFixed(2)],
    ['cash before', plan.cashBefore.toFixed(2)],
    ['cash after', plan.cashAfter.toFixed(2)],
  ]);
  const left = plan.leftOut.map(({ asset, reason }) => `left out: ${asset}, ${reason}\n`).join('');
  const unknown = plan.unknown.length === 0 ? '' : `without a price, not traded: ${plan.unknown.join(', ')}\n`;
  return `${table}\n${totals}${left}${unknown}`;
}

export function presentOrderList(list: Orders<'show'>): string {
  const head = formatPairs([
    ['list', list.id],
    ['state', list.reason === null ? list.state : `${list.state}: ${list.reason}`],
    ['broker', list.broker],
    ['proposed by', list.proposedBy],
    ['approved by', list.approvedBy ?? 'nobody yet'],
    ['content hash', list.contentHash],
  ]);
  if (list.orders.length === 0) {
    const next =
      list.state === 'proposed'
        ? `Another person signs it off with: sextant orders approve ${list.id} ${list.contentHash}\n`
        : '';
    return `${head}\n${presentPlan(list.plan)}${next}`;
  }
  const table = formatTable(list.orders, [
    { title: 'ORDER', value: ({ order }) => order },
    { title: 'SIDE', value: ({ side }) => side },
    { title: 'ASSET', value: ({ asset }) => asset },
    { title: 'SHARES', value: ({ shares }) => shares, align: 'right' },
    { title: 'FILLED', value: ({ filled }) => filled, align: 'right' },
    { title: 'AVERAGE', value: ({ averagePrice }) => averagePrice, align: 'right' },
    {
      title: 'STATE',
      value: ({ state, cancelRequested }) =>
        cancelRequested && state !== 'cancelled' ? `${state}, cancel asked` : state,
    },
    { title: 'REASON', value: ({ reason }) => reason ?? '', most: 40 },
  ]);
  return `${head}\n${table}`;
}

export function presentOrderLists({ lists, total }: Orders<'list'>): string {
  if (total === 0) return 'No lists of orders yet. Propose one with: sextant orders propose\n';
  const table = formatTable(lists, [
    { title: 'ID', value: ({ id }) => id },
    { title: 'ACCOUNT', value: ({ account }) => account },
    { title: 'RUN', value: ({ runName }) => runName, most: 30 },
    { title: 'STATE', value: ({ state }) => state },
    { title: 'ORDERS', value: ({ planned }) => planned, align: 'right' },
    { title: 'PROPOSED BY', value: ({ proposedBy }) => proposedBy },
    { title: 'APPROVED BY', value: ({ approvedBy }) => approvedBy ?? '' },
  ]);
  return table + more(lists.length, total);
}

export function presentKillSwitch({ engaged, by, at, reason, cancelled }: Orders<'switch'>): string {
  if (at === null) return 'The kill switch is not engaged; it never was.\n';
  const what = engaged ? 'ENGAGED: nothing is released' : 'not engaged';
  return formatPairs([
    ['kill switch', what],
    [engaged ? 'since' : 'lifted', `${at} by ${by}`],
    ['reason', reason ?? ''],
    ['cancelled', `${cancelled} orders`],
  ]);
}
