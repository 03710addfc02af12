/** Is one equity curve better than another, or only luckier? Sharpe differences in plain words. */
import { normalQuantile } from '../array/distributions';
import { politisWhiteBlockLength } from '../inference/bootstrap';
import { jobsonKorkieMemmel, ledoitWolf, ledoitWolfBootstrap } from '../inference/sharpe-difference';
import { unavailable } from '../metrics/measured';
import type { Comparison } from './result';
import { type CurveOptions, PERIODS_PER_YEAR, sharpeOrNull } from './statistics';

export interface Curve {
  readonly name: string;
  /** Daily net returns. */
  readonly returns: Float64Array;
}

const METHOD = 'Ledoit-Wolf 2008, studentized circular block bootstrap';

/** Percent with as many digits as the level needs: 5 %, 2.5 %. */
function levelText(confidence: number): string {
  return `${Number(((1 - confidence) * 100).toPrecision(3))} %`;
}

export function probabilityText(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(p < 0.1 ? 3 : 2)}`;
}

export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

/** Tests `subject` against `reference` on the same days. A pair that cannot be tested says why. */
export function compareCurves(subject: Curve, reference: Curve, options: CurveOptions): Comparison {
  const base = { strategy: subject.name, against: reference.name };
  const reason = untestable(subject, reference);
  if (reason !== null) {
    return {
      ...base,
      sharpeDifference: unavailable(reason),
      pValue: null,
      method: METHOD,
      verdict: `${subject.name} cannot be compared with ${reference.name}: ${reason}`,
      distinguishable: null,
    };
  }
  const { difference, standardError } = ledoitWolf(subject.returns, reference.returns);
  const block = Math.round(
    Math.max(1, politisWhiteBlockLength(subject.returns), politisWhiteBlockLength(reference.returns)),
  );
  const p = ledoitWolfBootstrap(subject.returns, reference.returns, {
    blockLength: block,
    replications: options.replications,
    seed: options.seed,
  });
  const memmel = jobsonKorkieMemmel(subject.returns, reference.returns).p;
  const root = Math.sqrt(PERIODS_PER_YEAR);
  const half = normalQuantile((1 + options.confidence) / 2) * standardError * root;
  const annual = difference * root;
  const distinguishable = p < 1 - options.confidence;
  const level = levelText(options.confidence);
  const relation = distinguishable
    ? `${annual > 0 ? 'better' : 'worse'} than ${reference.name} at ${level}`
    : `not distinguishable from ${reference.name} at ${level}`;
  return {
    ...base,
    sharpeDifference: { value: annual, low: annual - half, high: annual + half },
    pValue: p,
    method: `${METHOD}, block ${block}, ${options.replications} replications; Jobson-Korkie-Memmel ${probabilityText(memmel)}`,
    verdict: `${subject.name} is ${relation} (Sharpe difference ${signed(annual)} a year, ${probabilityText(p)}).`,
    distinguishable,
  };
}

function untestable(subject: Curve, reference: Curve): string | null {
  if (subject.returns.length < 60) return `Expected at least 60 common days, found ${subject.returns.length}.`;
  if (sharpeOrNull(subject.returns) === null) return `The returns of ${subject.name} do not vary.`;
  if (sharpeOrNull(reference.returns) === null) return `The returns of ${reference.name} do not vary.`;
  const same = subject.returns.every((r, t) => Math.abs(r - reference.returns[t]) < 1e-12);
  return same ? 'The two have the same returns on every day.' : null;
}
