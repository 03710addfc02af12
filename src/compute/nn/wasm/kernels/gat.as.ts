// @ts-nocheck: AssemblyScript, checked by its own compiler.
/**
 * Graph attention over edges in compressed rows (Veličković et al. 2018), with the attention term split into a part of the target and a
 * part of the source, so that nothing grows with the square of the nodes. Node matrices are row-major. Projections H keep each head's
 * channels padded to a multiple of four (`headBytes` per head, `rowBytes` per node); per-head numbers of a node or an edge lie in
 * `lanes` bytes, heads padded to a multiple of four. Padding is zero and stays zero.
 */
import { madd } from './multiply-add.as';
import { exp4, sum4 } from './vector-math.as';

/** Bytes of a block of 32 channels, which is kept in registers. */
const BLOCK: usize = 128;

@inline
function dot(a: usize, b: usize, bytes: usize): f32 {
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  let e: usize = 0;
  for (; e + 32 <= bytes; e += 32) {
    even = madd(v128.load(a + e), v128.load(b + e), even);
    odd = madd(v128.load(a + e, 16), v128.load(b + e, 16), odd);
  }
  if (e < bytes) even = madd(v128.load(a + e), v128.load(b + e), even);
  return sum4(f32x4.add(even, odd));
}

/** out += factor · x */
@inline
function addScaled(factor: v128, x: usize, out: usize, bytes: usize): void {
  for (let e: usize = 0; e < bytes; e += 16) v128.store(out + e, madd(factor, v128.load(x + e), v128.load(out + e)));
}

/** Copies the table's rows of `bytes` bytes that the addresses name. */
export function gatherRows(rowAddresses: usize, rows: i32, bytes: usize, out: usize): void {
  for (let r: usize = 0; r < <usize>rows; r++) memory.copy(out + r * bytes, load<u32>(rowAddresses + (r << 2)), bytes);
}

/** Per node and head, a · h: what the node adds to the scores of its edges as a target (or as a source). */
export function scoreParts(
  H: usize,
  rowBytes: usize,
  headBytes: usize,
  heads: i32,
  a: usize,
  nodes: i32,
  out: usize,
  lanes: usize,
): void {
  for (let i: usize = 0; i < <usize>nodes; i++) {
    for (let h: usize = 0; h < <usize>heads; h++) {
      store<f32>(out + i * lanes + (h << 2), dot(H + i * rowBytes + h * headBytes, a + h * headBytes, headBytes));
    }
  }
}

/** α = softmax over a node's edges of leakyReLU(target part + source part), per edge in `lanes` bytes. */
export function attend(
  rowStart: usize,
  columns: usize,
  target: usize,
  source: usize,
  nodes: i32,
  lanes: usize,
  negativeSlope: f32,
  alpha: usize,
): void {
  const slope = f32x4.splat(negativeSlope);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < <usize>nodes; i++) {
    const first = load<u32>(rowStart + (i << 2));
    const end = load<u32>(rowStart + (i << 2), 4);
    if (first == end) continue;
    for (let g: usize = 0; g < lanes; g += 16) {
      const t = v128.load(target + i * lanes + g);
      let largest = f32x4.splat(-Infinity);
      for (let e: usize = first; e < end; e++) {
        const raw = f32x4.add(t, v128.load(source + <usize>load<u32>(columns + (e << 2)) * lanes + g));
        const score = v128.bitselect(raw, f32x4.mul(raw, slope), f32x4.gt(raw, zero));
        v128.store(alpha + e * lanes + g, score);
        largest = f32x4.pmax(largest, score);
      }
      let total = zero;
      for (let e: usize = first; e < end; e++) {
        const p = alpha + e * lanes + g;
        const share = exp4(f32x4.sub(v128.load(p), largest));
        v128.store(p, share);
        total = f32x4.add(total, share);
      }
      const scale = f32x4.div(one, total);
      for (let e: usize = first; e < end; e++) {
        const p = alpha + e * lanes + g;
        v128.store(p, f32x4.mul(v128.load(p), scale));
      }
    }
  }
}

