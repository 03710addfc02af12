// @ts-nocheck: AssemblyScript, checked by its own compiler.
/**
 * Products of matrices in 4 × 8 register blocks. A matrix [rows, columns] lies in panels of eight columns: element (r, c) is at
 * r · row + ⌊c/8⌋ · panel + (c mod 8) · 4 bytes, so that row-major ([row = 4·columns, panel = 32]) and panel-8
 * ([row = 32, panel = 32·rows]) go through the same code. Factors are packed [columns/8][rows][8].
 */
import { madd } from './multiply-add.as';

@inline
function splat(p: usize, offset: usize): v128 {
  return v128.load32_splat(p + offset);
}

/**
 * C [rows, N] = bias + A [rows, K] · B [K, N], or C + A · B where `add`. rows is a multiple of 4, K and N of 8; bias may be 0 (none).
 * Each element is one chain of multiply-adds in the order of k, whatever the other rows are.
 */
export function multiply(
  A: usize,
  aRow: usize,
  aPanel: usize,
  B: usize,
  C: usize,
  cRow: usize,
  cPanel: usize,
  rows: i32,
  K: i32,
  N: i32,
  bias: usize,
  add: bool,
): void {
  const panels = K >> 3;
  for (let j = 0; j < N; j += 8) {
    const columnB = B + ((<usize>(j * K)) << 2);
    const columnC = C + <usize>(j >> 3) * cPanel;
    for (let r = 0; r < rows; r += 4) {
      const c0 = columnC + <usize>r * cRow;
      const c1 = c0 + cRow;
      const c2 = c1 + cRow;
      const c3 = c2 + cRow;
      let s00: v128, s01: v128, s10: v128, s11: v128, s20: v128, s21: v128, s30: v128, s31: v128;
      if (add) {
        s00 = v128.load(c0);
        s01 = v128.load(c0, 16);
        s10 = v128.load(c1);
        s11 = v128.load(c1, 16);
        s20 = v128.load(c2);
        s21 = v128.load(c2, 16);
        s30 = v128.load(c3);
        s31 = v128.load(c3, 16);
      } else {
        s00 = bias ? v128.load(bias + ((<usize>j) << 2)) : f32x4.splat(0);
        s01 = bias ? v128.load(bias + ((<usize>j) << 2), 16) : f32x4.splat(0);
        s10 = s00;
        s20 = s00;
        s30 = s00;
        s11 = s01;
        s21 = s01;
        s31 = s01;
      }
      let a0 = A + <usize>r * aRow;
      let a1 = a0 + aRow;
      let a2 = a1 + aRow;
      let a3 = a2 + aRow;
      let b = columnB;
      for (let p = 0; p < panels; p++) {
        // Eight steps of k; the compiler unrolls what it can prove, so it is written out by a constant loop of inlined bodies.
        for (let k: usize = 0; k < 32; k += 8) {
          let b0 = v128.load(b);
          let b1 = v128.load(b, 16);
          let a = splat(a0, k);
          s00 = madd(a, b0, s00);
          s01 = madd(a, b1, s01);
          a = splat(a1, k);
          s10 = madd(a, b0, s10);
          s11 = madd(a, b1, s11);
          a = splat(a2, k);
          s20 = madd(a, b0, s20);
          s21 = madd(a, b1, s21);
          a = splat(a3, k);
          s30 = madd(a, b0, s30);
          s31 = madd(a, b1, s31);
          b0 = v128.load(b, 32);
          b1 = v128.load(b, 48);
          a = v128.load32_splat(a0 + k, 4);
          s00 = madd(a, b0, s00);
          s01 = madd(a, b1, s01);
          a = v128.load32_splat(a1 + k, 4);
          s10 = madd(a, b0, s10);
          s11 = madd(a, b1, s11);
          a = v128.load32_splat(a2 + k, 4);
          s20 = madd(a, b0, s20);
          s21 = madd(a, b1, s21);
          a = v128.load32_splat(a3 + k, 4);
          s30 = madd(a, b0, s30);
          s31 = madd(a, b1, s31);
          b += 64;
        }
        a0 += aPanel;
        a1 += aPanel;
        a2 += aPanel;
        a3 += aPanel;
      }
      v128.store(c0, s00);
      v128.store(c0, s01, 16);
      v128.store(c1, s10);
      v128.store(c1, s11, 16);
      v128.store(c2, s20);
      v128.store(c2, s21, 16);
      v128.store(c3, s30);
      v128.store(c3, s31, 16);
    }
  }
}

/**
 * C [M, N] += Σ over steps (last first) and rows of Aᵀ B, C packed [N/8][M][8]. A step's matrices lie `aStep` and `bStep` bytes after the
 * one before. rows is a multiple of 2, M of 4, N of 8. Each element is one chain, so that cutting the steps into calls changes no bit.
 */
