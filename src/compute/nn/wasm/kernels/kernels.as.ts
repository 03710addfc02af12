// @ts-nocheck: AssemblyScript, checked by its own compiler.
/** The module that a training session instantiates once per thread, over one shared memory. It allocates nothing itself. */
export * from './matrix.as';
export * from './lstm.as';
export * from './dropout.as';
export * from './gat.as';
export * from './update.as';

export { fillTable } from './vector-math.as';

export function copyBytes(from: usize, to: usize, bytes: usize): void {
  memory.copy(to, from, bytes);
}

export function fillBytes(to: usize, value: u8, bytes: usize): void {
  memory.fill(to, value, bytes);
}
