/**
 * What a training task will take, before it takes anything: the largest micro-batch whose plan fits the budget, then recomputation of
 * hidden states, then nothing smaller is left and the task is refused with the numbers.
 */
import { AppError } from '#base/errors';
import type { MemoryUse, NetworkEngine, SessionOptions } from '#quant/nn/engine';
import type { Network } from '#quant/nn/network';

export interface SessionShape {
  readonly network: Network;
  readonly table: { readonly series: number; readonly days: number; readonly inputs: number };
  /** Rows of the largest update, days per row, edges of the largest graph. */
  readonly largest: { readonly rows: number; readonly steps: number; readonly edges: number };
  /** Fewest rows of a micro-batch: 1 where a loss may be cut anywhere, otherwise the largest date. */
  readonly leastRows: number;
  readonly options: Pick<SessionOptions, 'seed' | 'precision' | 'strict'> & { readonly threads?: number };
}

export interface MemoryPlan {
  /** Rows computed at a time; gradients are accumulated to the whole batch. */
  readonly microRows: number;
  readonly accumulation: number;
  /** Every k-th hidden state is kept; 0 = all. */
  readonly checkpointEvery: number;
  readonly memory: MemoryUse;
  readonly budget: number;
}

export function sessionOptions(shape: SessionShape, microRows: number, checkpointEvery: number): SessionOptions {
  const { rows: _, ...largest } = shape.largest;
  return { ...shape.options, largest: { rows: microRows, ...largest }, checkpointEvery };
}

/** Errors: TOO_LARGE with the least that would be needed; DEVICE_UNAVAILABLE for a precision that the engine has not. */
export function planMemory(engine: Pick<NetworkEngine, 'plan'>, shape: SessionShape, budget: number): MemoryPlan {
  const { network, table, largest, leastRows } = shape;
  const planned = (microRows: number, checkpointEvery: number): MemoryPlan => ({
    microRows,
    accumulation: Math.ceil(largest.rows / microRows),
    checkpointEvery,
    memory: engine.plan(network, sessionOptions(shape, microRows, checkpointEvery), table),
    budget,
  });
  // Keeping every √T-th state costs least memory in all (Chen, Xu, Zhang, Guestrin 2016).
  const sparse = network.kind === 'lstm' && largest.steps > 3 ? Math.ceil(Math.sqrt(largest.steps)) : 0;
  let least = planned(largest.rows, 0);
  for (const checkpointEvery of sparse > 0 ? [0, sparse] : [0]) {
    for (let rows = largest.rows; ; rows = Math.max(leastRows, Math.ceil(rows / 2))) {
      least = planned(rows, checkpointEvery);
      if (least.memory.total <= budget) return least;
      if (rows <= leastRows) break;
    }
  }
  throw new AppError(
    'TOO_LARGE',
    `Expected a training step within ${mebibytes(budget)} MiB, found that the smallest needs ${mebibytes(least.memory.total)} MiB ` +
      `(${leastRows} rows at a time). Lower the hidden size, the look-back or the number of assets.`,
    { data: { budget, needed: least.memory.total } },
  );
}

/** Half the rows; null where nothing smaller is allowed. */
export function halved(plan: MemoryPlan, shape: SessionShape, engine: Pick<NetworkEngine, 'plan'>): MemoryPlan | null {
  const rows = Math.max(shape.leastRows, Math.ceil(plan.microRows / 2));
  if (rows >= plan.microRows) return null;
  return {
    ...plan,
    microRows: rows,
    accumulation: Math.ceil(shape.largest.rows / rows),
    memory: engine.plan(shape.network, sessionOptions(shape, rows, plan.checkpointEvery), shape.table),
  };
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
