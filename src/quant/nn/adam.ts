/** Adam and AdamW with bias correction and gradient clipping (Kingma, Ba 2015; Loshchilov, Hutter 2019). */

export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  /** Added to √v̂. */
  readonly epsilon: number;
  readonly weightDecay: number;
  /** True: AdamW, decay applied to the parameters; false: added to the gradient. */
  readonly decoupled: boolean;
  /** Largest 2-norm of the gradient; null = no limit. */
  readonly clipNorm: number | null;
}

export class Adam {
  readonly #options: AdamOptions;
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  #step = 0;

  constructor(size: number, options: AdamOptions) {
    this.#options = options;
    this.#first = new Float64Array(size);
    this.#second = new Float64Array(size);
  }

  /** Moves `parameters` in place; returns the norm of the gradient before clipping. */
  step(parameters: Float64Array, gradient: Float64Array): number {
    const { learningRate, beta1, beta2, epsilon, weightDecay, decoupled, clipNorm } = this.#options;
    this.#step += 1;
    const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    const clip = clipNorm === null ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
    const correction1 = 1 - beta1 ** this.#step;
    const correction2 = 1 - beta2 ** this.#step;
    for (let k = 0; k < parameters.length; k++) {
      if (decoupled) parameters[k] -= learningRate * weightDecay * parameters[k];
      const g = gradient[k] * clip + (decoupled ? 0 : weightDecay * parameters[k]);
      this.#first[k] = beta1 * this.#first[k] + (1 - beta1) * g;
      this.#second[k] = beta2 * this.#second[k] + (1 - beta2) * g * g;
      parameters[k] -=
        (learningRate * (this.#first[k] / correction1)) / (Math.sqrt(this.#second[k] / correction2) + epsilon);
    }
    return norm;
  }
}
