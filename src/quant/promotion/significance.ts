/**
 * Is a candidate better than the champion, or only luckier? Ledoit and Wolf (2008) on the pair; Hansen (2005) on the whole family of
 * strategies that were tried on the data, because the best of many looks good by chance. Anything else is "not distinguishable".
 */
import { createRandom } from '../array/random';
import { politisWhiteBlockLength, stationaryIndices } from '../inference/bootstrap';
import { dataSnooping } from '../inference/data-snooping';
import { compareCurves } from '../research/comparisons';
import { figureText, type EquityCurve, type GateCheck, type PromotionPolicy } from './gate';

export interface SignificanceInput {
  readonly candidate: EquityCurve;
  readonly reference: EquityCurve;
  /** What the reference is: the champion, or equal weight where there is none. */
  readonly role: string;
  /** Every strategy that was tried on the data and whose series is stored, the candidate among them. */
  readonly family: readonly EquityCurve[];
  readonly seed: number;
  readonly policy: PromotionPolicy;
}

const FEWEST_DAYS = 60;

export function significanceCheck(input: SignificanceInput): GateCheck {
  const { candidate, reference, role, policy } = input;
  const { level, replications } = policy.significance;
  const base = {
    id: 'significance',
    title: `Better than ${role}`,
    rule: `Sharpe difference above 0 at ${figureText(level * 100)} % (Ledoit-Wolf 2008), and superior predictive ability over the family at the same level (Hansen 2005).`,
  };
  const dates = commonDates(candidate, reference);
  const pair = { subject: returnsOn(candidate, dates), reference: returnsOn(reference, dates) };
  const comparison = compareCurves(
    { name: candidate.name, returns: pair.subject },
    { name: reference.name, returns: pair.reference },
    { replications, confidence: 1 - level, seed: input.seed },
  );
  const family = dates.length > FEWEST_DAYS ? familyTest(input, dates, pair.reference) : null;
  const better = comparison.distinguishable === true && (comparison.sharpeDifference.value ?? 0) > 0;
  const superior = family !== null && family.p < level;
  const distinct = better && superior;
  const familyText =
    family === null
      ? 'The family could not be tested on the common days.'
      : `Over the ${family.size} strategies tried on this data p = ${figureText(family.p)} (superior predictive ability).`;
  return {
    ...base,
    status: distinct ? 'passed' : 'failed',
    summary: `${distinct ? '' : 'Not distinguishable. '}${comparison.verdict} ${familyText}`,
    figures: [
      { name: 'Sharpe difference', value: comparison.sharpeDifference.value, unit: 'per year' },
      { name: 'p, Ledoit-Wolf', value: comparison.pValue, unit: '' },
      { name: 'p, superior predictive ability', value: family?.p ?? null, unit: '' },
      { name: 'strategies in the family', value: family?.size ?? null, unit: '' },
      { name: 'common days', value: Math.max(0, dates.length - 1), unit: 'trading days' },
    ],
  };
}

function commonDates(a: EquityCurve, b: EquityCurve): string[] {
  const known = new Set(b.dates);
  return a.dates.filter((date) => known.has(date));
}

/** Simple returns between consecutive common dates. */
function returnsOn({ dates, equity }: EquityCurve, common: readonly string[]): Float64Array {
  const rowOf = new Map(dates.map((date, row) => [date, row]));
  const levels = common.map((date) => equity[rowOf.get(date) ?? -1]);
  return Float64Array.from({ length: Math.max(0, levels.length - 1) }, (_, t) => levels[t + 1] / levels[t] - 1);
}

/** Only strategies that cover all common days take part: a test on fewer days would be another test. */
function familyTest(
  { family, seed, policy }: SignificanceInput,
  dates: readonly string[],
  reference: Float64Array,
): { readonly p: number; readonly size: number } | null {
  const members = family.filter((curve) => {
    const known = new Set(curve.dates);
    return dates.every((date) => known.has(date));
  });
  const n = reference.length;
  const K = members.length;
  if (K === 0) return null;
  const differentials = new Float64Array(n * K);
  for (const [k, curve] of members.entries()) {
    const returns = returnsOn(curve, dates);
    for (let t = 0; t < n; t++) differentials[t * K + k] = returns[t] - reference[t];
  }
  if (!differentials.some((value) => Math.abs(value) > 1e-12)) return null;
  const blockLength = Math.max(1, politisWhiteBlockLength(reference));
  const { replications } = policy.significance;
  const random = createRandom(seed);
  const indices = new Uint32Array(replications * n);
  for (let b = 0; b < replications; b++) {
    stationaryIndices(indices.subarray(b * n, (b + 1) * n), blockLength, random.uniform);
  }
  const result = dataSnooping({
    differentials,
    strategies: K,
    indices,
    replications,
    alpha: policy.significance.level,
  });
  return { p: result.superiorPredictiveAbility.pConsistent, size: K };
}
