/**
 * Gradient boosting of squared loss on histograms (Friedman 2001; Ke et al. 2017). The same rows in any order give the same bits.
 * With dated rows the last days, purged, decide how many rounds are kept; without dates every round is.
 */
import type { z } from 'zod';
import { AppError } from '#base/errors';
import { throwIfCancelled } from '#base/async';
import { createRandom, deriveSeed } from '#quant/array/random';
import { binTable, type BinnedTable, quantizeGradients } from '#quant/trees/binned-table';
import { growTree, type GrowthRules } from '#quant/trees/grow-tree';
import { uniformOf } from '#quant/trees/row-draws';
import { chooseFeatures } from '#quant/trees/feature-draws';
import { EarlyStopping, splitByTime } from '#quant/trees/early-stopping';
import { fittedTrees, type FittedTrees, forecastTrees, requireTrainable } from '#quant/trees/tree-ensemble';
import type { KernelNode } from '#quant/kernels/trees';
import type { Model, ModelContext, TrainingSet } from '../model';
import { type params, spec } from './spec';

type Params = z.infer<typeof params>;

export interface FittedBoosting extends FittedTrees {
  /** Mean squared validation error after every round that was tried; empty without early stopping. */
  readonly validationLoss: readonly number[];
}

export const model: Model<Params, FittedBoosting> = { fit, forecast: forecastTrees };

/** Errors: NOT_ENOUGH_DATA, INVALID_DATA, INVALID_CONFIG for a monotone feature that does not exist, CANCELLED. */
function fit(data: TrainingSet, given: Params, context: ModelContext): FittedBoosting {
  requireTrainable(spec, data);
  throwIfCancelled(context.signal);
  const rules = rulesOf(data.featureNames, given);
  const { learn, validate } = splitByTime(data, given.validationShare, spec.minRows(data.featureNames.length));
  const table = binTable(data, learn, given.maxLeaves);
  const { kernel, edges, base } = table;
  const stopping = new EarlyStopping(kernel, validate, given.patience);
  const trees: KernelNode[][] = [];
  const isRandom = given.rowShare < 1 || given.featureShare < 1;
  for (let round = 0; round < given.rounds; round++) {
    throwIfCancelled(context.signal);
    context.heartbeat?.();
    const seed = deriveSeed(context.seed, `tree/${round}`);
    const rows = sampleRows(table, validate, given.rowShare, seed);
    const quantized = quantizeGradients(kernel, rows.sampled, rows.sampled, false);
    if (quantized === null && !isRandom) break;
    if (given.featureShare < 1) chooseFeatures(kernel.allowed, given.featureShare, createRandom(seed));
    if (quantized !== null) {
      const { nodes, leaves } = growTree(kernel, {
        ...quantized,
        rows: rows.sampled,
        shrinkage: given.learningRate,
        rules,
      });
      // A tree without a split has nothing to say beyond the base; without draws neither has any later one.
      if (nodes.length === 1 && !isRandom) break;
      if (nodes.length > 1) {
        for (const leaf of leaves) kernel.addValue(leaf.start, leaf.rows, leaf.value);
        kernel.addTree(nodes, rows.outside);
        trees.push([...nodes]);
      }
    }
    if (stopping.isOver(trees.length)) break;
  }
  const kept = trees.slice(0, stopping.bestTrees ?? trees.length);
  return { ...fittedTrees(data.featureNames, base, kept, edges), validationLoss: stopping.losses };
}

/** Fills the kernel's lists: rows that the next tree learns from, and those that only follow it. */
function sampleRows(
  { kernel, rows, hashes }: BinnedTable,
  validate: Uint32Array,
  share: number,
  seed: number,
): { readonly sampled: number; readonly outside: number } {
  const { index, outside } = kernel;
  outside.set(validate);
  if (share >= 1) {
    index.set(rows);
    return { sampled: rows.length, outside: validate.length };
  }
  let sampled = 0;
  let left = validate.length;
  for (const row of rows) {
    if (uniformOf(hashes[row], seed) < share) index[sampled++] = row;
    else outside[left++] = row;
  }
  return { sampled, outside: left };
}

function rulesOf(names: readonly string[], given: Params): GrowthRules {
  const { maxLeaves, maxDepth, minLeafRows, l2, monotone } = given;
  const constrained = Object.keys(monotone);
  const unknown = constrained.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected monotone features among ${names.join(', ')}; found ${unknown.join(', ')}. Correct forecast.params.monotone.`,
      { data: { features: names, unknown } },
    );
  }
  const directions = Int8Array.from(names, (name) => (monotone[name] ? (monotone[name] === 'rising' ? 1 : -1) : 0));
  return {
    maxLeaves,
    maxDepth: maxDepth ?? Infinity,
    minCount: minLeafRows,
    l2,
    monotone: constrained.length > 0 ? directions : null,
  };
}
