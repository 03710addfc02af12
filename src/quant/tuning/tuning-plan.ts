/** A grid of model parameters as checked parameter sets, so that a typo fails before anything is computed. */
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import type { z } from 'zod';
import type { ModelSpec } from '../models/model';

const MOST_COMBINATIONS = 1_000;

export interface TuningPlan {
  /** Parsed parameters of every combination, names in alphabetical order with the last one running fastest. */
  readonly candidates: readonly unknown[];
  /** What differs between the candidates: one object of grid values each. */
  readonly choices: readonly Readonly<Record<string, unknown>>[];
  readonly folds: number;
  readonly metric: 'rank-ic' | 'mse';
}

/** Errors: INVALID_CONFIG with the path of the first parameter that the model refuses. */
export function parseParams(spec: { id: string; params: z.ZodType }, params: unknown, path: string): unknown {
  const parsed = spec.params.safeParse(params);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = [path, ...issue.path.map(String)].join('.');
  throw new AppError(
    'INVALID_CONFIG',
    `Expected valid parameters of "${spec.id}", found at ${where}: ${issue.message}.`,
    {
      data: { path: where },
    },
  );
}

/** Every combination of the grid on top of the fixed parameters. Errors: INVALID_CONFIG. */
export function planTuning(
  spec: ModelSpec,
  fixed: Readonly<Record<string, unknown>>,
  tune: {
    readonly grid: Readonly<Record<string, readonly unknown[]>>;
    readonly folds: number;
    readonly metric: TuningPlan['metric'];
  },
  path: string,
): TuningPlan {
  let choices: Readonly<Record<string, unknown>>[] = [{}];
  for (const [name, values] of Object.entries(tune.grid).sort(([a], [b]) => (a < b ? -1 : 1))) {
    choices = choices.flatMap((choice) => values.map((value) => ({ ...choice, [name]: value })));
  }
  const distinct = new Set(choices.map((choice) => canonicalJson(choice)));
  if (choices.length < 2 || choices.length > MOST_COMBINATIONS || distinct.size < choices.length) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected 2 to ${MOST_COMBINATIONS} different combinations in ${path}.grid, found ${choices.length} of which ${distinct.size} differ.`,
      { data: { path: `${path}.grid`, combinations: choices.length, distinct: distinct.size } },
    );
  }
  const candidates = choices.map((choice) => parseParams(spec, { ...fixed, ...choice }, `${path}.grid`));
  return { candidates, choices, folds: tune.folds, metric: tune.metric };
}
