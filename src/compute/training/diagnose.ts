/** Why an update was not finite, as far as the data can tell: the step, and the feature that holds the worst number of its batch. */
import { AppError } from '#base/errors';
import { firstDay, rowCount, stepCount } from '#quant/nn/batch';
import type { Batch } from '#quant/nn/engine';
import type { TrainingTask } from '#quant/nn/training';

export interface BadUpdate {
  readonly epoch: number;
  /** Counted from the first update of the training. */
  readonly step: number;
  readonly units: readonly Batch[];
  readonly loss: number;
  readonly gradientNorm: number;
}

export function diagnose({ title, inputs, features }: TrainingTask, bad: BadUpdate): AppError {
  const { values, days, inputs: K } = inputs;
  let worst = { feature: features[0], value: 0 };
  for (const unit of bad.units) {
    for (let row = 0; row < rowCount(unit); row++) {
      const from = (unit.series[row] * days + firstDay(unit, row)) * K;
      for (let at = from; at < from + stepCount(unit) * K; at++) {
        const isWorse = Number.isFinite(worst.value) && !(Math.abs(values[at]) <= Math.abs(worst.value));
        if (isWorse) worst = { feature: features[at % K], value: values[at] };
      }
    }
  }
  const { epoch, step, loss, gradientNorm } = bad;
  return new AppError(
    'NOT_CONVERGED',
    `Expected a finite loss of ${title}, found ${loss} with a gradient of norm ${gradientNorm} at step ${step} (epoch ${epoch + 1}). ` +
      `The worst input of that batch is ${worst.value} of the feature ${worst.feature}, after scaling. ` +
      'Winsorize or leave the feature out, lower the learning rate, or clip the gradient.',
    { data: { step, epoch: epoch + 1, feature: worst.feature, value: String(worst.value) } },
  );
}
