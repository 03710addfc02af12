/**
 * One graph attention layer with hand-written gradients, in plain loops (Veličković et al. 2018): the definition that the fast
 * engines are compared with. Row i attends to the columns j of its edges (i, j); self-loops are the caller's business.
 */

export interface AttentionShape {
  readonly nodes: number;
  readonly features: number;
  readonly heads: number;
  readonly channels: number;
  /** Heads side by side (head-major); otherwise their mean. */
  readonly concat: boolean;
  readonly negativeSlope: number;
}

export interface AttentionWeights {
  /** [heads, C, F] row-major. */
  readonly w: Float64Array;
  /** [heads, C]. */
  readonly aTarget: Float64Array;
  readonly aSource: Float64Array;
  /** heads·C or C. */
  readonly b: Float64Array;
}

export interface AttentionRun {
  /** [heads, N, C]. */
  readonly projected: Float64Array;
  /** Per head and edge: before the softmax, and after it. */
  readonly scores: Float64Array;
  readonly attention: Float64Array;
  /** Factors of dropout on the attention, where there are any. */
  readonly mask: Float64Array | undefined;
  /** [N, width], width = heads·C or C. */
  readonly out: Float64Array;
}

/** (target i, source j) of each edge. */
export type Edges = readonly (readonly [target: number, source: number])[];

export function attentionWidth({ heads, channels, concat }: AttentionShape): number {
  return concat ? heads * channels : channels;
}

/** x [N, F] → ELU(Σ_j α_ij h_j + b); `mask` [heads, edges] multiplies α after its softmax. */
export function attentionForward(
  x: Float64Array,
  edges: Edges,
  weights: AttentionWeights,
  shape: AttentionShape,
  mask?: Float64Array,
): AttentionRun {
  const { nodes: N, features: F, heads, channels: C, concat, negativeSlope } = shape;
  const width = attentionWidth(shape);
  const projected = new Float64Array(heads * N * C);
  const scores = new Float64Array(heads * edges.length);
  const attention = new Float64Array(heads * edges.length);
  const out = new Float64Array(N * width);
  for (let i = 0; i < N; i++) out.set(weights.b, i * width);
  for (let h = 0; h < heads; h++) {
    for (let i = 0; i < N; i++) {
      for (let c = 0; c < C; c++) {
        let sum = 0;
        for (let f = 0; f < F; f++) sum += weights.w[(h * C + c) * F + f] * x[i * F + f];
        projected[(h * N + i) * C + c] = sum;
      }
    }
    const base = h * edges.length;
    edges.forEach(([i, j], e) => {
      let raw = 0;
      for (let c = 0; c < C; c++) {
        raw += weights.aTarget[h * C + c] * projected[(h * N + i) * C + c];
        raw += weights.aSource[h * C + c] * projected[(h * N + j) * C + c];
      }
      scores[base + e] = raw;
    });
    softmaxPerTarget(scores, attention, base, edges, N, negativeSlope);
    edges.forEach(([i, j], e) => {
      const share = ((mask?.[base + e] ?? 1) * attention[base + e]) / (concat ? 1 : heads);
      const to = i * width + (concat ? h * C : 0);
      for (let c = 0; c < C; c++) out[to + c] += share * projected[(h * N + j) * C + c];
    });
  }
  for (let k = 0; k < out.length; k++) if (out[k] < 0) out[k] = Math.expm1(out[k]);
  return { projected, scores, attention, mask, out };
}

export interface AttentionGradients extends AttentionWeights {
  /** [N, F]. */
  readonly x: Float64Array;
}

/** Gradients from ∂loss/∂out [N, width]. */
export function attentionBackward(
  x: Float64Array,
  edges: Edges,
  weights: AttentionWeights,
  shape: AttentionShape,
  run: AttentionRun,
  dOut: Float64Array,
): AttentionGradients {
  const { nodes: N, features: F, heads, channels: C, concat } = shape;
  const width = attentionWidth(shape);
  // ELU'(z) is 1 above 0 and ELU(z) + 1 below.
  const dSum = dOut.map((value, k) => value * (run.out[k] < 0 ? run.out[k] + 1 : 1));
  const b = new Float64Array(width);
  dSum.forEach((value, k) => {
    b[k % width] += value;
  });
  const dProjected = new Float64Array(run.projected.length);
  const aTarget = new Float64Array(heads * C);
  const aSource = new Float64Array(heads * C);
  for (let h = 0; h < heads; h++) {
    const dScores = scoreGradients(edges, shape, run, dSum, h, dProjected);
    edges.forEach(([i, j], e) => {
      for (let c = 0; c < C; c++) {
        aTarget[h * C + c] += dScores[e] * run.projected[(h * N + i) * C + c];
        aSource[h * C + c] += dScores[e] * run.projected[(h * N + j) * C + c];
        dProjected[(h * N + i) * C + c] += dScores[e] * weights.aTarget[h * C + c];
        dProjected[(h * N + j) * C + c] += dScores[e] * weights.aSource[h * C + c];
      }
    });
  }
  const w = new Float64Array(weights.w.length);
  const dx = new Float64Array(x.length);
  for (let h = 0; h < heads; h++) {
    for (let i = 0; i < N; i++) {
      for (let c = 0; c < C; c++) {
        const g = dProjected[(h * N + i) * C + c];
        for (let f = 0; f < F; f++) {
          w[(h * C + c) * F + f] += g * x[i * F + f];
          dx[i * F + f] += g * weights.w[(h * C + c) * F + f];
        }
      }
    }
  }
  return { x: dx, w, aTarget, aSource, b: concat ? b : b.slice(0, C) };
}

/** Gradients of one head's scores before the leaky rectifier; adds what flows through the sum to dProjected. */
function scoreGradients(
  edges: Edges,
  shape: AttentionShape,
  run: AttentionRun,
  dSum: Float64Array,
  h: number,
  dProjected: Float64Array,
): Float64Array {
  const { nodes: N, heads, channels: C, concat, negativeSlope } = shape;
  const width = attentionWidth(shape);
  const base = h * edges.length;
  const dAttention = new Float64Array(edges.length);
  const weighted = new Float64Array(N);
  edges.forEach(([i, j], e) => {
    const from = i * width + (concat ? h * C : 0);
    const scale = (run.mask?.[base + e] ?? 1) / (concat ? 1 : heads);
    for (let c = 0; c < C; c++) {
      dAttention[e] += scale * dSum[from + c] * run.projected[(h * N + j) * C + c];
      dProjected[(h * N + j) * C + c] += scale * run.attention[base + e] * dSum[from + c];
    }
    weighted[i] += run.attention[base + e] * dAttention[e];
  });
  return dAttention.map((value, e) => {
    const slope = run.scores[base + e] > 0 ? 1 : negativeSlope;
    return run.attention[base + e] * (value - weighted[edges[e][0]]) * slope;
  });
}

function softmaxPerTarget(
  scores: Float64Array,
  attention: Float64Array,
  base: number,
  edges: Edges,
  nodes: number,
  negativeSlope: number,
): void {
  const largest = new Float64Array(nodes).fill(-Infinity);
  const total = new Float64Array(nodes);
  const leaky = (value: number) => (value > 0 ? value : negativeSlope * value);
  edges.forEach(([i], e) => {
    largest[i] = Math.max(largest[i], leaky(scores[base + e]));
  });
  edges.forEach(([i], e) => {
    attention[base + e] = Math.exp(leaky(scores[base + e]) - largest[i]);
    total[i] += attention[base + e];
  });
  edges.forEach(([i], e) => {
    attention[base + e] /= total[i];
  });
}
