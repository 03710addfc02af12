/** What the compiled kernels export, with the signatures of `kernels/*.as.ts`. Numbers are byte addresses, sizes and scalars. */

export interface Kernels {
  fillTable(): void;
  copyBytes(from: number, to: number, bytes: number): void;
  fillBytes(to: number, value: number, bytes: number): void;
  multiply(
    ...args: [
      A: number,
      aRow: number,
      aPanel: number,
      B: number,
      C: number,
      cRow: number,
      cPanel: number,
      rows: number,
      K: number,
      N: number,
      bias: number,
      add: number,
    ]
  ): void;
  multiplyTransposed(
    ...args: [
      A: number,
      aRow: number,
      aPanel: number,
      aStep: number,
      B: number,
      bRow: number,
      bPanel: number,
      bStep: number,
      C: number,
      rows: number,
      steps: number,
      M: number,
      N: number,
    ]
  ): void;
  addColumns(
    A: number,
    aRow: number,
    aPanel: number,
    aStep: number,
    rows: number,
    steps: number,
    N: number,
    sums: number,
  ): void;
  transpose(W: number, K: number, N: number, out: number): void;
  addVectors(a: number, b: number, out: number, n: number): void;
  multiplyVectors(a: number, b: number, out: number, n: number): void;
  gather(rowAddresses: number, day: number, width: number, rows: number, out: number): void;
  cellForward(
    ...args: [gates: number, before: number, cell: number, squashed: number, hidden: number, second: number, n: number]
  ): void;
  cellBackward(
    ...args: [
      gates: number,
      before: number,
      squashed: number,
      fromAbove: number,
      fromNext: number,
      dCell: number,
      n: number,
    ]
  ): void;
  normForward(
    ...args: [h: number, rows: number, width: number, gain: number, bias: number, stats: number, out: number]
  ): void;
  normBackward(
    ...args: [
      d: number,
      h: number,
      rows: number,
      width: number,
      gain: number,
      stats: number,
      dGain: number,
      dBias: number,
    ]
  ): void;
  headForward(
    ...args: [
      top: number,
      rows: number,
      count: number,
      width: number,
      w: number,
      b: number,
      prediction: number,
      stride: number,
    ]
  ): void;
  headBackward(
    ...args: [
      top: number,
      rows: number,
      count: number,
      width: number,
      w: number,
      dPrediction: number,
      stride: number,
      dTop: number,
      dW: number,
      dB: number,
    ]
  ): void;
  pointwiseGradient(
    ...args: [prediction: number, target: number, count: number, delta: number, scale: number, out: number]
  ): void;
  dropoutMask(
    ...args: [
      out: number,
      row: number,
      panel: number,
      rows: number,
      width: number,
      firstRow: number,
      time: number,
      step: number,
      seed: number,
      site: number,
      threshold: number,
      scale: number,
    ]
  ): void;
  gatherRows(...args: [rowAddresses: number, rows: number, bytes: number, out: number]): void;
  scoreParts(
    ...args: [
      H: number,
      rowBytes: number,
      headBytes: number,
      heads: number,
      a: number,
      nodes: number,
      out: number,
      lanes: number,
    ]
  ): void;
  attend(
    ...args: [
      rowStart: number,
      columns: number,
      target: number,
      source: number,
      nodes: number,
      lanes: number,
      negativeSlope: number,
      alpha: number,
    ]
  ): void;
  aggregate(
    ...args: [
      rowStart: number,
      columns: number,
      alpha: number,
      lanes: number,
      H: number,
      rowBytes: number,
      headBytes: number,
      heads: number,
      nodes: number,
      O: number,
    ]
  ): void;
  combineHeads(
    ...args: [
      O: number,
      rowBytes: number,
      headBytes: number,
      channelBytes: number,
      heads: number,
      concat: number,
      bias: number,
      nodes: number,
      out: number,
      outBytes: number,
    ]
  ): void;
  separateHeads(
    ...args: [
      dOut: number,
      out: number,
      outBytes: number,
      rowBytes: number,
      headBytes: number,
      channelBytes: number,
      heads: number,
      concat: number,
      nodes: number,
      dO: number,
      dBias: number,
    ]
  ): void;
  aggregateBackward(
    ...args: [
      rowStart: number,
      columns: number,
      alpha: number,
      lanes: number,
      H: number,
      rowBytes: number,
      headBytes: number,
      heads: number,
      nodes: number,
      dO: number,
      dH: number,
      dAlpha: number,
    ]
  ): void;
  attendBackward(
    ...args: [
      rowStart: number,
      columns: number,
      target: number,
      source: number,
      nodes: number,
      lanes: number,
      negativeSlope: number,
      alpha: number,
      dAlpha: number,
      dTarget: number,
      dSource: number,
    ]
  ): void;
  scorePartsBackward(
    ...args: [
      H: number,
      dH: number,
      rowBytes: number,
      headBytes: number,
      heads: number,
      a: number,
      da: number,
      nodes: number,
      d: number,
      lanes: number,
    ]
  ): void;
  rowHead(...args: [x: number, rowBytes: number, nodes: number, w: number, b: number, prediction: number]): void;
  rowHeadBackward(
    ...args: [
      x: number,
      rowBytes: number,
      nodes: number,
      w: number,
      dPrediction: number,
      dx: number,
      dW: number,
      dB: number,
    ]
  ): void;
  sumShards(gradients: number, stride: number, shards: number, n: number): void;
  sumOfSquares(x: number, n: number): number;
  adam(
    ...args: [
      parameters: number,
      gradient: number,
      first: number,
      second: number,
      n: number,
      learningRate: number,
      beta1: number,
      beta2: number,
      epsilon: number,
      correction1: number,
      correction2: number,
      decay: number,
      coupled: number,
      clip: number,
    ]
  ): void;
}

export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const instance = new WebAssembly.Instance(module, { env: { memory, abort } });
  // The exports are those of kernels/kernels.as.ts, compiled in the same build; WebAssembly's own type cannot say so.
  return instance.exports as unknown as Kernels;
}

function abort(): never {
  throw new Error('A training kernel aborted; they allocate nothing and never should.');
}
