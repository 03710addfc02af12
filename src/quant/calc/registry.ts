/** Every calculation kind, found by its file: `calc/kinds/*.ts` exports `kinds`. */
import type { CalcKind } from './kind';

const modules = import.meta.glob<{ kinds: readonly CalcKind[] }>(['./kinds/*.ts', '!./kinds/*.test.ts'], {
  eager: true,
});

export const calcKinds: readonly CalcKind[] = Object.values(modules)
  .flatMap((module) => module.kinds)
  .sort((a, b) => (a.id < b.id ? -1 : 1));

export function findCalcKind(id: string): CalcKind | undefined {
  return calcKinds.find((kind) => kind.id === id);
}
