/** The first optimizer of a stated list that answers. Only the stated failures move on, and each is kept in the diagnostics: nothing is silent. */
import type { z } from 'zod';
import { AppError } from '#base/errors';
import { bindOptimizer } from '../load';
import type { Optimizer } from '../optimizer';
import type { params } from './spec';

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { chain, on }) {
    if (chain.some((id) => id === 'stacking' || id === 'fallback')) {
      throw new AppError(
        'INVALID_CONFIG',
        'Expected optimizers that stand alone in the chain, found a stack or a chain. Take it out.',
      );
    }
    const bound = chain.map((id) => bindOptimizer(id));
    const failures: string[] = [];
    for (const [position, member] of bound.entries()) {
      try {
        const { weights, diagnostics } = member.optimize(input);
        return { weights, diagnostics: { ...diagnostics, answeredBy: member.spec.id, failures: failures.join(' | ') } };
      } catch (error) {
        const movesOn = error instanceof AppError && on.some((code) => code === error.code);
        if (!movesOn || position === bound.length - 1) throw error;
        failures.push(`${member.spec.id}: ${error.code} ${error.message}`);
      }
    }
    throw new AppError('INVALID_CONFIG', 'Expected at least one optimizer in the chain, found none. Add one.');
  },
};
