/** The optimizers' implementations, for code that computes. */
import { AppError } from '#base/errors';
import type { Optimizer, OptimizerInput, OptimizerResult, OptimizerSpec } from './optimizer';
import { findOptimizerSpec, optimizerSpecs } from './registry';

const modules = import.meta.glob<Optimizer>('./*/optimizer.ts', { eager: true, import: 'optimizer' });

/** An optimizer with its parameters filled in: one function of the decision's data. */
export interface BoundOptimizer {
  readonly spec: OptimizerSpec;
  /** Errors: INFEASIBLE, INVALID_DATA, NOT_ENOUGH_DATA, NOT_CONVERGED, SINGULAR, BAD_REQUEST. */
  optimize(input: OptimizerInput): OptimizerResult;
}

/** The optimizer of that id with parsed parameters. Errors: INVALID_CONFIG for an unknown id or parameter. */
export function bindOptimizer(id: string, params: unknown = {}): BoundOptimizer {
  const spec = findOptimizerSpec(id);
  const optimizer = modules[`./${id}/optimizer.ts`];
  if (spec === undefined || optimizer === undefined) {
    const known = optimizerSpecs.map((candidate) => candidate.id).join(', ');
    throw new AppError('INVALID_CONFIG', `Expected an optimizer (${known}), found "${id}".`);
  }
  const parsed = spec.params.safeParse(params);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AppError(
      'INVALID_CONFIG',
      `Expected valid parameters of ${id}, found: ${issue.path.join('.')} ${issue.message}.`,
    );
  }
  return { spec, optimize: (input) => optimizer.optimize(input, parsed.data) };
}