export function multiplyTransposed(
  A: usize,
  aRow: usize,
  aPanel: usize,
  aStep: usize,
  B: usize,
  bRow: usize,
  bPanel: usize,
  bStep: usize,
  C: usize,
  rows: i32,
  steps: i32,
  M: i32,
  N: i32,
): void {
  for (let j = 0; j < N; j += 8) {
    const columnB = B + <usize>(j >> 3) * bPanel;
    for (let m = 0; m < M; m += 4) {
      const columnA = A + <usize>(m >> 3) * aPanel + ((<usize>(m & 4)) << 2);
      const c = C + ((<usize>(j * M + (m << 3))) << 2);
      let s00 = v128.load(c);
      let s01 = v128.load(c, 16);
      let s10 = v128.load(c, 32);
      let s11 = v128.load(c, 48);
      let s20 = v128.load(c, 64);
      let s21 = v128.load(c, 80);
      let s30 = v128.load(c, 96);
      let s31 = v128.load(c, 112);
      for (let t = steps - 1; t >= 0; t--) {
        let a = columnA + <usize>t * aStep;
        let b = columnB + <usize>t * bStep;
        for (let r = 0; r < rows; r += 2) {
          let b0 = v128.load(b);
          let b1 = v128.load(b, 16);
          let x = v128.load32_splat(a);
          s00 = madd(x, b0, s00);
          s01 = madd(x, b1, s01);
          x = v128.load32_splat(a, 4);
          s10 = madd(x, b0, s10);
          s11 = madd(x, b1, s11);
          x = v128.load32_splat(a, 8);
          s20 = madd(x, b0, s20);
          s21 = madd(x, b1, s21);
          x = v128.load32_splat(a, 12);
          s30 = madd(x, b0, s30);
          s31 = madd(x, b1, s31);
          a += aRow;
          b += bRow;
          b0 = v128.load(b);
          b1 = v128.load(b, 16);
          x = v128.load32_splat(a);
          s00 = madd(x, b0, s00);
          s01 = madd(x, b1, s01);
          x = v128.load32_splat(a, 4);
          s10 = madd(x, b0, s10);
          s11 = madd(x, b1, s11);
          x = v128.load32_splat(a, 8);
          s20 = madd(x, b0, s20);
          s21 = madd(x, b1, s21);
          x = v128.load32_splat(a, 12);
          s30 = madd(x, b0, s30);
          s31 = madd(x, b1, s31);
          a += aRow;
          b += bRow;
        }
      }
      v128.store(c, s00);
      v128.store(c, s01, 16);
      v128.store(c, s10, 32);
      v128.store(c, s11, 48);
      v128.store(c, s20, 64);
      v128.store(c, s21, 80);
      v128.store(c, s30, 96);
      v128.store(c, s31, 112);
    }
  }
}

/** sums [N] += Σ over steps (last first) and rows of A [rows, N]. */
export function addColumns(
  A: usize,
  aRow: usize,
  aPanel: usize,
  aStep: usize,
  rows: i32,
  steps: i32,
  N: i32,
  sums: usize,
): void {
  for (let j = 0; j < N; j += 8) {
    const s = sums + ((<usize>j) << 2);
    let s0 = v128.load(s);
    let s1 = v128.load(s, 16);
    for (let t = steps - 1; t >= 0; t--) {
      let a = A + <usize>(j >> 3) * aPanel + <usize>t * aStep;
      for (let r = 0; r < rows; r++) {
        s0 = f32x4.add(s0, v128.load(a));
        s1 = f32x4.add(s1, v128.load(a, 16));
        a += aRow;
      }
    }
    v128.store(s, s0);
    v128.store(s, s1, 16);
  }
}

/** W packed [N/8][K][8] → its transpose packed [K/8][N][8]. */
export function transpose(W: usize, K: i32, N: i32, out: usize): void {
  for (let k = 0; k < K; k += 8) {
    for (let n = 0; n < N; n++) {
      const from = W + ((<usize>((n >> 3) * (K << 3) + (k << 3) + (n & 7))) << 2);
      const to = out + ((<usize>(k * N + (n << 3))) << 2);
      for (let u: usize = 0; u < 8; u++) store<f32>(to + (u << 2), load<f32>(from + (u << 5)));
    }
  }
}

/** Two vectors' sum, n a multiple of 4. */
export function addVectors(a: usize, b: usize, out: usize, n: i32): void {
  const end: usize = (<usize>n) << 2;
  for (let e: usize = 0; e < end; e += 16) v128.store(out + e, f32x4.add(v128.load(a + e), v128.load(b + e)));
}
