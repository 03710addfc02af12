/**
 * What a training session takes from the system at its peak, beside what its plan said: one case per process, since a process gives freed
 * memory back late and would lend it to the next case. Linux alone can forget a peak (`clear_refs`, proc(5)); elsewhere there is no answer.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { loadEngine } from '#compute/nn/engines';
import { createRandom } from '#quant/array/random';
import type { Batch, InputTable, NetworkSession, SessionOptions, Update } from '#quant/nn/engine';
import type { Network } from '#quant/nn/network';

export const MEMORY_CASES = ['lstm', 'lstm-every-8th', 'lstm-two-threads', 'gat'] as const;
export type MemoryCase = (typeof MEMORY_CASES)[number];

export interface MeasuredPeak {
  /** Bytes that the plan states, and of them what is kept for the backward pass. */
  readonly planned: number;
  readonly activations: number;
  /** Bytes by which the resident memory had grown at its peak. */
  readonly grown: number;
}

interface Problem {
  readonly network: Network;
  readonly table: InputTable;
  readonly batch: Batch;
  readonly options: SessionOptions;
}

const update: Update = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: null };
const INPUTS = 16;

/**
 * Opens the session, takes a step, and reads the peak. The data exist before anything is measured.
 * @param unplanned share of the plan that is taken besides it: what a forgotten buffer would do
 */
export async function measurePeak(name: MemoryCase, unplanned = 0): Promise<MeasuredPeak> {
  const engine = await loadEngine('wasm');
  const { network, table, batch, options } = problemOf(name, 'whole');
  // Code and compiled kernels are loaded, and the compiler has done its work, before anything is measured.
  const small = problemOf(name, 'small');
  const warm = await engine.open(small.network, small.table, small.options);
  await train(warm, small.batch, 20);
  warm.dispose();
  await engine.dispose();
  globalThis.gc?.();
  const before = statusBytes('VmRSS');
  writeFileSync('/proc/self/clear_refs', '5');
  const session = await engine.open(network, table, options);
  const { total: planned, activations } = session.memory;
  const forgotten = new Uint8Array(unplanned * planned).fill(1);
  await train(session, batch, 1);
  const grown = statusBytes('VmHWM') - before;
  if (forgotten.length !== Math.trunc(unplanned * planned))
    throw new Error('The forgotten buffer must live until here.');
  session.dispose();
  await engine.dispose();
  return { planned, activations, grown };
}

async function train(session: NetworkSession, batch: Batch, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) {
    await session.accumulate(batch, { id: 'mse' }, 1);
    await session.update(update);
  }
}

function statusBytes(field: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  if (line === null) throw new Error(`Expected ${field} in /proc/self/status.`);
  return 1024 * Number(line[1]);
}

function problemOf(name: MemoryCase, size: 'whole' | 'small'): Problem {
  return name === 'gat' ? graphs(size === 'whole' ? 2000 : 8) : windows(name, size === 'whole' ? 4096 : 8);
}

/** The reference model of the issue: 60 days, 64 hidden, two layers. */
function windows(name: MemoryCase, rows: number): Problem {
  const lookback = 60;
  const [series, days] = rows === 8 ? [1, 200] : [500, 1260];
  return {
    network: { kind: 'lstm', inputs: INPUTS, hidden: 64, layers: 2, dropout: 0, layerNorm: false },
    table: { values: new Float32Array(series * days * INPUTS).fill(0.1), series, days, inputs: INPUTS },
    batch: {
      kind: 'windows',
      series: Uint32Array.from({ length: rows }, (_, row) => row % series),
      end: Uint32Array.from({ length: rows }, (_, row) => lookback + (row % (days - lookback))),
      lookback,
      targets: new Float32Array(rows).fill(0.1),
      groups: Uint32Array.of(0, rows),
    },
    options: {
      seed: 1,
      largest: { rows, steps: lookback },
      checkpointEvery: name === 'lstm-every-8th' ? 8 : 0,
      precision: 'f32',
      threads: name === 'lstm-two-threads' ? 2 : 1,
    },
  };
}

/** Two layers over a graph of 2,000 names with 20 neighbors each. */
function graphs(nodes: number): Problem {
  const random = createRandom(1);
  const rowStart = [0];
  const columns: number[] = [];
  for (let i = 0; i < nodes; i++) {
    const seen = new Set([i]);
    for (let k = 0; k < 20; k++) seen.add(random.integer(nodes));
    columns.push(...[...seen].sort((a, b) => a - b));
    rowStart.push(columns.length);
  }
  const layer = { heads: 4, channels: 32, concat: true };
  return {
    network: { kind: 'gat', inputs: INPUTS, layers: [layer, layer], negativeSlope: 0.2, dropout: 0.1 },
    table: { values: new Float32Array(nodes * 20 * INPUTS).fill(0.1), series: nodes, days: 20, inputs: INPUTS },
    batch: {
      kind: 'graph',
      series: Uint32Array.from({ length: nodes }, (_, i) => i),
      day: 3,
      rowStart: Uint32Array.from(rowStart),
      columns: Uint32Array.from(columns),
      targets: new Float32Array(nodes).fill(0.1),
    },
    options: {
      seed: 1,
      largest: { rows: nodes, steps: 1, edges: columns.length },
      checkpointEvery: 0,
      precision: 'f32',
    },
  };
}
