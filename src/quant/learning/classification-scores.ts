/** How good probabilities of an event were. */
import { rankAverage } from '../array/stats';

export interface ClassificationScores {
  /** Area under the ROC curve; ties count half (Mann–Whitney). */
  readonly auc: number;
  /** Mean negative log likelihood, natural logarithm. */
  readonly logLoss: number;
  /** Mean squared error of the probability (Brier 1950). */
  readonly brier: number;
  readonly accuracy: number;
  /** Matthews correlation coefficient; 0 where one class is never predicted or never happens. */
  readonly mcc: number;
  readonly f1: number;
}

/** y of 0 and 1; an event is predicted where its probability exceeds `threshold`. */
export function classificationScores(
  y: Uint8Array,
  probability: Float64Array,
  threshold: number,
): ClassificationScores {
  const n = y.length;
  const ranks = rankAverage(probability);
  let positives = 0;
  let rankSum = 0;
  let loss = 0;
  let brier = 0;
  let truePositives = 0;
  let predicted = 0;
  for (let i = 0; i < n; i++) {
    const p = Math.min(1 - 1e-15, Math.max(1e-15, probability[i]));
    loss -= y[i] === 1 ? Math.log(p) : Math.log1p(-p);
    brier += (probability[i] - y[i]) ** 2;
    if (y[i] === 1) {
      positives++;
      rankSum += ranks[i];
    }
    if (probability[i] > threshold) {
      predicted++;
      truePositives += y[i];
    }
  }
  const negatives = n - positives;
  const falsePositives = predicted - truePositives;
  const falseNegatives = positives - truePositives;
  const trueNegatives = negatives - falsePositives;
  const spread = Math.sqrt(predicted * positives * (n - predicted) * negatives);
  const agreement = truePositives * trueNegatives - falsePositives * falseNegatives;
  return {
    auc: (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives),
    logLoss: loss / n,
    brier: brier / n,
    accuracy: (truePositives + trueNegatives) / n,
    mcc: spread > 0 ? agreement / spread : 0,
    f1: predicted + positives > 0 ? (2 * truePositives) / (predicted + positives) : 0,
  };
}
