/** Portfolios on screen: the list, single portfolios, and the trades that lead to them from typed or pasted holdings. */
import { create } from 'zustand';
import type { Portfolio } from '#contract/portfolios';
import { client, type Client } from '#renderer/app/client';
import { coalesced, onChange } from '#renderer/app/live-store';
import { EMPTY_REMOTE, readInto, type Remote } from '#renderer/app/remote';
import { parseHoldings } from './parse-holdings';

export type PortfolioSummary = Awaited<ReturnType<Client['portfolios']['list']>>['portfolios'][number];
export type Trades = Awaited<ReturnType<Client['portfolios']['trades']>>;

interface PortfoliosState {
  readonly list: Remote<readonly PortfolioSummary[]>;
  readonly shown: Readonly<Record<string, Remote<Portfolio>>>;
  readonly trades: Readonly<Record<string, Remote<Trades>>>;
}

export const usePortfolios = create<PortfoliosState>(() => ({ list: EMPTY_REMOTE, shown: {}, trades: {} }));

export async function readPortfolios(): Promise<void> {
  await readInto(
    usePortfolios.getState().list,
    async () => (await client().portfolios.list({ limit: 500 })).portfolios,
    (list) => usePortfolios.setState({ list }),
  );
}

export async function readPortfolio(portfolio: string): Promise<Portfolio | null> {
  return readInto(
    usePortfolios.getState().shown[portfolio],
    () => client().portfolios.show({ portfolio }),
    (remote) => usePortfolios.setState(({ shown }) => ({ shown: { ...shown, [portfolio]: remote } })),
  );
}

export interface TradeRequest {
  /** CSV text: asset,shares. */
  readonly holdings: string;
  readonly cash: number;
  readonly lot: number;
}

/** Asks for the trades; text that is not a list of holdings becomes the error of the answer. */
export async function readTrades(portfolio: string, request: TradeRequest): Promise<void> {
  await readInto(
    undefined,
    async () => {
      const holdings = parseHoldings(request.holdings);
      return client().portfolios.trades({ portfolio, holdings, cash: request.cash, lot: request.lot });
    },
    (remote) => usePortfolios.setState(({ trades }) => ({ trades: { ...trades, [portfolio]: remote } })),
  );
}

/** The export as a file of the engine: name and text, already safe for spreadsheets. */
export async function exportPortfolio(portfolio: string): Promise<{ filename: string; text: string }> {
  return client().portfolios.export({ portfolio });
}

onChange(
  'portfolios',
  coalesced(() => {
    if (usePortfolios.getState().list.value !== null) void readPortfolios();
  }),
);
