// @ts-nocheck: AssemblyScript, checked by its own compiler.
/**
 * What an LSTM does beside its matrix products, on blocks of rows in panel-8 layout ([columns/8][rows][8]). Gates lie in the
 * order input, forget, cell, output, each `n` = rows · hidden values.
 */
import { madd, nmadd } from './multiply-add.as';
import { sigmoid4, tanh4 } from './vector-math.as';

/** Copies day `day` of each row's series (row-major, `width` inputs, a multiple of 8) into a block. */
export function gather(rowAddresses: usize, day: i32, width: i32, rows: i32, out: usize): void {
  const offset = (<usize>(day * width)) << 2;
  const panel = (<usize>rows) << 5;
  for (let r: usize = 0; r < <usize>rows; r++) {
    let from = load<u32>(rowAddresses + (r << 2)) + offset;
    let to = out + (r << 5);
    for (let w = 0; w < width; w += 8) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      from += 32;
      to += panel;
    }
  }
}

/** Gates from sums in place; c = f · c₋₁ + i · g; h = o · tanh c, written to one or (second ≠ 0) two places. */
export function cellForward(
  gates: usize,
  before: usize,
  cell: usize,
  squashed: usize,
  hidden: usize,
  second: usize,
  n: i32,
): void {
  const size: usize = (<usize>n) << 2;
  for (let e: usize = 0; e < size; e += 16) {
    const g = gates + e;
    const input = sigmoid4(v128.load(g));
    const forget = sigmoid4(v128.load(g + size));
    const candidate = tanh4(v128.load(g + 2 * size));
    const output = sigmoid4(v128.load(g + 3 * size));
    const c = madd(forget, v128.load(before + e), f32x4.mul(input, candidate));
    const t = tanh4(c);
    const h = f32x4.mul(output, t);
    v128.store(g, input);
    v128.store(g + size, forget);
    v128.store(g + 2 * size, candidate);
    v128.store(g + 3 * size, output);
    v128.store(cell + e, c);
    v128.store(squashed + e, t);
    v128.store(hidden + e, h);
    if (second) v128.store(second + e, h);
  }
}

/**
 * Gradients of the sums in place of the gates. ∂h is fromAbove + fromNext (either may be 0 = none);
 * dCell goes in as that of this step and comes out as that of the step before.
 */
export function cellBackward(
  gates: usize,
  before: usize,
  squashed: usize,
  fromAbove: usize,
  fromNext: usize,
  dCell: usize,
  n: i32,
): void {
  const size: usize = (<usize>n) << 2;
  const one = f32x4.splat(1);
  for (let e: usize = 0; e < size; e += 16) {
    const at = gates + e;
    const i = v128.load(at);
    const f = v128.load(at + size);
    const g = v128.load(at + 2 * size);
    const o = v128.load(at + 3 * size);
    const t = v128.load(squashed + e);
    let dh = fromAbove ? v128.load(fromAbove + e) : f32x4.splat(0);
    if (fromNext) dh = f32x4.add(dh, v128.load(fromNext + e));
    const d = madd(f32x4.mul(dh, o), nmadd(t, t, one), v128.load(dCell + e));
    v128.store(at, f32x4.mul(f32x4.mul(d, g), f32x4.mul(i, f32x4.sub(one, i))));
    v128.store(at + size, f32x4.mul(f32x4.mul(d, v128.load(before + e)), f32x4.mul(f, f32x4.sub(one, f))));
    v128.store(at + 2 * size, f32x4.mul(f32x4.mul(d, i), nmadd(g, g, one)));
    v128.store(at + 3 * size, f32x4.mul(f32x4.mul(dh, t), f32x4.mul(o, f32x4.sub(one, o))));
    v128.store(dCell + e, f32x4.mul(d, f));
  }
}

/** out = a · b, n a multiple of 4. */
export function multiplyVectors(a: usize, b: usize, out: usize, n: i32): void {
  const size: usize = (<usize>n) << 2;
  for (let e: usize = 0; e < size; e += 16) v128.store(out + e, f32x4.mul(v128.load(a + e), v128.load(b + e)));
}

@inline
function at(base: usize, rows: i32, r: i32, k: i32): usize {
  return base + ((<usize>(((k >> 3) * rows + r) * 8 + (k & 7))) << 2);
}

