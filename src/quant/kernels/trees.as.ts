// @ts-nocheck: AssemblyScript, checked by its own compiler. Its pointers are byte offsets into linear memory.
/**
 * The hot loops of histogram tree growing: binning, histograms, splits, partition. Gradients are integers packed with their row
 * counts into 64 bits, so sums are exact: no result depends on the order of rows or on how the work is cut.
 *
 * Bins lie in blocks of eight features: blocks [features / 8][rows][8] of one byte, so that one load serves eight histograms.
 * A histogram is [features][256] of Σ (gradient << shift) + Σ count; bin 255 holds missing values.
 */

const MISSING: i32 = 255;

/** Bytes that the caller may use start here. */
export function firstFreeByte(): usize {
  return (__heap_base + 63) & ~63;
}

/** X [count, columns] row-major → bins of the rows `first` …; edges [columns][256] ascending, padded with +∞. */
export function binRows(X: usize, count: i32, columns: i32, edges: usize, blocks: usize, first: i32, rows: i32): void {
  const blockBytes: usize = (<usize>rows) << 3;
  for (let i = 0; i < count; i++) {
    const to = blocks + ((<usize>(first + i)) << 3);
    for (let k = 0; k < columns; k++) {
      const x = load<f64>(X);
      X += 8;
      let at = edges + ((<usize>k) << 11);
      const start = at;
      for (let step: usize = 1024; step >= 8; step >>= 1) at += x > load<f64>(at + step - 8) ? step : 0;
      const bin = x == x ? <i32>((at - start) >> 3) : MISSING;
      store<u8>(to + <usize>(k >> 3) * blockBytes + <usize>(k & 7), <u8>bin);
    }
  }
}

/** Largest |prediction − target| of the listed rows. */
export function largestResidual(prediction: usize, target: usize, index: usize, n: i32): f64 {
  let most: f64 = 0;
  for (let i = 0; i < n; i++) {
    const at = (<usize>load<u32>(index + ((<usize>i) << 2))) << 3;
    most = max(most, abs(load<f64>(prediction + at) - load<f64>(target + at)));
  }
  return most;
}

/** packed[i] of the i-th listed row = weight · ((round(residual · scale) << shift) + 1); weights are bytes by row, 0 = all one. */
export function packGradients(
  prediction: usize,
  target: usize,
  weights: usize,
  index: usize,
  n: i32,
  scale: f64,
  shift: i32,
  packed: usize,
): void {
  for (let i = 0; i < n; i++) {
    const row = <usize>load<u32>(index + ((<usize>i) << 2));
    const at = row << 3;
    const gradient = <i64>nearest((load<f64>(prediction + at) - load<f64>(target + at)) * scale);
    const weight: i64 = weights == 0 ? 1 : <i64>load<u8>(weights + row);
    store<i64>(packed + at, weight * ((gradient << (<i64>shift)) + 1));
  }
}

/** ordered[i] = packed[index[i]]; returns their sum. */
export function gather(packed: usize, index: usize, n: i32, ordered: usize): i64 {
  let sum: i64 = 0;
  for (let i = 0; i < n; i++) {
    const value = load<i64>(packed + ((<usize>load<u32>(index + ((<usize>i) << 2))) << 3));
    store<i64>(ordered + ((<usize>i) << 3), value);
    sum += value;
  }
  return sum;
}

/** Histograms of the blocks `from` … `to − 1` over the listed rows, from their ordered packed gradients. */
export function histogram(
  blocks: usize,
  rows: i32,
  index: usize,
  ordered: usize,
  n: i32,
  from: i32,
  to: i32,
  result: usize,
): void {
  const end = ordered + ((<usize>n) << 3);
  for (let block = from; block < to; block++) {
    const bins = blocks + <usize>block * ((<usize>rows) << 3);
    const h = result + ((<usize>block) << 14);
    memory.fill(h, 0, 1 << 14);
    let i = index;
    for (let at = ordered; at < end; at += 8) {
      const word = load<u64>(bins + ((<usize>load<u32>(i)) << 3));
      i += 4;
      const value = load<i64>(at);
      let cell = h + ((<usize>((<u32>word) << 3)) & 0x7f8);
      store<i64>(cell, load<i64>(cell) + value);
      cell = h + ((<usize>((<u32>word) >> 5)) & 0x7f8);
      store<i64>(cell, load<i64>(cell, 2048) + value, 2048);
      cell = h + ((<usize>((<u32>word) >> 13)) & 0x7f8);
      store<i64>(cell, load<i64>(cell, 4096) + value, 4096);
      cell = h + ((<usize>((<u32>word) >> 21)) & 0x7f8);
      store<i64>(cell, load<i64>(cell, 6144) + value, 6144);
      const high = <u32>(word >> 32);
      cell = h + ((<usize>(high << 3)) & 0x7f8);
      store<i64>(cell, load<i64>(cell, 8192) + value, 8192);
      cell = h + ((<usize>(high >> 5)) & 0x7f8);
      store<i64>(cell, load<i64>(cell, 10240) + value, 10240);
      cell = h + ((<usize>(high >> 13)) & 0x7f8);
      store<i64>(cell, load<i64>(cell, 12288) + value, 12288);
      cell = h + ((<usize>(high >> 21)) & 0x7f8);
      store<i64>(cell, load<i64>(cell, 14336) + value, 14336);
    }
  }
}

/** parent −= child, over the blocks `from` … `to − 1`: what is left is the sibling's histogram. */
export function subtract(parent: usize, child: usize, from: i32, to: i32): void {
  const end = (<usize>to) << 14;
  for (let at = (<usize>from) << 14; at < end; at += 16) {
    v128.store(parent + at, i64x2.sub(v128.load(parent + at), v128.load(child + at)));
  }
}

