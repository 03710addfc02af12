/** Learning rates over the steps of a training. */
import type { Schedule } from '#quant/nn/training';

/** Step 0 … of − 1. Cosine: linear from 0 over the warm-up, then half a cosine to 0 (Loshchilov, Hutter 2017). */
export function learningRate({ kind, learningRate: peak, warmUp }: Schedule, step: number, of: number): number {
  switch (kind) {
    case 'constant':
      return peak;
    case 'step':
      return step < of / 2 ? peak : step < (3 * of) / 4 ? peak / 10 : peak / 100;
    case 'cosine': {
      const rising = Math.floor(warmUp * of);
      if (step < rising) return (peak * (step + 1)) / (rising + 1);
      return (peak / 2) * (1 + Math.cos((Math.PI * (step - rising)) / Math.max(1, of - rising)));
    }
  }
}
