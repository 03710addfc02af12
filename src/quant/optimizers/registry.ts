/** What every optimizer says about itself, found by its folder; light enough for forms. Implementations are in load.ts. */
import type { OptimizerSpec } from './optimizer';

const modules = import.meta.glob<OptimizerSpec>('./*/spec.ts', { eager: true, import: 'spec' });

export const optimizerSpecs: readonly OptimizerSpec[] = Object.values(modules).sort((a, b) => (a.id < b.id ? -1 : 1));

export function findOptimizerSpec(id: string): OptimizerSpec | undefined {
  return optimizerSpecs.find((spec) => spec.id === id);
}