/** O_i = Σ over the edges of node i of α · H_j, per head. Nodes without edges get 0. */
export function aggregate(
  rowStart: usize,
  columns: usize,
  alpha: usize,
  lanes: usize,
  H: usize,
  rowBytes: usize,
  headBytes: usize,
  heads: i32,
  nodes: i32,
  O: usize,
): void {
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < <usize>nodes; i++) {
    const first = load<u32>(rowStart + (i << 2));
    const end = load<u32>(rowStart + (i << 2), 4);
    for (let h: usize = 0; h < <usize>heads; h++) {
      const head = h * headBytes;
      const share = alpha + (h << 2);
      let u: usize = 0;
      for (; u + BLOCK <= headBytes; u += BLOCK) {
        let o0 = zero;
        let o1 = zero;
        let o2 = zero;
        let o3 = zero;
        let o4 = zero;
        let o5 = zero;
        let o6 = zero;
        let o7 = zero;
        for (let e: usize = first; e < end; e++) {
          const x = H + <usize>load<u32>(columns + (e << 2)) * rowBytes + head + u;
          const a = v128.load32_splat(share + e * lanes);
          o0 = madd(a, v128.load(x), o0);
          o1 = madd(a, v128.load(x, 16), o1);
          o2 = madd(a, v128.load(x, 32), o2);
          o3 = madd(a, v128.load(x, 48), o3);
          o4 = madd(a, v128.load(x, 64), o4);
          o5 = madd(a, v128.load(x, 80), o5);
          o6 = madd(a, v128.load(x, 96), o6);
          o7 = madd(a, v128.load(x, 112), o7);
        }
        const o = O + i * rowBytes + head + u;
        v128.store(o, o0);
        v128.store(o, o1, 16);
        v128.store(o, o2, 32);
        v128.store(o, o3, 48);
        v128.store(o, o4, 64);
        v128.store(o, o5, 80);
        v128.store(o, o6, 96);
        v128.store(o, o7, 112);
      }
      for (; u < headBytes; u += 16) {
        let sum = zero;
        for (let e: usize = first; e < end; e++) {
          const x = H + <usize>load<u32>(columns + (e << 2)) * rowBytes + head + u;
          sum = madd(v128.load32_splat(share + e * lanes), v128.load(x), sum);
        }
        v128.store(O + i * rowBytes + head + u, sum);
      }
    }
  }
}

@inline
function elu(x: v128): v128 {
  const zero = f32x4.splat(0);
  return v128.bitselect(x, f32x4.sub(exp4(f32x4.pmin(x, zero)), f32x4.splat(1)), f32x4.gt(x, zero));
}

/**
 * out = ELU(heads side by side, or their mean, + bias), channels without padding between heads. Heads are stored in order, so that the
 * next one overwrites the padding of the one before; `out` has 16 bytes to spare at its end.
 */
export function combineHeads(
  O: usize,
  rowBytes: usize,
  headBytes: usize,
  channelBytes: usize,
  heads: i32,
  concat: bool,
  bias: usize,
  nodes: i32,
  out: usize,
  outBytes: usize,
): void {
  const share = f32x4.splat(<f32>1 / <f32>heads);
  for (let i: usize = 0; i < <usize>nodes; i++) {
    const from = O + i * rowBytes;
    const to = out + i * outBytes;
    if (concat) {
      for (let h: usize = 0; h < <usize>heads; h++) {
        for (let u: usize = 0; u < headBytes; u += 16) {
          const at = h * headBytes + u;
          v128.store(to + h * channelBytes + u, elu(f32x4.add(v128.load(from + at), v128.load(bias + at))));
        }
      }
    } else {
      for (let u: usize = 0; u < headBytes; u += 16) {
        let sum = v128.load(from + u);
        for (let h: usize = 1; h < <usize>heads; h++) sum = f32x4.add(sum, v128.load(from + h * headBytes + u));
        v128.store(to + u, elu(madd(sum, share, v128.load(bias + u))));
      }
    }
  }
}

