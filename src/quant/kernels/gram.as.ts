// @ts-nocheck: AssemblyScript, checked by its own compiler. Its pointers are byte offsets into linear memory.
/**
 * Xᵀ X in double precision with 128-bit SIMD: rows are packed into panels of four columns and multiplied in 4 × 4 register blocks.
 * Multiply-adds are relaxed: fused where the processor has a fused instruction, so bits may differ between processor families.
 */

/** Bytes that the caller may use start here. */
export function firstFreeByte(): usize {
  return (__heap_base + 63) & ~63;
}

/**
 * X [rows, columns] row-major → panels [columns / 4][rows][4] of (x − center) · scale.
 * columns is a multiple of 4; center has `columns` entries, scale has `rows`.
 */
export function pack(X: usize, rows: i32, columns: i32, center: usize, scale: usize, panels: usize): void {
  const stride: usize = (<usize>columns) << 3;
  for (let j = 0; j < columns; j += 4) {
    const offset: usize = (<usize>j) << 3;
    const center0 = v128.load(center + offset);
    const center1 = v128.load(center + offset, 16);
    let x = X + offset;
    let s = scale;
    let p = panels + ((<usize>(j * rows)) << 3);
    for (let t = 0; t < rows; t++) {
      const factor = v128.load64_splat(s);
      v128.store(p, f64x2.mul(f64x2.sub(v128.load(x), center0), factor));
      v128.store(p, f64x2.mul(f64x2.sub(v128.load(x, 16), center1), factor), 16);
      x += stride;
      s += 8;
      p += 32;
    }
  }
}

/** Adds the panels' Gram matrix to the blocks on and above the diagonal of C [columns, columns]. */
export function accumulate(panels: usize, rows: i32, columns: i32, C: usize): void {
  const COLUMN_BLOCK = 96; // 96 columns × 256 rows fit the second-level cache
  const stride: usize = (<usize>columns) << 3;
  const panelBytes: usize = (<usize>rows) << 5;
  for (let block = 0; block < columns; block += COLUMN_BLOCK) {
    for (let j = block; j < columns; j += 4) {
      const right = panels + <usize>(j >> 2) * panelBytes;
      const end = min(j + 1, block + COLUMN_BLOCK);
      for (let i = block; i < end; i += 4) {
        multiply(panels + <usize>(i >> 2) * panelBytes, right, rows, C + <usize>i * stride + ((<usize>j) << 3), stride);
      }
    }
  }
}

function multiply(left: usize, right: usize, rows: i32, C: usize, stride: usize): void {
  let c00 = v128.load(C);
  let c01 = v128.load(C, 16);
  let c10 = v128.load(C + stride);
  let c11 = v128.load(C + stride, 16);
  let c20 = v128.load(C + 2 * stride);
  let c21 = v128.load(C + 2 * stride, 16);
  let c30 = v128.load(C + 3 * stride);
  let c31 = v128.load(C + 3 * stride, 16);
  const end = left + ((<usize>rows) << 5);
  while (left < end) {
    const b0 = v128.load(right);
    const b1 = v128.load(right, 16);
    let a = v128.load64_splat(left);
    c00 = f64x2.relaxed_madd(a, b0, c00);
    c01 = f64x2.relaxed_madd(a, b1, c01);
    a = v128.load64_splat(left, 8);
    c10 = f64x2.relaxed_madd(a, b0, c10);
    c11 = f64x2.relaxed_madd(a, b1, c11);
    a = v128.load64_splat(left, 16);
    c20 = f64x2.relaxed_madd(a, b0, c20);
    c21 = f64x2.relaxed_madd(a, b1, c21);
    a = v128.load64_splat(left, 24);
    c30 = f64x2.relaxed_madd(a, b0, c30);
    c31 = f64x2.relaxed_madd(a, b1, c31);
    left += 32;
    right += 32;
  }
  v128.store(C, c00);
  v128.store(C, c01, 16);
  v128.store(C + stride, c10);
  v128.store(C + stride, c11, 16);
  v128.store(C + 2 * stride, c20);
  v128.store(C + 2 * stride, c21, 16);
  v128.store(C + 3 * stride, c30);
  v128.store(C + 3 * stride, c31, 16);
}
