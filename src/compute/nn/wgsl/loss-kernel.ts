/**
 * Every training loss on the device, in one workgroup: predictions and prepared labels in, ∂loss/∂prediction and the loss out.
 * Definitions are those of `quant/nn/losses.ts`; what depends on labels alone is done beforehand (`prepared-labels.ts`).
 * With half-precision storage the gradient is scaled by a power of two that depends on its largest value alone.
 */
import { RANK_TEMPERATURE } from '#quant/nn/losses';
import { read, readWrite, type Kernel } from './kernel';
import { BIT_TESTS, headerReaders, reductionPart, wgslFloat } from './shader-parts';

export const LOSS_NUMBERS = { mse: 0, huber: 1, ic: 2, 'rank-ic': 3, sharpe: 4 } as const;

/** Largest gradient of a prediction after scaling: far above the smallest half, and room of 1,000 below the largest. */
const SCALED_EXPONENT = 6;
const THREADS = 128;
/** Rounding of a centered sum in single precision, as a share of the largest value. */
const ROUNDING = wgslFloat(3e-7);

const LABEL = `
fn entry_at(k: u32) -> u32 { if (order_() == 0u) { return k; } return batch[order_() + k]; }
fn label_bits(entry: u32) -> u32 { return batch[labels_() + entry]; }
fn has_label(entry: u32) -> bool { return !is_nan_bits(label_bits(entry)); }
fn label(entry: u32) -> f32 { return bitcast<f32>(label_bits(entry)); }`;

const POINTWISE = `
fn pointwise() -> f32 {
  var delta = bitcast<f32>(delta_());
  var factor = 1.0;
  if (loss_() == ${LOSS_NUMBERS.mse}u) { delta = 3.0e38; factor = 2.0; }
  var count = 0.0;
  var sum = 0.0;
  for (var e = lane; e < entries_(); e += ${THREADS}u) {
    if (!has_label(e)) { continue; }
    let gap = predictions[e] - label(e);
    let size = abs(gap);
    count += 1.0;
    if (size > delta) { sum += delta * (size - 0.5 * delta); } else { sum += 0.5 * gap * gap; }
  }
  let n = sum_all(count);
  let total = sum_all(sum);
  if (n == 0.0) { return 0.0; }
  for (var e = lane; e < entries_(); e += ${THREADS}u) {
    if (has_label(e)) { slopes[e] = factor / n * clamp(predictions[e] - label(e), -delta, delta); }
  }
  return factor * total / n;
}`;

/** Labels come centered, with unit norm, so that Σ label · score / |score| is the correlation. */
const CORRELATION = `
fn centered_norm(sum: f32, squares: f32, largest: f32, n: f32) -> f32 {
  let limit = ${ROUNDING} * largest;
  return select(squares, 0.0, squares <= n * limit * limit);
}
fn correlations() -> f32 {
  var total = 0.0;
  for (var g = 0u; g < groups_(); g++) {
    let first = batch[groupStart_() + g];
    let last = batch[groupStart_() + g + 1u];
    var count = 0.0; var sum = 0.0; var largest = 0.0;
    for (var k = first + lane; k < last; k += ${THREADS}u) {
      let e = entry_at(k);
      if (has_label(e)) { count += 1.0; sum += predictions[e]; largest = max(largest, abs(predictions[e])); }
    }
    let n = sum_all(count);
    let mean = sum_all(sum) / n;
    let size = max_all(largest);
    var squares = 0.0; var product = 0.0;
    for (var k = first + lane; k < last; k += ${THREADS}u) {
      let e = entry_at(k);
      if (has_label(e)) { let s = predictions[e] - mean; squares += s * s; product += s * label(e); }
    }
    let norm2 = centered_norm(sum, sum_all(squares), size, n);
    let along = sum_all(product);
    if (norm2 == 0.0) { continue; }
    if (loss_() == ${LOSS_NUMBERS.ic}u) {
      let correlation = along / sqrt(norm2);
      total += correlation;
      for (var k = first + lane; k < last; k += ${THREADS}u) {
        let e = entry_at(k);
        if (has_label(e)) {
          let s = predictions[e] - mean;
          slopes[e] = (correlation * s / norm2 - label(e) / sqrt(norm2)) / f32(groups_());
        }
      }
    } else {
      total += rank_correlation(first, last, n, mean, sqrt(norm2 / n));
    }
  }
  return -total / max(1.0, f32(groups_()));
}
fn above(e: u32, other: u32, deviation: f32) -> f32 {
  let gap = (predictions[e] - predictions[other]) / (deviation * ${wgslFloat(RANK_TEMPERATURE)});
  return 1.0 / (1.0 + exp(-clamp(gap, -80.0, 80.0)));
}
fn rank_correlation(first: u32, last: u32, n: f32, mean: f32, deviation: f32) -> f32 {
  var squares = 0.0; var product = 0.0;
  for (var k = first + lane; k < last; k += ${THREADS}u) {
    let e = entry_at(k);
    if (!has_label(e)) { continue; }
    var rank = -0.5 * (n - 1.0);
    for (var j = first; j < last; j++) {
      let other = entry_at(j);
      if (other != e && has_label(other)) { rank += above(e, other, deviation); }
    }
    slopes[e] = rank;
    squares += rank * rank;
    product += rank * label(e);
  }
  let norm2 = sum_all(squares);
  let along = sum_all(product);
  let correlation = select(0.0, along / sqrt(max(norm2, 1e-30)), norm2 > 0.0);
  for (var k = first + lane; k < last; k += ${THREADS}u) {
    let e = entry_at(k);
    if (has_label(e) && norm2 > 0.0) { slopes[e] = label(e) / sqrt(norm2) - correlation * slopes[e] / norm2; }
  }
  storageBarrier();
  var tilt = 0.0;
  for (var k = first + lane; k < last; k += ${THREADS}u) {
    let e = entry_at(k);
    if (!has_label(e)) { continue; }
    var slope = 0.0;
    for (var j = first; j < last; j++) {
      let other = entry_at(j);
      if (other == e || !has_label(other)) { continue; }
      let p = above(e, other, deviation);
      slope += (slopes[e] - slopes[other]) * p * (1.0 - p);
    }
    work[e] = slope / ${wgslFloat(RANK_TEMPERATURE)};
    tilt += work[e] * (predictions[e] - mean) / deviation;
  }
  let lean = sum_all(tilt) / n;
  storageBarrier();
  for (var k = first + lane; k < last; k += ${THREADS}u) {
    let e = entry_at(k);
    if (has_label(e)) { slopes[e] = (lean * (predictions[e] - mean) / deviation - work[e]) / deviation / f32(groups_()); }
  }
  return correlation;
}`;

