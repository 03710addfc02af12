/**
 * The plan of a list: target weights, the account's newest holdings, each asset's last close with its day, and what it trades in a day. What
 * is missing or too old is refused by name: an order is never made from a price that nobody can date.
 */
import { AppError } from '#base/errors';
import type { LimitAnswer } from '#contract/limits';
import type { OrderPlan, PlanInput } from '#contract/orders';
import type { RunConfig } from '#contract/runs';
import { LIQUIDITY_WINDOW } from '#quant/backtest/liquidity';
import { scaleToLimits } from '#quant/limits/scale-to-limits';
import { orderList, type OrderList } from '#quant/trading/order-list';
import type { DatasetService } from '../datasets/dataset-service';
import type { HoldingsService } from '../holdings/holdings-service';
import { annualCovariance, bookOf, weightsOf } from '../limits/book';
import type { LimitService } from '../limits/limit-service';
import type { PortfolioService } from '../portfolios/portfolio-service';
import { sha256 } from '../store/sha256';

export interface PlanServices {
  readonly datasets: Pick<DatasetService, 'find' | 'index' | 'field'>;
  readonly holdings: Pick<HoldingsService, 'show'>;
  readonly portfolios: Pick<PortfolioService, 'show'>;
  readonly limits: Pick<LimitService, 'limitsOf' | 'judge'>;
  configOf(run: string): RunConfig;
  now(): number;
}

export interface LastPrice {
  readonly price: number;
  /** ISO day. */
  readonly date: string;
  /** Average daily notional of 21 rows, currency; null where no volume is known. */
  readonly adv: number | null;
}

const DAY = 86_400_000;
const SCALING_ROUNDS = 3;

/** Last close at or before the end of each asset that has one, from the newest version of a dataset's name. */
export async function lastPrices(datasets: PlanServices['datasets'], dataset: string): Promise<Map<string, LastPrice>> {
  const { name } = datasets.find(dataset);
  const { dates, assets } = await datasets.index(name);
  const close = await datasets.field(name, 'close');
  if (close === undefined) throw new AppError('INVALID_DATA', `Expected closes in the dataset ${name}, found none.`);
  const volume = await datasets.field(name, 'volume');
  const n = assets.length;
  const found = new Map<string, LastPrice>();
  assets.forEach((asset, i) => {
    let row = dates.length - 1;
    while (row >= 0 && !(close[row * n + i] > 0)) row -= 1;
    if (row < 0) return;
    let notional = 0;
    let days = 0;
    for (let t = Math.max(0, row - LIQUIDITY_WINDOW + 1); volume !== undefined && t <= row; t++) {
      const traded = volume[t * n + i] * close[t * n + i];
      if (!(traded >= 0)) continue;
      notional += traded;
      days += 1;
    }
    found.set(asset, { price: close[row * n + i], date: dates[row], adv: notional > 0 ? notional / days : null });
  });
  return found;
}

/** The same portfolio, account, asset and attempt give the same order: what is sent twice is one order to its broker. */
export function clientOrderId(portfolio: string, account: string, asset: string, attempt: number): string {
  return `SX${sha256(JSON.stringify([portfolio, account, asset, attempt]))
    .slice(0, 22)
    .toUpperCase()}`;
}