/** Stable: rows that go left first; returns how many. A row goes left where bin ≤ `bin`, or is missing and `missingLeft` is 1. */
export function partition(
  blocks: usize,
  rows: i32,
  feature: i32,
  bin: i32,
  missingLeft: i32,
  index: usize,
  n: i32,
  spare: usize,
): i32 {
  const bins = blocks + <usize>(feature >> 3) * ((<usize>rows) << 3) + <usize>(feature & 7);
  let left = index;
  let right = spare;
  for (let i: usize = 0, end = (<usize>n) << 2; i < end; i += 4) {
    const row = load<u32>(index + i);
    const value = <i32>load<u8>(bins + ((<usize>row) << 3));
    const goesLeft: usize = value == MISSING ? missingLeft : value <= bin ? 1 : 0;
    store<u32>(left, row);
    store<u32>(right, row);
    left += goesLeft << 2;
    right += (1 - goesLeft) << 2;
  }
  memory.copy(left, spare, right - spare);
  return <i32>((left - index) >> 2);
}

/** Twice the fall of the loss by giving n rows of gradient G one value: the best one, or that clamped to the bounds. */
function fall(G: f64, weight: f64, bounded: bool, lower: f64, upper: f64): f64 {
  if (!bounded) return (G * G) / weight;
  const value = min(max(-G / weight, lower), upper);
  return -value * (2 * G + weight * value);
}

/**
 * The best split of one histogram over the features with allowed[k] = 1; the first of equals. Values and bounds are in units of
 * quantized gradients. monotone[k] is 1, −1 or 0 per feature.
 * result: gain f64 (0 = none), left sum i64, feature i32, bin i32, missingLeft i32, whether any is missing i32;
 * returns the gain.
 */
export function bestSplit(
  histograms: usize,
  features: i32,
  total: i64,
  shift: i32,
  minCount: i32,
  l2: f64,
  allowed: usize,
  monotone: usize,
  bounded: i32,
  lower: f64,
  upper: f64,
  result: usize,
): f64 {
  const wide = <i64>shift;
  const mask: i64 = ((<i64>1) << wide) - 1;
  const G = <f64>(total >> wide);
  const count = <i32>(total & mask);
  const isBounded = bounded != 0;
  const whole = fall(G, <f64>count + l2, isBounded, lower, upper);
  let best: f64 = 0;
  for (let k = 0; k < features; k++) {
    if (load<u8>(allowed + <usize>k) == 0) continue;
    const direction = <i32>load<i8>(monotone + <usize>k);
    const h = histograms + ((<usize>k) << 11);
    const missing = load<i64>(h, 2040);
    const sides = missing == 0 ? 1 : 2;
    for (let side = 0; side < sides; side++) {
      let sum: i64 = side == 0 ? 0 : missing;
      for (let bin = 0; bin < MISSING; bin++) {
        const own = load<i64>(h + ((<usize>bin) << 3));
        if (own == 0) continue;
        sum += own;
        const nl = <i32>(sum & mask);
        if (nl < minCount) continue;
        const nr = count - nl;
        if (nr < minCount) break;
        const GL = <f64>(sum >> wide);
        const GR = G - GL;
        const wl = <f64>nl + l2;
        const wr = <f64>nr + l2;
        const both = fall(GL, wl, isBounded, lower, upper) + fall(GR, wr, isBounded, lower, upper);
        const gain = both - whole;
        // Gains below this share are rounding.
        if (gain <= best || gain <= 1e-11 * both) continue;
        if (direction != 0) {
          const rise = min(max(-GR / wr, lower), upper) - min(max(-GL / wl, lower), upper);
          if (rise * <f64>direction < 0) continue;
        }
        best = gain;
        store<f64>(result, gain);
        store<i64>(result, sum, 8);
        store<i32>(result, k, 16);
        store<i32>(result, bin, 20);
        store<i32>(result, side, 24);
        store<i32>(result, missing == 0 ? 0 : 1, 28);
      }
    }
  }
  return best;
}

/** prediction[row] += value for the listed rows. */
export function addValue(prediction: usize, index: usize, n: i32, value: f64): void {
  for (let i = 0; i < n; i++) {
    const at = prediction + ((<usize>load<u32>(index + ((<usize>i) << 2))) << 3);
    store<f64>(at, load<f64>(at) + value);
  }
}

/**
 * prediction[row] += the tree's value for the listed rows. Nodes of 32 bytes: value f64, feature i32 (−1 = leaf), bin i32,
 * missingLeft i32, left i32, right i32; node 0 is the root.
 */
export function addTree(blocks: usize, rows: i32, nodes: usize, index: usize, n: i32, prediction: usize): void {
  const blockBytes: usize = (<usize>rows) << 3;
  for (let i = 0; i < n; i++) {
    const row = (<usize>load<u32>(index + ((<usize>i) << 2))) << 3;
    let node = nodes;
    for (let feature = load<i32>(node, 8); feature >= 0; feature = load<i32>(node, 8)) {
      const bin = <i32>load<u8>(blocks + <usize>(feature >> 3) * blockBytes + row + <usize>(feature & 7));
      const goesLeft = bin == MISSING ? load<i32>(node, 16) : bin <= load<i32>(node, 12) ? 1 : 0;
      node = nodes + ((<usize>(goesLeft != 0 ? load<i32>(node, 20) : load<i32>(node, 24))) << 5);
    }
    store<f64>(prediction + row, load<f64>(prediction + row) + load<f64>(node));
  }
}