/** From ∂loss/∂out: ∂loss/∂O per head, and what it adds to the gradient of the bias. `dOut` and `out` have 16 bytes to spare. */
export function separateHeads(
  dOut: usize,
  out: usize,
  outBytes: usize,
  rowBytes: usize,
  headBytes: usize,
  channelBytes: usize,
  heads: i32,
  concat: bool,
  nodes: i32,
  dO: usize,
  dBias: usize,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const share = f32x4.splat(<f32>1 / <f32>heads);
  const lane = i32x4(0, 4, 8, 12);
  const parts: usize = concat ? <usize>heads : 1;
  for (let i: usize = 0; i < <usize>nodes; i++) {
    for (let h: usize = 0; h < parts; h++) {
      for (let u: usize = 0; u < headBytes; u += 16) {
        const from = i * outBytes + h * channelBytes + u;
        const y = v128.load(out + from);
        // ELU' is 1 above 0 and ELU + 1 below.
        let d = f32x4.mul(v128.load(dOut + from), v128.bitselect(one, f32x4.add(y, one), f32x4.gt(y, zero)));
        d = v128.and(d, i32x4.lt_s(lane, i32x4.splat(<i32>channelBytes - <i32>u)));
        const at = h * headBytes + u;
        v128.store(dBias + at, f32x4.add(v128.load(dBias + at), d));
        if (concat) {
          v128.store(dO + i * rowBytes + at, d);
        } else {
          d = f32x4.mul(d, share);
          for (let k: usize = 0; k < <usize>heads; k++) v128.store(dO + i * rowBytes + k * headBytes + u, d);
        }
      }
    }
  }
}

/**
 * Through the weighted sums: dH_j += α · dO_i and, per edge, ∂loss/∂α = dO_i · H_j. Here α is what was summed with: after dropout.
 */
export function aggregateBackward(
  rowStart: usize,
  columns: usize,
  alpha: usize,
  lanes: usize,
  H: usize,
  rowBytes: usize,
  headBytes: usize,
  heads: i32,
  nodes: i32,
  dO: usize,
  dH: usize,
  dAlpha: usize,
): void {
  for (let i: usize = 0; i < <usize>nodes; i++) {
    const first = load<u32>(rowStart + (i << 2));
    const end = load<u32>(rowStart + (i << 2), 4);
    for (let h: usize = 0; h < <usize>heads; h++) {
      const head = h * headBytes;
      const g = dO + i * rowBytes + head;
      if (headBytes == BLOCK) {
        const g0 = v128.load(g);
        const g1 = v128.load(g, 16);
        const g2 = v128.load(g, 32);
        const g3 = v128.load(g, 48);
        const g4 = v128.load(g, 64);
        const g5 = v128.load(g, 80);
        const g6 = v128.load(g, 96);
        const g7 = v128.load(g, 112);
        for (let e: usize = first; e < end; e++) {
          const offset = <usize>load<u32>(columns + (e << 2)) * rowBytes + head;
          const x = H + offset;
          const d = dH + offset;
          const edge = e * lanes + (h << 2);
          const a = v128.load32_splat(alpha + edge);
          let even = f32x4.mul(g0, v128.load(x));
          let odd = f32x4.mul(g1, v128.load(x, 16));
          even = madd(g2, v128.load(x, 32), even);
          odd = madd(g3, v128.load(x, 48), odd);
          even = madd(g4, v128.load(x, 64), even);
          odd = madd(g5, v128.load(x, 80), odd);
          even = madd(g6, v128.load(x, 96), even);
          odd = madd(g7, v128.load(x, 112), odd);
          store<f32>(dAlpha + edge, sum4(f32x4.add(even, odd)));
          v128.store(d, madd(a, g0, v128.load(d)));
          v128.store(d, madd(a, g1, v128.load(d, 16)), 16);
          v128.store(d, madd(a, g2, v128.load(d, 32)), 32);
          v128.store(d, madd(a, g3, v128.load(d, 48)), 48);
          v128.store(d, madd(a, g4, v128.load(d, 64)), 64);
          v128.store(d, madd(a, g5, v128.load(d, 80)), 80);
          v128.store(d, madd(a, g6, v128.load(d, 96)), 96);
          v128.store(d, madd(a, g7, v128.load(d, 112)), 112);
        }
      } else {
        for (let e: usize = first; e < end; e++) {
          const offset = <usize>load<u32>(columns + (e << 2)) * rowBytes + head;
          const edge = e * lanes + (h << 2);
          store<f32>(dAlpha + edge, dot(g, H + offset, headBytes));
          addScaled(v128.load32_splat(alpha + edge), g, dH + offset, headBytes);
        }
      }
    }
  }
}

