/** Penalty strength as a parameter: an absolute number in the convention of the objective, or a share that suits any data. */
import { z } from 'zod';

export const alphaParam = z.number().gte(0).nullable().default(null).meta({
  title: 'Penalty α',
  description: 'In the objective’s own units, as in scikit-learn; empty = from the relative penalty.',
});

export function relativeAlphaParam(share: number, description: string) {
  return z.number().gte(0).lte(100).default(share).meta({ title: 'Relative penalty', description });
}
