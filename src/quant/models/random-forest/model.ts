/**
 * A forest of histogram trees (Breiman 2001): bootstrap counts per row (Poisson, Oza and Russell 2001), features drawn at every split.
 * The same rows in any order give the same bits.
 */
import type { z } from 'zod';
import { throwIfCancelled } from '#base/async';
import { createRandom, deriveSeed } from '#quant/array/random';
import type { KernelNode } from '#quant/kernels/trees';
import { type BinnedTable, binTable, quantizeGradients } from '#quant/trees/binned-table';
import { chooseFeatures } from '#quant/trees/feature-draws';
import { growTree } from '#quant/trees/grow-tree';
import { poissonOf, uniformOf } from '#quant/trees/row-draws';
import { fittedTrees, type FittedTrees, forecastTrees, requireTrainable } from '#quant/trees/tree-ensemble';
import type { Model, ModelContext, TrainingSet } from '../model';
import { type params, spec } from './spec';

type Params = z.infer<typeof params>;

export const model: Model<Params, FittedTrees> = { fit, forecast: forecastTrees };

/** Errors: NOT_ENOUGH_DATA, INVALID_DATA, CANCELLED. */
function fit(data: TrainingSet, given: Params, context: ModelContext): FittedTrees {
  requireTrainable(spec, data);
  throwIfCancelled(context.signal);
  const table = binTable(data, Uint32Array.from(data.y.keys()), given.maxLeaves);
  const { kernel, edges, base } = table;
  const { maxLeaves, maxDepth, minLeafRows } = given;
  const rules = { maxLeaves, maxDepth: maxDepth ?? Infinity, minCount: minLeafRows, l2: 0, monotone: null };
  const trees: (readonly KernelNode[])[] = [];
  for (let t = 0; t < given.trees; t++) {
    throwIfCancelled(context.signal);
    context.heartbeat?.();
    const seed = deriveSeed(context.seed, `tree/${t}`);
    const random = createRandom(seed);
    const { rows, weight } = bootstrap(table, seed);
    const quantized = quantizeGradients(kernel, rows, weight, true);
    // No rows, or all of them at the base: this tree adds 0.
    if (quantized === null) continue;
    const { nodes } = growTree(kernel, {
      ...quantized,
      rows,
      shrinkage: 1 / given.trees,
      rules,
      chooseFeatures: () => chooseFeatures(kernel.allowed, given.featureShare, random),
    });
    trees.push(nodes);
  }
  return fittedTrees(data.featureNames, base, trees, edges);
}

/** Fills the kernel's sample with the rows that were drawn at least once, and their counts. */
function bootstrap(
  { kernel, rows, hashes }: BinnedTable,
  seed: number,
): { readonly rows: number; readonly weight: number } {
  const { index, weights } = kernel;
  let count = 0;
  let weight = 0;
  for (const row of rows) {
    const times = poissonOf(uniformOf(hashes[row], seed));
    if (times === 0) continue;
    weights[row] = times;
    weight += times;
    index[count++] = row;
  }
  return { rows: count, weight };
}
