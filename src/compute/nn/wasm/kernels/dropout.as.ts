// @ts-nocheck: AssemblyScript, checked by its own compiler.
/** The masks of quant/nn/dropout.ts (Philox4x32-10), the same bits. */

/**
 * Factors (0 or `scale`) of units 0 … width − 1 for each of `rows` rows: element (r, u) at r · row + ⌊u/8⌋ · panel + (u mod 8) · 4 bytes.
 * width is a multiple of 4.
 */
export function dropoutMask(
  out: usize,
  row: usize,
  panel: usize,
  rows: i32,
  width: i32,
  firstRow: u32,
  time: u32,
  step: u32,
  seed: u32,
  site: u32,
  threshold: u32,
  scale: f32,
): void {
  for (let r = 0; r < rows; r++) {
    for (let u = 0; u < width; u += 4) {
      let c0: u32 = u >> 2;
      let c1: u32 = time;
      let c2: u32 = firstRow + r;
      let c3: u32 = step;
      let k0: u32 = seed;
      let k1: u32 = site;
      for (let round = 0; round < 10; round++) {
        const p0 = <u64>c0 * 0xd2511f53;
        const p1 = <u64>c2 * 0xcd9e8d57;
        c0 = (<u32>(p1 >> 32)) ^ c1 ^ k0;
        c1 = <u32>p1;
        c2 = (<u32>(p0 >> 32)) ^ c3 ^ k1;
        c3 = <u32>p0;
        k0 += 0x9e3779b9;
        k1 += 0xbb67ae85;
      }
      const p = out + <usize>r * row + <usize>(u >> 3) * panel + ((<usize>(u & 7)) << 2);
      store<f32>(p, c0 >= threshold ? scale : 0);
      store<f32>(p, c1 >= threshold ? scale : 0, 4);
      store<f32>(p, c2 >= threshold ? scale : 0, 8);
      store<f32>(p, c3 >= threshold ? scale : 0, 12);
    }
  }
}
