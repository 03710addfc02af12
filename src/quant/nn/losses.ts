/**
 * Training losses over cross-sections of predictions, with their gradients. Entries without a label (NaN) count nowhere.
 * The evaluator owns its scratch, so that a training step allocates nothing.
 */
import { AppError } from '#base/errors';
import type { Batch, Loss } from './engine';

/** Entries grouped by date: those of date g are order[start[g]] … order[start[g + 1] − 1]; without `order`, entries lie in order. */
export interface CrossSections {
  readonly start: Uint32Array;
  readonly order?: Uint32Array;
}

/** Softness of a soft rank, in standard deviations of the date's predictions. */
export const RANK_TEMPERATURE = 0.1;

/** The cross-sections of a batch's predictions. */
export function crossSectionsOf(batch: Batch): CrossSections {
  if (batch.kind === 'windows') return { start: batch.groups };
  if (batch.kind === 'graph') return { start: Uint32Array.of(0, batch.series.length) };
  const { start, length, burnIn } = batch;
  const days = length - burnIn;
  const count = start.length * days;
  const dayOf = (entry: number): number => start[Math.floor(entry / days)] + (entry % days);
  const order = Uint32Array.from({ length: count }, (_, entry) => entry).sort((a, b) => dayOf(a) - dayOf(b) || a - b);
  const bounds: number[] = [];
  for (let k = 0; k < count; k++) if (k === 0 || dayOf(order[k]) !== dayOf(order[k - 1])) bounds.push(k);
  return { start: Uint32Array.from([...bounds, count]), order };
}

/** `dates` cross-sections of `assets` entries each, [T, N] row-major. */
export function equalSections(dates: number, assets: number): CrossSections {
  return { start: Uint32Array.from({ length: dates + 1 }, (_, date) => date * assets) };
}

export interface LossAndGradient {
  readonly loss: number;
  /** ∂loss/∂prediction. */
  readonly gradient: Float64Array;
}

type Numbers = Float32Array | Float64Array;

export class LossEvaluator {
  readonly #index: Uint32Array;
  readonly #score: Float64Array;
  readonly #target: Float64Array;
  readonly #work: Float64Array;
  readonly #byDate: Float64Array;

  /** @param capacity largest number of predictions (and of dates) of a batch */
  constructor(capacity: number) {
    this.#index = new Uint32Array(capacity);
    this.#score = new Float64Array(capacity);
    this.#target = new Float64Array(capacity);
    this.#work = new Float64Array(capacity);
    this.#byDate = new Float64Array(capacity);
  }

  /**
   * Returns the loss and writes ∂loss/∂prediction, 0 where there is no label.
   * Without any label (or, for losses per date, without a date of two different labels) both are 0.
   * Errors: BAD_REQUEST where the Sharpe loss meets fewer than two dates.
   */
  evaluate(loss: Loss, predictions: Numbers, targets: Numbers, sections: CrossSections, gradient: Numbers): number {
    gradient.fill(0, 0, predictions.length);
    switch (loss.id) {
      case 'mse':
        return pointwise(predictions, targets, gradient, Infinity, 2);
      case 'huber':
        return pointwise(predictions, targets, gradient, loss.delta ?? 1, 1);
      case 'ic':
      case 'rank-ic':
        return this.#correlation(loss.id === 'rank-ic', predictions, targets, sections, gradient);
      case 'sharpe':
        return this.#sharpe(predictions, targets, sections, gradient);
    }
  }

