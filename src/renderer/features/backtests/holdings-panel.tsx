/** The side panel of one rebalance: when it was decided and filled, what it cost, and the weights it aimed at. */
import { Select } from '@mantine/core';
import { useEffect } from 'react';
import { decimal, percent } from '#renderer/format';
import { Icon } from '#renderer/ui/icon';
import type { RunWeights, StrategySeries } from '../runs/runs-store';

export interface HoldingsPanelProps {
  readonly path: StrategySeries;
  readonly weights: RunWeights | null;
  /** Date of the decision. */
  readonly day: string;
  readonly setDay: (day: string) => void;
  readonly close: () => void;
}

interface HoldingRow {
  readonly asset: string;
  readonly sector: string;
  readonly weight: number;
  /** Change against the rebalance before. */
  readonly change: number;
}

function rowsOf(weights: RunWeights, day: string): HoldingRow[] {
  const row = weights.dates.indexOf(day);
  if (row < 0) return [];
  const before = weights.weights[row - 1];
  return weights.assets
    .map((asset, column) => ({
      asset,
      sector: weights.sectors[column],
      weight: weights.weights[row][column],
      change: weights.weights[row][column] - (before?.[column] ?? 0),
    }))
    .filter(({ weight, change }) => Math.abs(weight) > 1e-9 || Math.abs(change) > 1e-9)
    .sort((a, b) => b.weight - a.weight);
}

/** A change that is written as 0.00 % has no tone. */
function toneOf(change: number): 'gain' | 'loss' | 'faint' {
  if (Math.abs(change) < 0.00005) return 'faint';
  return change > 0 ? 'gain' : 'loss';
}

export function HoldingsPanel({ path, weights, day, setDay, close }: HoldingsPanelProps) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') close();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [close]);
  const rebalance = path.rebalances.find(({ decided, filled }) => decided === day || filled === day);
  const rows = weights === null ? [] : rowsOf(weights, day);
  return (
    <aside className="side-panel" aria-label={`Holdings decided on ${day}`}>
      <header className="table-tools">
        <Select
          aria-label="Rebalance"
          searchable
          className="grow"
          data={path.rebalances.map(({ decided }) => decided)}
          value={day}
          onChange={(value) => value !== null && setDay(value)}
        />
        <button type="button" className="icon-button" aria-label="Close the panel" onClick={close}>
          <Icon name="close" size={16} />
        </button>
      </header>
      <div className="card-body" style={{ padding: 12 }}>
        <dl className="facts">
          <dt>Strategy</dt>
          <dd>{path.name}</dd>
          {rebalance !== undefined && (
            <>
              <dt>Decided</dt>
              <dd>{rebalance.decided}, after the close</dd>
              <dt>Filled</dt>
              <dd>{rebalance.filled}, at the close</dd>
              <dt>Turnover</dt>
              <dd>{percent(rebalance.turnover)} one-way</dd>
              <dt>Cost</dt>
              <dd>{decimal(rebalance.cost * 10_000, 1)} bps of net asset value</dd>
            </>
          )}
        </dl>
      </div>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Asset</th>
            <th scope="col">Sector</th>
            <th scope="col" className="right">
              Weight
            </th>
            <th scope="col" className="right">
              Change
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.asset}>
              <th scope="row">{row.asset}</th>
              <td className="clip">{row.sector}</td>
              <td className="right">{percent(row.weight, 2)}</td>
              <td className={`right ${toneOf(row.change)}`}>{percent(row.change, 2, true)}</td>
            </tr>
          ))}
          {rows.length === 0 && (
            <tr>
              <td colSpan={4} className="faint">
                {weights === null ? 'Reading the weights …' : 'No weights are kept for this day.'}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </aside>
  );
}
