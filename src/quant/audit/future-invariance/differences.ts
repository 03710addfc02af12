/** Where two futures disagree about the past: in a feature, in the universe, or in a step of the whole run. */
import { AppError } from '#base/errors';
import type { FeatureTable } from '#quant/features/feature-table';
import type { PriceData } from '#quant/research/select-data';
import { BitDigest, firstDifference } from '../bits';
import type { Study, Trace, TracedStep } from '../study';

export interface Difference {
  readonly cut: string;
  readonly what: string;
  readonly date: string;
  readonly asset: string | null;
}

/** Compares every feature on the rows up to the cut. */
export function featureDifference(
  base: FeatureTable,
  other: FeatureTable,
  lastKnown: number,
): { readonly cells: number; readonly difference: Difference | null } {
  const n = base.assets.length;
  const count = (lastKnown + 1) * n;
  const cut = base.dates[lastKnown];
  if (base.names.join() !== other.names.join() || base.assets.join() !== other.assets.join()) {
    return { cells: 0, difference: { cut, what: 'the list of features or assets', date: cut, asset: null } };
  }
  for (const [k, column] of base.columns.entries()) {
    const at = firstDifference(column, other.columns[k], count);
    if (at < 0) continue;
    const what = `feature ${base.names[k]}`;
    return {
      cells: count * (k + 1),
      difference: { cut, what, date: base.dates[Math.floor(at / n)], asset: base.assets[at % n] },
    };
  }
  return { cells: count * base.columns.length, difference: null };
}

export function universeDifference(
  study: Study,
  data: { readonly base: PriceData; readonly other: PriceData },
  rows: readonly number[],
  { dates, assets }: Trace,
  lastKnown: number,
): Difference | null {
  if (rows.length === 0) return null;
  const known = study.universe(data.base, rows);
  const other = universesOf(study, data.other, rows);
  if (other === null) return { cut: dates[lastKnown], what: 'the universe', date: dates[rows[0]], asset: null };
  for (const [k, row] of rows.entries()) {
    if (new BitDigest().add(known[k]).hex() === new BitDigest().add(other[k]).hex()) continue;
    const moved = assets.find((_, i) => known[k].includes(i) !== other[k].includes(i)) ?? null;
    return { cut: dates[lastKnown], what: 'the universe', date: dates[row], asset: moved };
  }
  return null;
}

/** Null where the universe of some row cannot be formed any more. */
function universesOf(study: Study, data: PriceData, rows: readonly number[]): Int32Array[] | null {
  try {
    return study.universe(data, rows);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/**
 * Compares, piece by piece and in order, everything computed at or before the cut. A run that ended early is compared as far
 * as it came.
 */
export function stepDifference(
  base: Trace,
  other: Trace,
  lastKnown: number,
): { readonly steps: number; readonly difference: Difference | null } {
  const cut = base.dates[lastKnown];
  if (base.features && other.features) {
    const { difference } = featureDifference(base.features, other.features, lastKnown);
    if (difference) return { steps: 0, difference };
  }
  const others = byPiece(other.steps);
  let steps = 0;
  for (const [what, known] of byPiece(base.steps)) {
    const found = others.get(what) ?? [];
    for (const [k, step] of known.entries()) {
      if (step.row > lastKnown) break;
      if (k >= found.length && other.stopped !== null) break;
      steps += 1;
      const same = found[k]?.digest === step.digest && (found[k].row === -1 || found[k].row === step.row);
      if (!same) return { steps, difference: { cut, what, date: base.dates[step.row], asset: null } };
    }
  }
  return { steps, difference: null };
}

function byPiece(steps: readonly TracedStep[]): Map<string, TracedStep[]> {
  const pieces = new Map<string, TracedStep[]>();
  for (const step of steps) {
    const list = pieces.get(step.what);
    if (list) list.push(step);
    else pieces.set(step.what, [step]);
  }
  return pieces;
}
