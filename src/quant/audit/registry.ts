/** The leakage guards in order, found by their folders; no proof is loaded here. */
import type { GuardSpec } from './guard';

const modules = import.meta.glob<{ spec: GuardSpec }>('./*/spec.ts', { eager: true });

export const guardSpecs: readonly GuardSpec[] = Object.values(modules)
  .map((module) => module.spec)
  .sort((a, b) => (a.id < b.id ? -1 : 1));
