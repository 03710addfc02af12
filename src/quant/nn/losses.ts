/** Training losses on a cross-section of scores per date, with their gradients. All [T, N] row-major. */

export interface LossAndGradient {
  readonly loss: number;
  /** [T, N] ∂loss/∂scores. */
  readonly gradient: Float64Array;
}

/** Mean of (prediction − target)². */
export function meanSquaredLoss(prediction: Float64Array, target: Float64Array): LossAndGradient {
  const n = prediction.length;
  const gradient = prediction.map((value, i) => (2 * (value - target[i])) / n);
  return { loss: prediction.reduce((sum, value, i) => sum + (value - target[i]) ** 2, 0) / n, gradient };
}

/** −mean / std (divisor T − 1) of the returns of softmax portfolios (Zhang, Zohren, Roberts 2020). */
export function sharpeLoss(
  scores: Float64Array,
  returns: Float64Array,
  dates: number,
  assets: number,
): LossAndGradient {
  const weights = new Float64Array(scores.length);
  const portfolio = new Float64Array(dates);
  for (let t = 0; t < dates; t++) {
    const row = t * assets;
    let largest = -Infinity;
    for (let j = 0; j < assets; j++) largest = Math.max(largest, scores[row + j]);
    let total = 0;
    for (let j = 0; j < assets; j++) total += weights[row + j] = Math.exp(scores[row + j] - largest);
    for (let j = 0; j < assets; j++) {
      weights[row + j] /= total;
      portfolio[t] += weights[row + j] * returns[row + j];
    }
  }
  const mean = portfolio.reduce((a, b) => a + b, 0) / dates;
  const variance = portfolio.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (dates - 1);
  const deviation = Math.sqrt(variance);
  const gradient = new Float64Array(scores.length);
  for (let t = 0; t < dates; t++) {
    const byReturn = -(1 / dates / deviation - (mean * (portfolio[t] - mean)) / ((dates - 1) * variance * deviation));
    for (let k = t * assets; k < (t + 1) * assets; k++) {
      gradient[k] = byReturn * weights[k] * (returns[k] - portfolio[t]);
    }
  }
  return { loss: -mean / deviation, gradient };
}

/** Minus the mean over dates of the Pearson correlation of scores and returns across assets. */
export function informationCoefficientLoss(
  scores: Float64Array,
  returns: Float64Array,
  dates: number,
  assets: number,
): LossAndGradient {
  const gradient = new Float64Array(scores.length);
  let sum = 0;
  for (let t = 0; t < dates; t++) {
    const row = t * assets;
    const s = centered(scores.subarray(row, row + assets));
    const r = centered(returns.subarray(row, row + assets));
    const ss = s.reduce((total, value) => total + value * value, 0);
    const rr = r.reduce((total, value) => total + value * value, 0);
    const sr = s.reduce((total, value, j) => total + value * r[j], 0);
    const correlation = sr / Math.sqrt(ss * rr);
    sum += correlation;
    for (let j = 0; j < assets; j++) {
      gradient[row + j] = -(r[j] / Math.sqrt(ss * rr) - (correlation * s[j]) / ss) / dates;
    }
  }
  return { loss: -sum / dates, gradient };
}

function centered(x: Float64Array): Float64Array {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  return x.map((value) => value - mean);
}
