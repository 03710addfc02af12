// @ts-nocheck: AssemblyScript, checked by its own compiler.
/** From the shards' gradients to the next parameters (Kingma, Ba 2015; Loshchilov, Hutter 2019). n is a multiple of 4. */
import { madd } from './multiply-add.as';

/** The first of `shards` gradients, each `stride` bytes after the one before, becomes their sum, added in order. */
export function sumShards(gradients: usize, stride: usize, shards: i32, n: i32): void {
  const end: usize = (<usize>n) << 2;
  for (let e: usize = 0; e < end; e += 16) {
    let sum = v128.load(gradients + e);
    for (let s: usize = 1; s < <usize>shards; s++) sum = f32x4.add(sum, v128.load(gradients + e + s * stride));
    v128.store(gradients + e, sum);
  }
}

/** Σ x², in double precision and in order. */
export function sumOfSquares(x: usize, n: i32): f64 {
  const end: usize = (<usize>n) << 2;
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  for (let e: usize = 0; e < end; e += 16) {
    const v = v128.load(x + e);
    const low = f64x2.promote_low_f32x4(v);
    const high = f64x2.promote_low_f32x4(
      i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15),
    );
    even = f64x2.add(even, f64x2.mul(low, low));
    odd = f64x2.add(odd, f64x2.mul(high, high));
  }
  const both = f64x2.add(even, odd);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

/** One update; `clip` multiplies the gradient; corrections are 1 − βᵗ; decay is decoupled, coupled is added to the gradient. */
export function adam(
  parameters: usize,
  gradient: usize,
  first: usize,
  second: usize,
  n: i32,
  learningRate: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  correction1: f64,
  correction2: f64,
  decay: f64,
  coupled: f64,
  clip: f64,
): void {
  const end: usize = (<usize>n) << 2;
  const b1 = f32x4.splat(<f32>beta1);
  const b2 = f32x4.splat(<f32>beta2);
  const o1 = f32x4.splat(<f32>(1 - beta1));
  const o2 = f32x4.splat(<f32>(1 - beta2));
  const rate = f32x4.splat(<f32>(learningRate / correction1));
  const inverse2 = f32x4.splat(<f32>(1 / correction2));
  const eps = f32x4.splat(<f32>epsilon);
  const keep = f32x4.splat(<f32>(1 - learningRate * decay));
  const couple = f32x4.splat(<f32>coupled);
  const factor = f32x4.splat(<f32>clip);
  for (let e: usize = 0; e < end; e += 16) {
    const w = f32x4.mul(v128.load(parameters + e), keep);
    const g = madd(couple, w, f32x4.mul(v128.load(gradient + e), factor));
    const m = madd(b1, v128.load(first + e), f32x4.mul(o1, g));
    const v = madd(b2, v128.load(second + e), f32x4.mul(o2, f32x4.mul(g, g)));
    v128.store(first + e, m);
    v128.store(second + e, v);
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(v, inverse2)), eps);
    v128.store(parameters + e, f32x4.sub(w, f32x4.div(f32x4.mul(rate, m), root)));
  }
}
