/**
 * What a configuration names must exist and fit: models, optimizers, features, their parameters, different names for
 * strategies. Checked before a run is stored, so that a misspelt name does not cost a queue and a worker.
 */
import { AppError } from '#base/errors';
import { jsonSchemaOf } from '#contract/derive/json-schema';
import { nearest } from '#contract/derive/nearest';
import { describeIssues, formatPath, summarize } from '#contract/derive/problems';
import type { RunConfig } from '#contract/runs';
import { standardFeatureNames } from '#quant/features/named-features';
import { features } from '#quant/features/registry';
import { modelSpecs } from '#quant/models/registry';
import { optimizerSpecs } from '#quant/optimizers/registry';
import type { Spec } from '#quant/spec';
import type { PieceProblem } from './config-file';

type Steps = readonly PropertyKey[];
type Choice = { readonly id: string; readonly params: Readonly<Record<string, unknown>> };

const BASELINE = 'equal-weight';

/** Every problem of a configuration that fits its schema. */
export function checkPieces(config: RunConfig): readonly PieceProblem[] {
  const { model, experiment } = config;
  return [
    ...checkFeatures(model.features.set, ['model', 'features', 'set']),
    ...checkStrategy(model.forecast, model.optimizer, ['model']),
    ...experiment.compare.flatMap((wish, i) => {
      const steps = ['experiment', 'compare', i];
      const forecast = wish.forecast === undefined ? model.forecast : wish.forecast;
      return checkStrategy(forecast, wish.optimizer ?? model.optimizer, steps, wish);
    }),
    ...checkNames(experiment.compare.map(({ name }) => name)),
  ];
}

/** Errors: INVALID_CONFIG with every problem. */
export function requireKnownPieces(config: RunConfig): void {
  const problems = checkPieces(config).map(({ steps, message }) => ({ path: formatPath(steps), message }));
  if (problems.length > 0) throw new AppError('INVALID_CONFIG', summarize(problems), { data: { problems } });
}

/** `given` says which parts stand in the configuration itself; what is inherited was checked where it stands. */
function checkStrategy(
  forecast: Choice | null,
  optimizer: Choice,
  steps: Steps,
  given: { readonly forecast?: unknown; readonly optimizer?: unknown } = { forecast, optimizer },
): PieceProblem[] {
  const problems: PieceProblem[] = [];
  if (given.optimizer !== undefined) {
    problems.push(...checkChoice(optimizer, optimizerSpecs, 'an optimizer', [...steps, 'optimizer']));
  }
  if (given.forecast !== undefined && forecast !== null) {
    problems.push(...checkChoice(forecast, modelSpecs, 'a forecast model', [...steps, 'forecast']));
  }
  const spec = optimizerSpecs.find(({ id }) => id === optimizer.id);
  if (forecast === null && spec?.needsForecast === true) {
    const message = `Expected a forecast model, since the optimizer "${optimizer.id}" needs one, found null.`;
    problems.push({ steps: [...steps, given.forecast === undefined ? 'optimizer' : 'forecast'], message });
  }
  return problems;
}

function checkChoice(choice: Choice, specs: readonly Spec[], what: string, steps: Steps): PieceProblem[] {
  const spec = specs.find(({ id }) => id === choice.id);
  if (spec === undefined)
    return [
      unknownName(
        choice.id,
        what,
        specs.map(({ id }) => id),
        [...steps, 'id'],
      ),
    ];
  const parsed = spec.params.safeParse(choice.params);
  if (parsed.success) return [];
  return describeIssues(parsed.error.issues, choice.params, jsonSchemaOf(spec.params)).map((problem) => ({
    steps: [...steps, 'params', ...problem.steps],
    message: problem.message,
    unknownKey: problem.unknownKey,
  }));
}

function checkFeatures(set: RunConfig['model']['features']['set'], steps: Steps): PieceProblem[] {
  if (set === 'standard') return [];
  const known = [...standardFeatureNames, ...features.map(({ spec }) => spec.id)];
  return set.flatMap((name, i) => {
    if (set.indexOf(name) < i) {
      return [{ steps: [...steps, i], message: `Expected different features, found "${name}" twice.` }];
    }
    return known.includes(name) ? [] : [unknownName(name, 'a feature', known, [...steps, i])];
  });
}

function checkNames(names: readonly string[]): PieceProblem[] {
  return names.flatMap((name, i) => {
    const steps = ['experiment', 'compare', i, 'name'];
    if (name === BASELINE) {
      return [{ steps, message: `Expected another name than "${BASELINE}", which always runs as the baseline.` }];
    }
    return names.indexOf(name) < i ? [{ steps, message: `Expected different names, found "${name}" twice.` }] : [];
  });
}

function unknownName(name: string, what: string, known: readonly string[], steps: Steps): PieceProblem {
  const meant = nearest(name, known);
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  return { steps, message: `Expected ${what} (${known.join(', ')}), found "${name}".${hint}` };
}
