/** The LSTM's dispatches: forward, head | loss | head backward, then per segment of days backward and weight gradients. */
import { firstDay, predictionsPerRow, rowCount, stepCount } from '#quant/nn/batch';
import type { Batch, SessionOptions } from '#quant/nn/engine';
import type { LstmNetwork } from '#quant/nn/network';
import type { BatchWords } from './batch-words';
import { vectorBytes, type BufferSpec } from './buffers';
import { headBackwardKernel, headKernel } from './lstm-head-kernels';
import { backwardKernel, forwardKernel, STORES_CHECKPOINTS, STORES_STATES, STORES_TOP } from './lstm-kernels';
import { lstmBatchWords, lstmShape, splitCount, type LstmShape } from './lstm-shape';
import { weightGradientKernel, weightTiles } from './lstm-weight-kernel';
import type { Program } from './program';
import { ROW_BASE } from './shader-parts';

export function lstmProgram(network: LstmNetwork, options: SessionOptions, days: number, sharedBytes: number): Program {
  const shape = lstmShape(network, options, sharedBytes);
  const { steps } = options.largest;
  const { hidden, segmentSteps: every } = shape;
  const forward = forwardKernel(shape);
  const head = headKernel(shape);
  const headBackward = headBackwardKernel(shape);
  const backward = backwardKernel(shape, false);
  const backwardWithInputs = backwardKernel(shape, true);
  const weights = weightGradientKernel(shape);
  const isWhole = shape.segments === 1;
  // Days 0 … end without states, the same with checkpoints (or, where all days are kept, with their states), then each segment.
  const segments = [
    [0, steps, STORES_TOP, every],
    [0, steps, STORES_TOP | (isWhole ? STORES_STATES : STORES_CHECKPOINTS), every],
    ...Array.from({ length: shape.segments }, (_, s) => [s * every, (s + 1) * every, STORES_STATES, every]),
  ] as [number, number, number, number][]; // four numbers each
  const tiles = (batch: Batch) => Math.ceil(rowCount(batch) / shape.tileRows);
  const tileCount = weightTiles(shape);
  return {
    buffers: buffersOf(shape, options),
    batchWords: lstmBatchWords(options),
    packing: shape.packing,
    packedVectors: shape.packedVectors,
    transposed: {
      blocks: shape.layers.map(({ inputs, offset, transposed }) => ({
        offset,
        rows: inputs + hidden,
        columns: hidden,
        transposed,
      })),
      vectors: shape.transposedVectors,
    },
    segments,
    writeBatch: (batch, words) => writeRows(batch, days, words),
    splits: (batch) => splitCount(rowCount(batch)),
    forward(batch, isTraining, dispatch) {
      dispatch(forward, tiles(batch), 1, isTraining ? 1 : 0);
      dispatch(head, Math.ceil((rowCount(batch) * predictionsPerRow(batch)) / 64));
    },
    backward(batch, wantsInputs, dispatch) {
      const splits = splitCount(rowCount(batch));
      dispatch(headBackward, splits);
      for (let s = Math.ceil(stepCount(batch) / every) - 1; s >= 0; s--) {
        if (!isWhole) dispatch(forward, tiles(batch), 1, 2 + s);
        dispatch(wantsInputs ? backwardWithInputs : backward, tiles(batch), 1, 2 + s);
        dispatch(weights, tileCount, splits, 2 + s);
      }
    },
  };
}

function writeRows(batch: Batch, days: number, words: BatchWords): void {
  const rows = rowCount(batch);
  words.set('rows', rows);
  words.set('steps', stepCount(batch));
  words.set('from', stepCount(batch) - predictionsPerRow(batch));
  words.take(rows);
  for (let row = 0; row < rows; row++) words.words[ROW_BASE + row] = batch.series[row] * days + firstDay(batch, row);
}

function buffersOf(shape: LstmShape, { largest }: SessionOptions): BufferSpec[] {
  const { rows, steps } = largest;
  const { hidden, network, segmentSteps, segments, precision } = shape;
  const perState = network.layers * rows * hidden;
  const halves = precision === 'f16' ? 2 : 1;
  const entries = rows * steps;
  const isCheckpointed = segments > 1;
  const activation = (name: string, floats: number): BufferSpec => ({
    name,
    bytes: vectorBytes(floats),
    holds: 'activations',
  });
  const workspace = (name: string, floats: number): BufferSpec => ({
    name,
    bytes: vectorBytes(floats),
    holds: 'workspace',
  });
  return [
    activation('gates', (4 * perState * segmentSteps) / halves),
    activation('states', (2 * perState * (segmentSteps + 1)) / halves),
    activation('checkpoints', isCheckpointed ? 2 * perState * (segments - 1) : 0),
    activation('top', entries * hidden),
    workspace('carry', isCheckpointed ? 2 * perState : 0),
    workspace('partial', splitCount(rows) * 4 * shape.packedVectors),
    workspace('predictions', entries),
    workspace('slopes', entries),
    workspace('work', entries),
  ];
}