/** Through the softmax and the leaky rectifier: gradients of the target parts (set) and source parts (added). */
export function attendBackward(
  rowStart: usize,
  columns: usize,
  target: usize,
  source: usize,
  nodes: i32,
  lanes: usize,
  negativeSlope: f32,
  alpha: usize,
  dAlpha: usize,
  dTarget: usize,
  dSource: usize,
): void {
  const slope = f32x4.splat(negativeSlope);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < <usize>nodes; i++) {
    const first = load<u32>(rowStart + (i << 2));
    const end = load<u32>(rowStart + (i << 2), 4);
    for (let g: usize = 0; g < lanes; g += 16) {
      const t = v128.load(target + i * lanes + g);
      let mean = zero;
      for (let e: usize = first; e < end; e++) {
        mean = madd(v128.load(alpha + e * lanes + g), v128.load(dAlpha + e * lanes + g), mean);
      }
      let sum = zero;
      for (let e: usize = first; e < end; e++) {
        const j = <usize>load<u32>(columns + (e << 2)) * lanes + g;
        const raw = f32x4.add(t, v128.load(source + j));
        const gap = f32x4.sub(v128.load(dAlpha + e * lanes + g), mean);
        let d = f32x4.mul(v128.load(alpha + e * lanes + g), gap);
        d = f32x4.mul(d, v128.bitselect(one, slope, f32x4.gt(raw, zero)));
        sum = f32x4.add(sum, d);
        v128.store(dSource + j, f32x4.add(v128.load(dSource + j), d));
      }
      v128.store(dTarget + i * lanes + g, sum);
    }
  }
}

/** Through the split attention term: dH += ds · a, da += ds · h, for targets or sources. */
export function scorePartsBackward(
  H: usize,
  dH: usize,
  rowBytes: usize,
  headBytes: usize,
  heads: i32,
  a: usize,
  da: usize,
  nodes: i32,
  d: usize,
  lanes: usize,
): void {
  for (let i: usize = 0; i < <usize>nodes; i++) {
    for (let h: usize = 0; h < <usize>heads; h++) {
      const factor = v128.load32_splat(d + i * lanes + (h << 2));
      const head = h * headBytes;
      addScaled(factor, a + head, dH + i * rowBytes + head, headBytes);
      addScaled(factor, H + i * rowBytes + head, da + head, headBytes);
    }
  }
}

/** prediction_i = w · x_i + b */
export function rowHead(x: usize, rowBytes: usize, nodes: i32, w: usize, b: usize, prediction: usize): void {
  for (let i: usize = 0; i < <usize>nodes; i++) {
    store<f32>(prediction + (i << 2), dot(x + i * rowBytes, w, rowBytes) + load<f32>(b));
  }
}

/** dx_i = d_i · w; adds to the gradients of w and b. */
export function rowHeadBackward(
  x: usize,
  rowBytes: usize,
  nodes: i32,
  w: usize,
  dPrediction: usize,
  dx: usize,
  dW: usize,
  dB: usize,
): void {
  for (let i: usize = 0; i < <usize>nodes; i++) {
    const d = load<f32>(dPrediction + (i << 2));
    const factor = f32x4.splat(d);
    store<f32>(dB, load<f32>(dB) + d);
    addScaled(factor, x + i * rowBytes, dW, rowBytes);
    for (let e: usize = 0; e < rowBytes; e += 16) {
      v128.store(dx + i * rowBytes + e, f32x4.mul(factor, v128.load(w + e)));
    }
  }
}