  /** Minus the mean over dates of Pearson's correlation, of the predictions themselves or of their ranks with those of the labels. */
  #correlation(
    ranked: boolean,
    predictions: Numbers,
    targets: Numbers,
    sections: CrossSections,
    gradient: Numbers,
  ): number {
    const dates = sections.start.length - 1;
    let counted = 0;
    let sum = 0;
    for (let date = 0; date < dates; date++) {
      const size = this.#gather(predictions, targets, sections, date);
      if (ranked) averageRanks(this.#target, size, this.#work);
      const labelSquares = centerAndSquare(this.#target, size);
      if (labelSquares === 0) continue;
      counted++;
      sum += ranked ? this.#rankCorrelation(size, labelSquares, gradient) : this.#pearson(size, labelSquares, gradient);
    }
    if (counted === 0) return 0;
    for (let k = 0; k < predictions.length; k++) gradient[k] /= -counted;
    return -sum / counted;
  }

  /** Correlation of scores and centered labels; writes its gradient with respect to the scores. Constant scores: 0. */
  #pearson(size: number, labelSquares: number, gradient: Numbers): number {
    const score = this.#score;
    const labels = this.#target;
    const squares = centerAndSquare(score, size);
    if (squares === 0) return 0;
    const scale = Math.sqrt(squares * labelSquares);
    const correlation = dot(score, labels, size) / scale;
    for (let k = 0; k < size; k++) {
      gradient[this.#index[k]] = labels[k] / scale - (correlation * score[k]) / squares;
    }
    return correlation;
  }

  /**
   * The same on soft ranks Σ_j σ((z_i − z_j)/τ) of the standardized scores z (Qin, Liu, Li 2010): blind to the scores'
   * level and scale, as ranks are. O(n²) per date.
   */
  #rankCorrelation(size: number, labelSquares: number, gradient: Numbers): number {
    const score = this.#score;
    const labels = this.#target;
    const rank = this.#work;
    const deviation = Math.sqrt(centerAndSquare(score, size) / size);
    if (deviation === 0) return 0;
    for (let k = 0; k < size; k++) score[k] /= deviation;
    rank.fill(0, 0, size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < i; j++) {
        const above = sigmoid((score[i] - score[j]) / RANK_TEMPERATURE);
        rank[i] += above;
        rank[j] += 1 - above;
      }
    }
    const rankSquares = centerAndSquare(rank, size);
    if (rankSquares === 0) return 0;
    const scale = Math.sqrt(rankSquares * labelSquares);
    const correlation = dot(rank, labels, size) / scale;
    for (let k = 0; k < size; k++) rank[k] = labels[k] / scale - (correlation * rank[k]) / rankSquares;
    const byScore = labels; // no longer needed
    byScore.fill(0, 0, size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < i; j++) {
        const above = sigmoid((score[i] - score[j]) / RANK_TEMPERATURE);
        const slope = ((rank[i] - rank[j]) * above * (1 - above)) / RANK_TEMPERATURE;
        byScore[i] += slope;
        byScore[j] -= slope;
      }
    }
    const along = dot(byScore, score, size) / size;
    for (let k = 0; k < size; k++) gradient[this.#index[k]] = (byScore[k] - along * score[k]) / deviation;
    return correlation;
  }

  /** −mean / std (divisor T − 1) of the returns of softmax portfolios (Zhang, Zohren, Roberts 2020). */
  #sharpe(predictions: Numbers, targets: Numbers, sections: CrossSections, gradient: Numbers): number {
    const dates = sections.start.length - 1;
    const returns = this.#byDate;
    let counted = 0;
    let mean = 0;
    for (let date = 0; date < dates; date++) {
      const size = this.#gather(predictions, targets, sections, date);
      returns[date] = size === 0 ? NaN : this.#softmaxReturn(size);
      if (size === 0) continue;
      counted++;
      mean += returns[date];
    }
    if (counted < 2) {
      throw new AppError(
        'BAD_REQUEST',
        `Expected at least two dates with labels in a batch for the Sharpe loss, found ${counted}. Use larger batches.`,
      );
    }
    mean /= counted;
    let variance = 0;
    for (let date = 0; date < dates; date++) {
      if (!Number.isNaN(returns[date])) variance += (returns[date] - mean) ** 2;
    }
    variance /= counted - 1;
    const deviation = Math.sqrt(variance);
    if (deviation === 0) return 0;
    for (let date = 0; date < dates; date++) {
      if (Number.isNaN(returns[date])) continue;
      const size = this.#gather(predictions, targets, sections, date);
      this.#softmaxReturn(size);
      const gap = returns[date] - mean;
      const byReturn = (mean * gap) / ((counted - 1) * variance * deviation) - 1 / counted / deviation;
      for (let k = 0; k < size; k++) {
        gradient[this.#index[k]] = byReturn * this.#work[k] * (this.#target[k] - returns[date]);
      }
    }
    return -mean / deviation;
  }

  /** Leaves the portfolio's weights in the work array. */
  #softmaxReturn(size: number): number {
    const weights = this.#work;
    let largest = -Infinity;
    for (let k = 0; k < size; k++) largest = Math.max(largest, this.#score[k]);
    let total = 0;
    for (let k = 0; k < size; k++) total += weights[k] = Math.exp(this.#score[k] - largest);
    let result = 0;
    for (let k = 0; k < size; k++) result += (weights[k] /= total) * this.#target[k];
    return result;
  }

  /** Brings the labelled entries of a date to the front of the scratch arrays. */
  #gather(predictions: Numbers, targets: Numbers, { start, order }: CrossSections, date: number): number {
    let size = 0;
    for (let k = start[date]; k < start[date + 1]; k++) {
      const entry = order === undefined ? k : order[k];
      if (Number.isNaN(targets[entry])) continue;
      this.#index[size] = entry;
      this.#score[size] = predictions[entry];
      this.#target[size] = targets[entry];
      size++;
    }
    return size;
  }
}

