/** G4: the fills of the run, and the account under a signal that knows today's return. */
import { deriveSeed } from '../../array/random';
import { type Finding, figure } from '../guard';
import { noisePrices } from '../noise-prices';
import type { AuditSubject, Trace } from '../study';
import { type Execute, executeWithSimulator, oracleScore } from './oracle';

const MOST_Z = 4;
const SHAPE = { assets: 20, rows: 1000 };

export function checkExecutionLag(
  { config, data }: AuditSubject,
  base: Trace,
  seed: number,
  execute: Execute = executeWithSimulator,
): Finding {
  const { lag } = config.backtest;
  const fills = base.strategies.flatMap((strategy) => strategy.fills);
  const early = fills.filter(({ decisionRow, fillRow }) => fillRow < decisionRow + lag).length;
  const noise = withoutGaps(noisePrices(data, SHAPE, deriveSeed(seed, 'execution')));
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

/** Gaps would let yesterday's price stand for today's, which is not what is tested here. */
function withoutGaps(data: ReturnType<typeof noisePrices>): ReturnType<typeof noisePrices> {
  const { close } = data.panel.fields;
  const n = data.panel.assets.length;
  const filled = close.slice();
  for (let i = 0; i < n; i++) if (!(filled[i] > 0)) filled[i] = 100;
  for (let at = n; at < filled.length; at++) if (!(filled[at] > 0)) filled[at] = filled[at - n];
  return { ...data, panel: { ...data.panel, fields: { close: filled } } };
}