/** The softmax weights stay in the slopes until the second pass; every group has a label. */
const SHARPE = `
fn sharpe() -> f32 {
  let dates = f32(groups_());
  for (var g = 0u; g < groups_(); g++) {
    let first = batch[groupStart_() + g];
    let last = batch[groupStart_() + g + 1u];
    var largest = -3.0e38;
    for (var k = first + lane; k < last; k += ${THREADS}u) {
      let e = entry_at(k);
      if (has_label(e)) { largest = max(largest, predictions[e]); }
    }
    let top = max_all(largest);
    var sum = 0.0; var earned = 0.0;
    for (var k = first + lane; k < last; k += ${THREADS}u) {
      let e = entry_at(k);
      if (has_label(e)) { let w = exp(predictions[e] - top); slopes[e] = w; sum += w; earned += w * label(e); }
    }
    let total = sum_all(sum);
    let result = sum_all(earned) / total;
    if (lane == 0u) { work[g] = result; }
    for (var k = first + lane; k < last; k += ${THREADS}u) {
      let e = entry_at(k);
      if (has_label(e)) { slopes[e] /= total; }
    }
  }
  storageBarrier();
  var sum = 0.0;
  for (var g = lane; g < groups_(); g += ${THREADS}u) { sum += work[g]; }
  let mean = sum_all(sum) / dates;
  var squares = 0.0;
  for (var g = lane; g < groups_(); g += ${THREADS}u) { let gap = work[g] - mean; squares += gap * gap; }
  let variance = sum_all(squares) / (dates - 1.0);
  let deviation = sqrt(variance);
  for (var g = 0u; g < groups_(); g++) {
    var byReturn = 0.0;
    if (deviation > 0.0) { byReturn = mean * (work[g] - mean) / ((dates - 1.0) * variance * deviation) - 1.0 / dates / deviation; }
    for (var k = batch[groupStart_() + g] + lane; k < batch[groupStart_() + g + 1u]; k += ${THREADS}u) {
      let e = entry_at(k);
      if (has_label(e)) { slopes[e] *= byReturn * (label(e) - work[g]); }
    }
  }
  return select(0.0, -mean / deviation, deviation > 0.0);
}`;

function scaling(precision: 'f32' | 'f16'): string {
  if (precision === 'f32') return 'if (lane == 0u) { scalars[0] = value; scalars[1] = 1.0; }';
  return `
  var largest = 0.0;
  for (var e = lane; e < entries_(); e += ${THREADS}u) { largest = max(largest, abs(slopes[e])); }
  let exponent = clamp(bitcast<u32>(max_all(largest)) >> 23u, 10u, 230u);
  let scale = bitcast<f32>((254u + ${SCALED_EXPONENT}u - exponent) << 23u);
  for (var e = lane; e < entries_(); e += ${THREADS}u) { slopes[e] *= scale; }
  if (lane == 0u) { scalars[0] = value; scalars[1] = 1.0 / scale; }`;
}

export function lossKernel(precision: 'f32' | 'f16'): Kernel {
  return {
    label: 'loss',
    bindings: [
      read('batch', 'array<u32>'),
      read('predictions', 'array<f32>'),
      readWrite('slopes', 'array<f32>'),
      readWrite('work', 'array<f32>'),
      readWrite('scalars', 'array<f32>'),
    ],
    body: `
${headerReaders('entries', 'loss', 'delta', 'groups', 'labels', 'groupStart', 'order')}
${BIT_TESTS}${reductionPart(THREADS)}${LABEL}${POINTWISE}${CORRELATION}${SHARPE}
@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) thread: u32) {
  lane = thread;
  for (var e = lane; e < entries_(); e += ${THREADS}u) { slopes[e] = 0.0; }
  storageBarrier();
  var value = 0.0;
  if (loss_() <= ${LOSS_NUMBERS.huber}u) { value = pointwise(); }
  else if (loss_() == ${LOSS_NUMBERS.sharpe}u) { value = sharpe(); }
  else { value = correlations(); }
  storageBarrier();
  ${scaling(precision)}
}`,
  };
}