/** Mean of (prediction − target)², with its gradient. */
export function meanSquares(prediction: Float64Array, target: Float64Array): LossAndGradient {
  const gradient = new Float64Array(prediction.length);
  return { loss: pointwise(prediction, target, gradient, Infinity, 2), gradient };
}

/** `factor` times the mean of Huber's loss (Huber 1964): ½ gap² within ±delta, delta (|gap| − ½ delta) beyond. */
function pointwise(predictions: Numbers, targets: Numbers, gradient: Numbers, delta: number, factor: number): number {
  let count = 0;
  let sum = 0;
  for (let k = 0; k < predictions.length; k++) {
    if (Number.isNaN(targets[k])) continue;
    const gap = predictions[k] - targets[k];
    const size = Math.abs(gap);
    count++;
    sum += size > delta ? delta * (size - delta / 2) : (gap * gap) / 2;
    gradient[k] = size > delta ? delta * Math.sign(gap) : gap;
  }
  if (count === 0) return 0;
  for (let k = 0; k < predictions.length; k++) gradient[k] *= factor / count;
  return (factor * sum) / count;
}

/** Replaces values by their ranks, ties by their mean rank. */
function averageRanks(values: Float64Array, n: number, scratch: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let below = 0;
    let equal = 0;
    for (let j = 0; j < n; j++) {
      if (values[j] < values[i]) below++;
      else if (values[j] === values[i]) equal++;
    }
    scratch[i] = below + (equal - 1) / 2;
  }
  for (let i = 0; i < n; i++) values[i] = scratch[i];
}

/** Subtracts the mean and returns the sum of squares, which is exactly 0 where all values are equal up to rounding. */
function centerAndSquare(x: Float64Array, n: number): number {
  let sum = 0;
  let largest = 0;
  for (let k = 0; k < n; k++) {
    sum += x[k];
    largest = Math.max(largest, Math.abs(x[k]));
  }
  const mean = sum / n;
  for (let k = 0; k < n; k++) x[k] -= mean;
  const squares = dot(x, x, n);
  return squares <= n * (1e-14 * largest) ** 2 ? 0 : squares;
}

function dot(a: Float64Array, b: Float64Array, n: number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += a[k] * b[k];
  return sum;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
