/**
 * One update of the Sharpe loss over several graphs. The loss joins dates, a graph batch holds one; so the gradient of the loss with
 * respect to every score is computed first, and handed to the engine as the squared error against targets that have this very gradient.
 * Exact without dropout, which the model requires.
 */
import type { GraphBatch, NetworkSession } from '#quant/nn/engine';
import { withTargets } from '#quant/nn/batch-units';
import { jointLoss } from './joint-loss';

/** Adds the gradient to the session's sum; returns the loss. */
export async function accumulateSharpe(session: NetworkSession, graphs: readonly GraphBatch[]): Promise<number> {
  const answers: Float32Array[] = [];
  for (const graph of graphs) answers.push(await session.predict(graph));
  const { loss, gradients } = jointLoss({ id: 'sharpe' }, graphs, answers);
  for (const [k, graph] of graphs.entries()) {
    const gradient = gradients[k];
    const labelled = gradient.filter((_, i) => !Number.isNaN(graph.targets?.[i] ?? NaN)).length;
    const largest = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
    if (labelled === 0 || largest === 0) continue;
    // Of squared error: 2 (p − y) / n. Steps of about 1 keep the targets' rounding small beside them.
    const scale = (0.5 * labelled * largest) ** -1;
    const targets = answers[k].map((p, i) =>
      Number.isNaN(graph.targets?.[i] ?? NaN) ? NaN : p - (scale * gradient[i] * labelled) / 2,
    );
    await session.accumulate(withTargets(graph, targets), { id: 'mse' }, 1 / scale);
  }
  return loss;
}
