/** The training engine in plain TypeScript and double precision: the readable definition that the fast engines are compared with. */
import { AppError } from '#base/errors';
import { predictionsPerRow, rowCount, stepCount } from './batch';
import type { Batch, MemoryUse, NetworkEngine, SessionOptions } from './engine';
import { checkNetwork, parameterCount, type Network } from './network';
import { PassSession, type Pass } from './pass-session';
import { gatPass } from './reference-gat';
import { lstmPass, type DropoutPlace } from './reference-lstm';

export function referenceEngine(): NetworkEngine {
  return {
    id: 'reference',
    device: 'plain TypeScript, float64',
    deterministic: true,
    plan: planReference,
    open: async (network, inputs, options) =>
      new PassSession(network, inputs, options, { plan: planReference, pass: referencePass }),
    dispose: () => Promise.resolve(),
  };
}

function referencePass(
  network: Network,
  parameters: Float64Array,
  x: Float64Array,
  batch: Batch,
  place: DropoutPlace | undefined,
): Pass {
  if (batch.kind === 'graph') {
    if (network.kind === 'gat') return gatPass(network, parameters, x, batch, place);
  } else if (network.kind === 'lstm') {
    const steps = stepCount(batch);
    const window = { rows: rowCount(batch), steps, from: steps - predictionsPerRow(batch) };
    return lstmPass(network, parameters, x, window, place);
  }
  throw new AppError('INTERNAL', 'A batch of another kind of network passed its check.');
}

/** Parameters, moments and the table; activations come and go with the garbage collector and are a rough figure. */
function planReference(
  network: Network,
  { largest }: SessionOptions,
  table: { readonly series: number; readonly days: number },
): MemoryUse {
  checkNetwork(network);
  const count = parameterCount(network);
  const perStep =
    network.kind === 'lstm'
      ? network.layers * network.hidden * 8
      : network.layers.reduce((sum, { heads, channels }) => sum + 4 * heads * channels, 0);
  const parts = {
    parameters: 4 * count,
    optimizer: 8 * count,
    activations: 8 * largest.rows * largest.steps * perStep + 24 * (largest.edges ?? 0),
    workspace: 8 * count,
    inputs: 4 * table.series * table.days * network.inputs,
  };
  return { ...parts, total: Object.values(parts).reduce((a, b) => a + b, 0) };
}
