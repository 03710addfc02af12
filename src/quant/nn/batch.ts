/** Shapes of batches and their checks: what every engine refuses before it touches memory, in the same words. */
import { AppError } from '#base/errors';
import type { Batch, GraphBatch, InputTable, SessionOptions } from './engine';
import type { Network } from './network';

/** Rows (graphs: nodes) of a batch. */
export function rowCount(batch: Batch): number {
  return batch.series.length;
}

/** Days that the network sees per row; 1 in graphs. */
export function stepCount(batch: Batch): number {
  if (batch.kind === 'windows') return batch.lookback;
  return batch.kind === 'sequences' ? batch.length : 1;
}

/** Predictions per row. */
export function predictionsPerRow(batch: Batch): number {
  return batch.kind === 'sequences' ? batch.length - batch.burnIn : 1;
}

/** First day that row `row` sees. */
export function firstDay(batch: Batch, row: number): number {
  if (batch.kind === 'windows') return batch.end[row] - batch.lookback + 1;
  return batch.kind === 'sequences' ? batch.start[row] : batch.day;
}

/** Refuses numbers that are no whole rows of a table, or more than it holds. Errors: BAD_REQUEST. */
export function checkTableLength({ series, days, inputs }: Omit<InputTable, 'values'>, values: Float32Array): void {
  const most = series * days * inputs;
  if (values.length > 0 && values.length <= most && values.length % inputs === 0) return;
  throw mismatch(`whole rows of ${inputs} inputs, at most ${most} numbers`, values.length);
}

/**
 * Refuses a batch that does not fit its network, its table or the session's largest batch.
 * Errors: BAD_REQUEST saying which number was expected and which was found.
 */
export function checkBatch(
  network: Network,
  table: Pick<InputTable, 'series' | 'days'>,
  options: Pick<SessionOptions, 'largest'>,
  batch: Batch,
): void {
  const rows = rowCount(batch);
  const steps = stepCount(batch);
  const { largest } = options;
  if ((batch.kind === 'graph') !== (network.kind === 'gat'))
    throw mismatch(`a batch for a ${network.kind} network`, batch.kind);
  if (!(rows >= 1 && rows <= largest.rows)) throw mismatch(`1 … ${largest.rows} rows`, rows);
  if (!(steps >= 1 && (batch.kind === 'graph' || steps <= largest.steps)))
    throw mismatch(`1 … ${largest.steps} days`, steps);
  if (batch.kind === 'sequences') {
    const { burnIn, length } = batch;
    if (!(burnIn >= 0 && burnIn < length)) throw mismatch(`a burn-in shorter than ${length} days`, burnIn);
  }
  for (let row = 0; row < rows; row++) {
    const first = firstDay(batch, row);
    if (batch.series[row] < table.series && first >= 0 && first + steps <= table.days) continue;
    const last = first + steps - 1;
    throw new AppError(
      'BAD_REQUEST',
      `Expected rows within ${table.series} series of ${table.days} days, found series ${batch.series[row]}, days ${first} … ${last}.`,
    );
  }
  const { targets } = batch;
  const predictions = rows * predictionsPerRow(batch);
  if (targets !== undefined && targets.length !== predictions) throw mismatch(`${predictions} targets`, targets.length);
  if (batch.kind === 'windows') checkGroups(batch.groups, rows);
  if (batch.kind === 'graph') checkGraph(batch, largest.edges ?? 0);
}

/** The targets of a batch. Errors: BAD_REQUEST where it has none. */
export function targetsOf({ targets }: Batch): Float32Array {
  if (targets !== undefined) return targets;
  throw new AppError('BAD_REQUEST', 'Expected a batch with targets, found none.');
}

function checkGroups(groups: Uint32Array, rows: number): void {
  let isRising = groups[0] === 0 && groups[groups.length - 1] === rows;
  for (let g = 1; g < groups.length; g++) isRising &&= groups[g] >= groups[g - 1];
  if (isRising) return;
  throw new AppError(
    'BAD_REQUEST',
    `Expected groups that rise from 0 to ${rows}, found ${groups.length} of them that do not.`,
  );
}

function checkGraph({ series, rowStart, columns }: GraphBatch, largestEdges: number): void {
  const nodes = series.length;
  if (rowStart.length !== nodes + 1) throw mismatch(`${nodes + 1} row starts`, rowStart.length);
  if (columns.length > largestEdges) throw mismatch(`at most ${largestEdges} edges`, columns.length);
  let isRising = rowStart[0] === 0 && rowStart[nodes] === columns.length;
  for (let i = 0; i < nodes; i++) isRising &&= rowStart[i + 1] >= rowStart[i];
  if (!isRising) throw new AppError('BAD_REQUEST', `Expected row starts that rise from 0 to ${columns.length}.`);
  for (let e = 0; e < columns.length; e++) {
    if (columns[e] >= nodes) throw mismatch(`edges between nodes 0 … ${nodes - 1}`, columns[e]);
  }
}

function mismatch(expected: string, found: number | string | undefined): AppError {
  return new AppError('BAD_REQUEST', `Expected ${expected}, found ${found}.`);
}
