/** Trades from what is held now: paste or drop holdings as CSV, say the cash, and read what to buy and sell. */
import { Button, FileButton, NumberInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { toCsv } from '#base/csv';
import { toWire } from '#base/errors';
import type { Portfolio } from '#contract/portfolios';
import { download } from '#renderer/download';
import { decimal, integer, percent, plural } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { ErrorNotice } from '#renderer/ui/error-notice';
import { Skeleton } from '#renderer/ui/remote-view';
import { readTrades, type Trades, usePortfolios } from './portfolios-store';

function save(portfolio: Portfolio, { trades }: Trades): void {
  const header = ['asset', 'side', 'shares', 'price', 'notional', 'current_weight', 'target_weight', 'cost'];
  const rows = trades.map((trade) => [
    trade.asset,
    trade.side,
    trade.shares,
    trade.price,
    trade.notional,
    trade.currentWeight,
    trade.targetWeight,
    trade.cost,
  ]);
  download(`trades-${portfolio.fillOn}.csv`, toCsv(header, rows), 'text/csv');
}

function TradeTable({ portfolio, result }: { readonly portfolio: Portfolio; readonly result: Trades }) {
  return (
    <div className="stack tight">
      <div className="row apart">
        <p className="caption num">
          {plural(result.trades.length, 'trade')} · turnover {percent(result.turnover)} one-way · cost{' '}
          {decimal(result.cost)} · cash after {decimal(result.cashAfter)} of {decimal(result.netAssetValue)}
        </p>
        <Button variant="default" onClick={() => save(portfolio, result)}>
          Export trades
        </Button>
      </div>
      {result.unknown.length > 0 && (
        <p className="notice" data-tone="warn">
          Not traded, because the dataset has no price for them: {result.unknown.join(', ')}.
        </p>
      )}
      <div className="table-scroll" style={{ maxHeight: 320 }} tabIndex={0} role="region" aria-label="Trades, table">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Asset</th>
              <th scope="col">Side</th>
              <th scope="col" className="right">
                Shares
              </th>
              <th scope="col" className="right">
                Notional
              </th>
              <th scope="col" className="right">
                Weight
              </th>
            </tr>
          </thead>
          <tbody>
            {result.trades.map((trade) => (
              <tr key={trade.asset}>
                <th scope="row">{trade.asset}</th>
                <td className={trade.side === 'buy' ? 'gain' : 'loss'}>{trade.side === 'buy' ? '↑ buy' : '↓ sell'}</td>
                <td className="right">{integer(trade.shares)}</td>
                <td className="right">{decimal(trade.notional, 0)}</td>
                <td className="right">
                  {percent(trade.currentWeight)} → {percent(trade.targetWeight)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

export function TradesCard({ portfolio }: { readonly portfolio: Portfolio }) {
  const remote = usePortfolios((state) => state.trades[portfolio.id]);
  const [holdings, setHoldings] = useState('');
  const [cash, setCash] = useState(1_000_000);
  const [lot, setLot] = useState(1);
  return (
    <Card title="Trades to do">
      <form
        className="stack tight"
        onSubmit={(event) => {
          event.preventDefault();
          void readTrades(portfolio.id, { holdings, cash, lot });
        }}
      >
        <Textarea
          label="Current holdings"
          description="asset,shares a line; empty where only cash is held"
          placeholder={'AAPL,120\nMSFT,45'}
          autosize
          minRows={3}
          maxRows={8}
          value={holdings}
          onChange={(event) => setHoldings(event.currentTarget.value)}
          styles={{ input: { fontFamily: 'var(--font-mono)' } }}
        />
        <div className="row" style={{ alignItems: 'end' }}>
          <NumberInput
            label="Cash"
            description="currency"
            thousandSeparator=","
            value={cash}
            onChange={(value) => setCash(typeof value === 'number' ? value : 0)}
            className="grow"
          />
          <NumberInput
            label="Lot"
            description="shares"
            min={0.0001}
            value={lot}
            onChange={(value) => setLot(typeof value === 'number' ? value : 1)}
            w={80}
          />
          <FileButton accept=".csv,text/csv" onChange={(file) => void file?.text().then(setHoldings)}>
            {(props) => (
              <Button {...props} variant="default">
                Open CSV
              </Button>
            )}
          </FileButton>
          <Button type="submit" variant="default">
            Work out trades
          </Button>
        </div>
      </form>
      <div style={{ marginTop: 12 }}>
        {remote?.loading === true && remote.value === null && <Skeleton lines={4} what="the trades" />}
        {remote?.error != null && <ErrorNotice error={toWire(remote.error)} kept="What was typed." />}
        {remote?.value != null && <TradeTable portfolio={portfolio} result={remote.value} />}
      </div>
    </Card>
  );
}
