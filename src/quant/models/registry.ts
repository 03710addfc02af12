/** What every forecasting model says about itself, found by its folder; no implementation is loaded here. */
import type { ModelSpec } from './model';

const modules = import.meta.glob<{ spec: ModelSpec }>('./*/spec.ts', { eager: true });

export const modelSpecs: readonly ModelSpec[] = Object.values(modules)
  .map((module) => module.spec)
  .sort((a, b) => (a.id < b.id ? -1 : 1));

export function findModelSpec(id: string): ModelSpec | undefined {
  return modelSpecs.find((spec) => spec.id === id);
}