/** Errors: NOT_FOUND for portfolio or holdings, INVALID_DATA for prices that are missing or stale, NOT_ENOUGH_DATA for volume. */
export async function planOrders(
  services: PlanServices,
  input: PlanInput,
  attemptOf: (portfolio: string, account: string) => number,
): Promise<OrderPlan> {
  const { portfolio: ref, account, broker, ...rules } = input;
  const portfolio = services.portfolios.show(ref);
  const config = services.configOf(portfolio.run);
  const book = services.holdings.show(account);
  const prices = await lastPrices(services.datasets, config.data.dataset);
  const targets = new Map(portfolio.weights.map(({ asset, weight }) => [asset, weight]));
  const held = new Map(book.positions.map(({ asset, shares }) => [asset, shares]));
  refuseStale(
    prices,
    [...new Set([...held.keys(), ...targets.keys()])].filter(
      (asset) => (targets.get(asset) ?? 0) !== 0 || held.has(asset),
    ),
    rules.maxPriceAgeDays,
    services.now(),
  );

  const { costs } = config.backtest;
  const listFor = (wanted: ReadonlyMap<string, number>): OrderList =>
    orderList({
      targets: wanted,
      prices: new Map([...prices].map(([asset, { price }]) => [asset, price])),
      holdings: held,
      cash: book.cash,
      lot: rules.lot,
      costRate: (costs.bps + costs.halfSpreadBps) / 10_000,
      minimumCost: costs.minimum,
      minimumNotional: rules.minimumNotional,
      maxAdvShare: rules.maxAdvShare,
      adv: new Map([...prices].flatMap(([asset, { adv }]) => (adv === null ? [] : [[asset, adv] as const]))),
    });
  const limits = services.limits.limitsOf('pre-trade');
  const tracked = [...new Set([...targets.keys(), ...held.keys()])].filter((asset) => prices.has(asset));
  const covariance = limits.some(({ kind }) => kind === 'tracking-error')
    ? await annualCovariance(services.datasets, config.data.dataset, tracked)
    : null;
  const before = weightsOf(held, book.cash, prices).weights;
  /** The book once everything is filled. */
  const bookAfter = ({ trades, cashAfter }: OrderList) => {
    const shares = new Map(held);
    for (const { asset, side, shares: count } of trades) {
      shares.set(asset, (shares.get(asset) ?? 0) + (side === 'buy' ? count : -count));
    }
    return bookOf({ portfolio, shares, before, cash: cashAfter, prices, covariance });
  };
  const judge = (planned: OrderList) => services.limits.judge(account, 'pre-trade', bookAfter(planned));
  let list = listFor(targets);
  let answers: LimitAnswer[] = judge(list);
  const toScale = answers.filter(
    ({ handling, outcome }) => handling === 'scale' && outcome !== 'holds' && outcome !== 'waived',
  );
  if (toScale.length > 0) {
    const scalable = limits.filter(({ handling }) => handling === 'scale');
    // Costs make the book smaller and with it each weight larger, and they depend on what is traded.
    for (let round = 0; round < SCALING_ROUNDS; round++) {
      const margin = (1 - list.cost / list.netAssetValue) ** 2;
      const tight = scalable.map((limit) => ({ ...limit, max: limit.max * margin }));
      list = listFor(scaleToLimits(tight, { ...bookAfter(list), weights: targets }).weights);
      if (judge(list).every(({ handling, holds }) => handling !== 'scale' || holds)) break;
    }
    answers = judge(list).map((answer) => {
      const first = toScale.find(({ limit }) => limit === answer.limit);
      return first !== undefined && answer.holds
        ? { ...answer, outcome: 'scaled', reason: `scaled down from ${first.value?.toPrecision(6) ?? 'unknown'}` }
        : answer;
    });
  }
  const attempt = attemptOf(portfolio.id, account);
  return {
    portfolio: portfolio.id,
    run: portfolio.run,
    runName: portfolio.runName,
    account,
    broker,
    holdings: book.id,
    attempt,
    decidedOn: portfolio.decidedOn,
    fillOn: portfolio.fillOn,
    rules,
    orders: list.trades.map((trade) => {
      const last = prices.get(trade.asset);
      const wanted = list.cut.get(trade.asset);
      return {
        order: clientOrderId(portfolio.id, account, trade.asset, attempt),
        ...trade,
        priceDate: last?.date ?? '',
        advShare: last?.adv == null ? null : trade.notional / last.adv,
        note: wanted === undefined ? '' : `cut from ${wanted} shares to the allowed share of daily volume`,
      };
    }),
    leftOut: [...list.leftOut],
    unknown: [...list.unknown],
    limits: answers,
    netAssetValue: list.netAssetValue,
    turnover: list.turnover,
    cost: list.cost,
    cashBefore: book.cash,
    cashAfter: list.cashAfter,
  };
}

function refuseStale(
  prices: ReadonlyMap<string, LastPrice>,
  assets: readonly string[],
  most: number,
  now: number,
): void {
  const ageOf = (date: string) => Math.floor(now / DAY) - Math.floor(Date.parse(date) / DAY);
  const stale = assets.flatMap((asset) => {
    const last = prices.get(asset);
    return last !== undefined && ageOf(last.date) > most ? [{ asset, date: last.date }] : [];
  });
  if (stale.length === 0) return;
  const named = stale.slice(0, 5).map(({ asset, date }) => `${asset} of ${date}`);
  throw new AppError(
    'INVALID_DATA',
    `Expected last closes at most ${most} days old, found ${stale.length} older: ${named.join(', ')}. Refresh the dataset, or allow older prices.`,
    { data: { stale: stale.slice(0, 100) } },
  );
}
