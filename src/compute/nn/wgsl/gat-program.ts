/** Graph attention's dispatches: layers + 1 forward, layers + 1 backward, and one for the gradients of all parameters. */
import { AppError } from '#base/errors';
import type { Batch, GraphBatch, SessionOptions } from '#quant/nn/engine';
import type { GatNetwork } from '#quant/nn/network';
import type { BatchWords } from './batch-words';
import { vectorBytes, type BufferSpec } from './buffers';
import { backwardStage, forwardStage, parameterSlopes } from './gat-kernels';
import { gatBatchWords, gatShape, nodeSplits, THREADS, type GatShape } from './gat-shape';
import type { Program } from './program';
import { ROW_BASE } from './shader-parts';

export function gatProgram(network: GatNetwork, options: SessionOptions, days: number, sharedBytes: number): Program {
  const shape = gatShape(network, options, sharedBytes);
  const stages = Array.from({ length: network.layers.length + 1 }, (_, stage) => stage);
  const forward = stages.map((stage) => forwardStage(shape, stage));
  const backward = stages.map((stage) => backwardStage(shape, stage, false));
  const lastWithInputs = backwardStage(shape, 0, true);
  const parameters = parameterSlopes(shape);
  return {
    buffers: buffersOf(shape, options),
    batchWords: gatBatchWords(options),
    packing: Uint32Array.from({ length: shape.parameters }, (_, k) => k),
    packedVectors: shape.packedVectors,
    transposed: { blocks: [], vectors: 0 },
    segments: [],
    writeBatch: (batch, words) => writeGraph(asGraph(batch), days, words),
    splits: (batch) => nodeSplits(asGraph(batch).series.length),
    forward(batch, _isTraining, dispatch) {
      for (const kernel of forward) dispatch(kernel, asGraph(batch).series.length);
    },
    backward(batch, wantsInputs, dispatch) {
      const nodes = asGraph(batch).series.length;
      for (let stage = stages.length - 1; stage >= 0; stage--) {
        dispatch(stage === 0 && wantsInputs ? lastWithInputs : backward[stage], nodes);
      }
      dispatch(parameters, Math.ceil((4 * shape.packedVectors) / THREADS), nodeSplits(nodes));
    },
  };
}

function asGraph(batch: Batch): GraphBatch {
  if (batch.kind === 'graph') return batch;
  throw new AppError('INTERNAL', 'A batch of another kind of network passed its check.');
}

/** The graph by target as it comes, and by source: who attends to a node, and over which edge. */
function writeGraph({ series, day, rowStart, columns }: GraphBatch, days: number, words: BatchWords): void {
  const nodes = series.length;
  words.set('rows', nodes);
  words.set('steps', 1);
  words.set('edges', columns.length);
  words.take(nodes);
  for (let i = 0; i < nodes; i++) words.words[ROW_BASE + i] = series[i] * days + day;
  words.add('rowStart', rowStart);
  words.add('columns', columns);
  const { start, edges, targets } = bySource(rowStart, columns);
  words.add('sourceStart', start);
  words.add('sourceEdge', edges);
  words.add('sourceTarget', targets);
}

interface SourceRows {
  readonly rowStart: Uint32Array;
  readonly start: Uint32Array;
  readonly edges: Uint32Array;
  readonly targets: Uint32Array;
}

/** A graph is trained on epoch after epoch; turning it around costs more than a step's other work on the processor. */
const turned = new WeakMap<Uint32Array, SourceRows>();

function bySource(rowStart: Uint32Array, columns: Uint32Array): SourceRows {
  const known = turned.get(columns);
  if (known?.rowStart === rowStart) return known;
  const nodes = rowStart.length - 1;
  const start = new Uint32Array(nodes + 1);
  for (const column of columns) start[column + 1]++;
  for (let j = 0; j < nodes; j++) start[j + 1] += start[j];
  const edges = new Uint32Array(columns.length);
  const targets = new Uint32Array(columns.length);
  const next = start.slice();
  for (let i = 0; i < nodes; i++) {
    for (let e = rowStart[i]; e < rowStart[i + 1]; e++) {
      const place = next[columns[e]]++;
      edges[place] = e;
      targets[place] = i;
    }
  }
  const made = { rowStart, start, edges, targets };
  turned.set(columns, made);
  return made;
}

function buffersOf(shape: GatShape, { largest }: SessionOptions): BufferSpec[] {
  const { rows, edges = 0 } = largest;
  const spec = (name: string, floats: number, holds: BufferSpec['holds']): BufferSpec => ({
    name,
    bytes: vectorBytes(floats),
    holds,
  });
  return [
    spec('nodes', shape.nodeFloats, 'activations'),
    ...shape.layers.flatMap(({ index, heads }) => [
      spec(`attention${index}`, edges * heads, 'activations'),
      spec(`edgeSlopes${index}`, edges * heads, 'workspace'),
    ]),
    spec('node_slopes', shape.slopeFloats, 'workspace'),
    spec('partial', nodeSplits(rows) * 4 * shape.packedVectors, 'workspace'),
    spec('predictions', rows, 'workspace'),
    spec('slopes', rows, 'workspace'),
    spec('work', rows, 'workspace'),
  ];
}