/** Layer normalization over the `width` units of each row; keeps mean and 1/σ per row in `stats` [rows, 2]. */
export function normForward(h: usize, rows: i32, width: i32, gain: usize, bias: usize, stats: usize, out: usize): void {
  for (let r = 0; r < rows; r++) {
    let sum: f32 = 0;
    for (let k = 0; k < width; k++) sum += load<f32>(at(h, rows, r, k));
    const mean = sum / <f32>width;
    let squares: f32 = 0;
    for (let k = 0; k < width; k++) {
      const gap = load<f32>(at(h, rows, r, k)) - mean;
      squares += gap * gap;
    }
    const scale: f32 = <f32>1 / <f32>Math.sqrt(<f64>(squares / <f32>width + <f32>1e-5));
    store<f32>(stats + ((<usize>r) << 3), mean);
    store<f32>(stats + ((<usize>r) << 3), scale, 4);
    for (let k = 0; k < width; k++) {
      const z = (load<f32>(at(h, rows, r, k)) - mean) * scale;
      store<f32>(at(out, rows, r, k), z * load<f32>(gain + ((<usize>k) << 2)) + load<f32>(bias + ((<usize>k) << 2)));
    }
  }
}

/** d (∂loss/∂out) becomes ∂loss/∂h in place; adds to the gradients of gain and bias. */
export function normBackward(
  d: usize,
  h: usize,
  rows: i32,
  width: i32,
  gain: usize,
  stats: usize,
  dGain: usize,
  dBias: usize,
): void {
  for (let r = 0; r < rows; r++) {
    const mean = load<f32>(stats + ((<usize>r) << 3));
    const scale = load<f32>(stats + ((<usize>r) << 3), 4);
    let sum: f32 = 0;
    let along: f32 = 0;
    for (let k = 0; k < width; k++) {
      const kk = (<usize>k) << 2;
      const dk = load<f32>(at(d, rows, r, k));
      const z = (load<f32>(at(h, rows, r, k)) - mean) * scale;
      store<f32>(dGain + kk, load<f32>(dGain + kk) + dk * z);
      store<f32>(dBias + kk, load<f32>(dBias + kk) + dk);
      const scaled = dk * load<f32>(gain + kk);
      sum += scaled;
      along += scaled * z;
    }
    sum /= <f32>width;
    along /= <f32>width;
    for (let k = 0; k < width; k++) {
      const p = at(d, rows, r, k);
      const z = (load<f32>(at(h, rows, r, k)) - mean) * scale;
      store<f32>(p, scale * (load<f32>(p) * load<f32>(gain + ((<usize>k) << 2)) - sum - z * along));
    }
  }
}

/** prediction[r · stride] = w · top row r + b for the first `count` rows. */
export function headForward(
  top: usize,
  rows: i32,
  count: i32,
  width: i32,
  w: usize,
  b: usize,
  prediction: usize,
  stride: usize,
): void {
  for (let r = 0; r < count; r++) {
    let sum = load<f32>(b);
    for (let k = 0; k < width; k++) sum += load<f32>(at(top, rows, r, k)) * load<f32>(w + ((<usize>k) << 2));
    store<f32>(prediction + <usize>r * stride, sum);
  }
}

/** From ∂loss/∂prediction: dTop, and what it adds to the gradients of w and b. Rows from `count` on get 0. */
export function headBackward(
  top: usize,
  rows: i32,
  count: i32,
  width: i32,
  w: usize,
  dPrediction: usize,
  stride: usize,
  dTop: usize,
  dW: usize,
  dB: usize,
): void {
  for (let r = 0; r < rows; r++) {
    const d: f32 = r < count ? load<f32>(dPrediction + <usize>r * stride) : 0;
    store<f32>(dB, load<f32>(dB) + d);
    for (let k = 0; k < width; k++) {
      const kk = (<usize>k) << 2;
      store<f32>(dW + kk, load<f32>(dW + kk) + d * load<f32>(at(top, rows, r, k)));
      store<f32>(at(dTop, rows, r, k), d * load<f32>(w + kk));
    }
  }
}

/** ∂/∂prediction of `scale` · (½ gap² within ±delta, delta (|gap| − ½ delta) beyond); 0 where the target is NaN. */
export function pointwiseGradient(
  prediction: usize,
  target: usize,
  count: i32,
  delta: f32,
  scale: f64,
  out: usize,
): void {
  for (let k: usize = 0; k < <usize>count; k++) {
    const y = load<f32>(target + (k << 2));
    const gap = <f64>load<f32>(prediction + (k << 2)) - <f64>y;
    const bounded = gap > <f64>delta ? <f64>delta : gap < -(<f64>delta) ? -(<f64>delta) : gap;
    store<f32>(out + (k << 2), y != y ? 0 : <f32>(bounded * scale));
  }
}
