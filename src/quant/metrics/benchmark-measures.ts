/** Measures of a return series against a benchmark on the same dates. */
import { correlation, mean, standardDeviation } from '../array/stats';
import { annualSharpe, type MeasureSpec } from './measures';
import type { BenchmarkSample, ReturnSample } from './sample';

type PairFunction = (sample: ReturnSample, benchmark: BenchmarkSample) => number;

function against(
  id: string,
  title: string,
  unit: MeasureSpec['unit'],
  undefinedWhen: string,
  compute: PairFunction,
): MeasureSpec {
  return { id, title, unit, undefinedWhen, compute: (s) => (s.benchmark ? compute(s, s.benchmark) : NaN) };
}

const FLAT_BENCHMARK = 'there is no benchmark, or it does not vary';
const NO_BENCHMARK = 'there is no benchmark';
const NO_VARIATION = 'one of the two series does not vary';

const alphaPerPeriod: PairFunction = (s, b) => s.excessMean - b.beta * b.excessMean;

const trackingError: PairFunction = (s, b) => standardDeviation(b.active) * Math.sqrt(s.periodsPerYear);

/** Capture of the periods in which the benchmark rose (sign = 1) or fell (sign = −1). */
function capture(s: ReturnSample, b: BenchmarkSample, sign: 1 | -1, geometric: boolean): number {
  let growth = 1;
  let benchmarkGrowth = 1;
  let sum = 0;
  let benchmarkSum = 0;
  let count = 0;
  for (let t = 0; t < s.n; t++) {
    if (!(sign * b.returns[t] > 0)) continue;
    growth *= 1 + s.returns[t];
    benchmarkGrowth *= 1 + b.returns[t];
    sum += s.returns[t];
    benchmarkSum += b.returns[t];
    count += 1;
  }
  if (!geometric) return sum / benchmarkSum;
  const exponent = s.periodsPerYear / count;
  return (growth ** exponent - 1) / (benchmarkGrowth ** exponent - 1);
}

export const BENCHMARK_MEASURES: readonly MeasureSpec[] = [
  against('beta', 'Beta', 'number', FLAT_BENCHMARK, (_, b) => b.beta),
  against('alpha_per_period', 'Alpha per period', 'fraction', FLAT_BENCHMARK, alphaPerPeriod),
  against(
    'alpha_annual_arithmetic',
    'Alpha, annual',
    'fraction',
    FLAT_BENCHMARK,
    (s, b) => alphaPerPeriod(s, b) * s.periodsPerYear,
  ),
  against(
    'alpha_annual_geometric',
    'Alpha, annual, compounded',
    'fraction',
    FLAT_BENCHMARK,
    (s, b) => (1 + alphaPerPeriod(s, b)) ** s.periodsPerYear - 1,
  ),
  against('correlation', 'Correlation', 'number', NO_VARIATION, (s, b) => correlation(s.returns, b.returns)),
  against('r_squared', 'R²', 'fraction', NO_VARIATION, (s, b) => correlation(s.returns, b.returns) ** 2),
  against('tracking_error_annual', 'Tracking error, annual', 'fraction', NO_BENCHMARK, trackingError),
  against(
    'information_ratio',
    'Information ratio',
    'ratio',
    'there is no benchmark, or the series equals it',
    (s, b) => (mean(b.active) * s.periodsPerYear) / trackingError(s, b),
  ),
  against(
    'treynor',
    'Treynor ratio',
    'ratio',
    'there is no benchmark, or beta is zero',
    (s, b) => (s.excessMean * s.periodsPerYear) / b.beta,
  ),
  against(
    'm2_annual',
    'M² (Modigliani)',
    'fraction',
    NO_VARIATION,
    (s, b) => annualSharpe(s) * b.standardDeviation * Math.sqrt(s.periodsPerYear) + s.riskFree,
  ),
  against('up_capture_arithmetic', 'Up capture', 'ratio', 'the benchmark never rose', (s, b) =>
    capture(s, b, 1, false),
  ),
  against('down_capture_arithmetic', 'Down capture', 'ratio', 'the benchmark never fell', (s, b) =>
    capture(s, b, -1, false),
  ),
  against('up_capture_geometric', 'Up capture, compounded', 'ratio', 'the benchmark never rose', (s, b) =>
    capture(s, b, 1, true),
  ),
  against('down_capture_geometric', 'Down capture, compounded', 'ratio', 'the benchmark never fell', (s, b) =>
    capture(s, b, -1, true),
  ),
  against(
    'batting_average',
    'Share of periods ahead',
    'fraction',
    NO_BENCHMARK,
    (s, b) => b.active.filter((x) => x > 0).length / s.n,
  ),
];
