/** A loss over several batches as if they were one: what validation and the Sharpe loss of graphs need. */
import type { Batch, Loss } from '#quant/nn/engine';
import { crossSectionsOf, LossEvaluator } from '#quant/nn/losses';

export interface JointLoss {
  readonly loss: number;
  /** ∂loss/∂prediction, per batch. */
  readonly gradients: readonly Float64Array[];
}

export function jointLoss(loss: Loss, batches: readonly Batch[], answers: readonly Float32Array[]): JointLoss {
  const sizes = answers.map(({ length }) => length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const predictions = new Float32Array(total);
  const targets = new Float32Array(total);
  const start: number[] = [];
  const order: number[] = [];
  let at = 0;
  for (const [k, batch] of batches.entries()) {
    predictions.set(answers[k], at);
    targets.set(batch.targets ?? new Float32Array(sizes[k]).fill(NaN), at);
    const sections = crossSectionsOf(batch);
    for (let g = 0; g + 1 < sections.start.length; g++) start.push(at + sections.start[g]);
    for (let i = 0; i < sizes[k]; i++) order.push(at + (sections.order?.[i] ?? i));
    at += sizes[k];
  }
  const gradient = new Float64Array(total);
  const sections = { start: Uint32Array.from([...start, total]), order: Uint32Array.from(order) };
  const value = new LossEvaluator(Math.max(total, start.length)).evaluate(
    loss,
    predictions,
    targets,
    sections,
    gradient,
  );
  let from = 0;
  return { loss: value, gradients: sizes.map((size) => gradient.subarray(from, (from += size))) };
}
