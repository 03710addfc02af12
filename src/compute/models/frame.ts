/**
 * A frame of inputs for a sealed model: checked by name, number, finiteness and range, put into the model's order and scaled as in training.
 * Nothing is coerced, filled in or dropped in silence: a frame fits, or it says what does not.
 */
import { AppError } from '#base/errors';
import type { ModelManifest } from '#contract/model-manifest';
import type { PredictionFrame } from '#contract/model-questions';

export interface CheckedFrame {
  /** [rows, steps, features] scaled, in the model's order. */
  readonly inputs: Float32Array;
  /** Per row: why it gets no forecast, or null. */
  readonly refusals: readonly (string | null)[];
  readonly warnings: readonly string[];
}

/** Deviations beyond the training range within which a value is still plausible. */
const RANGE_DEVIATIONS = 3;
const WARN_SHARE = 0.01;
const REFUSE_SHARE = 0.1;

/** Errors: INVALID_DATA naming the features that are missing, unknown or given twice, a wrong number of values, or one that is not finite. */
export function checkFrame(manifest: ModelManifest, frame: PredictionFrame): CheckedFrame {
  const { features, input } = manifest;
  const order = orderOf(manifest, frame.features);
  const K = features.length;
  const steps = input.kind === 'windows' ? input.lookback : 1;
  const rows = frame.rows.length;
  if (new Set(frame.rows).size < rows) throw refused('different row names', 'one twice');
  if (rows === 0 || frame.values.length !== rows * steps * K) {
    throw refused(
      `${rows} rows × ${steps} days × ${K} features = ${rows * steps * K} values, at least one row`,
      `${frame.values.length} values`,
    );
  }
  const inputs = new Float32Array(rows * steps * K);
  const outside = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const odd = new Set<number>();
    for (let step = 0; step < steps; step++) {
      const at = (row * steps + step) * K;
      for (let k = 0; k < K; k++) {
        const value = frame.values[at + order[k]];
        if (!Number.isFinite(value)) {
          throw refused(
            'finite numbers (a missing value is not 0)',
            `${value} in ${features[k].name} of ${frame.rows[row]}, day ${step + 1} of ${steps}`,
          );
        }
        const { mean, deviation, minimum, maximum } = features[k];
        const slack = RANGE_DEVIATIONS * deviation;
        if (value < minimum - slack || value > maximum + slack) odd.add(k);
        inputs[at + k] = deviation > 0 ? (value - mean) / deviation : 0;
      }
    }
    outside[row] = odd.size / K;
  }
  const refusals = Array.from(outside, (share) =>
    share > REFUSE_SHARE ? `${percent(share)} of its features lie outside the training range` : null,
  );
  const warnings = frame.rows.flatMap((name, row) =>
    refusals[row] === null && outside[row] > WARN_SHARE
      ? [`${name}: ${percent(outside[row])} of its features lie outside the training range.`]
      : [],
  );
  return { inputs, refusals, warnings };
}

/** Where each of the model's features stands in the frame. */
function orderOf({ features }: ModelManifest, given: readonly string[]): Uint32Array {
  const at = new Map(given.map((name, index) => [name, index]));
  const missing = features.filter(({ name }) => !at.has(name)).map(({ name }) => name);
  const known = new Set(features.map(({ name }) => name));
  const unknown = given.filter((name) => !known.has(name));
  if (missing.length > 0 || unknown.length > 0 || given.length !== features.length) {
    const parts = [
      ...(missing.length > 0 ? [`without ${missing.join(', ')}`] : []),
      ...(unknown.length > 0 ? [`with ${unknown.join(', ')}`] : []),
      ...(given.length > at.size ? ['one twice'] : []),
    ];
    throw refused(`the ${features.length} features ${[...known].join(', ')}`, `${given.length} ${parts.join(', ')}`);
  }
  return Uint32Array.from(features, ({ name }) => at.get(name) ?? 0);
}

function refused(expected: string, found: string): AppError {
  return new AppError('INVALID_DATA', `Expected a frame with ${expected}, found ${found}. Nothing was forecast.`);
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
