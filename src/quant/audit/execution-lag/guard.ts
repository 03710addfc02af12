/** G4: the fills of the run, and the account under a signal that knows today's return. */
import { deriveSeed } from '#quant/array/random';
import type { PriceData } from '#quant/research/select-data';
import { type Finding, figure } from '../guard';
import { noisePrices } from '../noise-prices';
import type { AuditSubject, Trace } from '../study';
import { type Execute, executeWithSimulator, oracleScore } from './oracle';

const MOST_Z = 4;
const ASSETS = 20;
const ROWS = 1000;

export function checkExecutionLag(
  { config }: AuditSubject,
  base: Trace,
  seed: number,
  execute: Execute = executeWithSimulator,
): Finding {
  const { lag } = config.backtest;
  const fills = base.strategies.flatMap((strategy) => strategy.fills);
  const early = fills.filter(({ decisionRow, fillRow }) => fillRow < decisionRow + lag).length;
  const noise = noisePrices(unbroken(), { assets: ASSETS, rows: ROWS }, deriveSeed(seed, 'execution'));
  const z = oracleScore(noise, lag, execute);
  const clean = early === 0 && Math.abs(z) < MOST_Z;
  return {
    status: clean ? 'passed' : 'failed',
    summary:
      early > 0
        ? `${early} of ${fills.length} orders were filled less than ${lag} ${lag === 1 ? 'bar' : 'bars'} after their decision.`
        : clean
          ? `All ${fills.length} orders were filled ${lag} ${lag === 1 ? 'bar' : 'bars'} after their decision; an oracle of today earns z ${z.toFixed(1)}.`
          : `A signal that knows today’s return earns z ${z.toFixed(1)} on noise: orders are filled at prices that were already known.`,
    figures: [
      figure('orders', fills.length),
      figure('filled too early', early),
      figure('lag', lag, 'bars'),
      figure('z of the oracle', z),
    ],
    table: null,
    notes: [],
  };
}

/** A market without gaps: the clock of the account is tested, not the data of the run. */
function unbroken(): PriceData {
  const first = Date.UTC(2001, 0, 1);
  const day = 86_400_000;
  return {
    panel: {
      dates: Array.from({ length: ROWS }, (_, t) => new Date(first + t * day).toISOString().slice(0, 10)),
      assets: Array.from({ length: ASSETS }, (_, i) => `A${i}`),
      fields: { close: new Float64Array(ROWS * ASSETS).fill(1) },
    },
    benchmark: null,
  };
}
