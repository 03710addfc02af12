/** Every feature, found by its file: `features/library/*.ts` exports `feature`. */
import type { Feature } from './feature';

const modules = import.meta.glob<{ feature: Feature }>('./library/*.ts', { eager: true });

export const features: readonly Feature[] = Object.values(modules)
  .map((module) => module.feature)
  .sort((a, b) => (a.spec.id < b.spec.id ? -1 : 1));

export function findFeature(id: string): Feature | undefined {
  return features.find((feature) => feature.spec.id === id);
}
