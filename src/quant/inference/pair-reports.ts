/** Reports about two strategies or two forecasts on the same dates. */
import { politisWhiteBlockLength } from './bootstrap';
import { dieboldMariano } from './diebold-mariano';
import { meanDifference } from './mean-difference';
import { studentTCdf } from '../array/distributions';
import {
  constantVarianceCheck,
  independenceCheck,
  normalityCheck,
  percentText,
  requireVarying,
  sampleCheck,
  type TestReport,
  testReport,
} from './report';
import { jobsonKorkieMemmel, ledoitWolf, ledoitWolfBootstrap } from './sharpe-difference';

export interface PairOptions {
  readonly names: readonly [string, string];
  readonly level: number;
  readonly periodsPerYear: number;
}

function relation(
  names: readonly [string, string],
  difference: number,
  p: number,
  level: number,
  what: string,
): string {
  const [a, b] = names;
  return p < level
    ? `${a} has a ${difference > 0 ? 'higher' : 'lower'} ${what} than ${b} at ${percentText(level)}.`
    : `${a} is not distinguishable from ${b} at ${percentText(level)} (${what}).`;
}

function requirePair(a: Float64Array, b: Float64Array, names: readonly [string, string], least: number): Float64Array {
  requireVarying(names[0], a, least);
  requireVarying(names[1], b, least);
  const difference = a.map((x, t) => x - b[t]);
  requireVarying(`${names[0]} minus ${names[1]}`, difference, least);
  return difference;
}

export function jobsonKorkieReport(a: Float64Array, b: Float64Array, options: PairOptions): TestReport {
  requirePair(a, b, options.names, 24);
  const { difference, z, p, standardError } = jobsonKorkieMemmel(a, b);
  const root = Math.sqrt(options.periodsPerYear);
  return testReport('jobson-korkie-memmel', {
    statistic: z,
    pValue: p,
    sampleSize: a.length,
    assumptions: [independenceCheck(a), normalityCheck(a), independenceCheck(b), normalityCheck(b)],
    verdict: relation(options.names, difference, p, options.level, 'Sharpe ratio'),
    details: { difference: difference * root, standardError: standardError * root },
  });
}

/** Studentized circular block bootstrap with the longer automatic block of the two. */
export function ledoitWolfReport(
  a: Float64Array,
  b: Float64Array,
  options: PairOptions & { readonly replications: number; readonly seed: number; readonly blockLength?: number },
): TestReport {
  requirePair(a, b, options.names, 60);
  const { difference, standardError, z, p: hac } = ledoitWolf(a, b);
  const automatic = Math.round(Math.max(1, politisWhiteBlockLength(a), politisWhiteBlockLength(b)));
  const blockLength = options.blockLength ?? automatic;
  const { replications, seed } = options;
  const p = ledoitWolfBootstrap(a, b, { blockLength, replications, seed });
  const root = Math.sqrt(options.periodsPerYear);
  return testReport('ledoit-wolf-sharpe', {
    statistic: z,
    pValue: p,
    sampleSize: a.length,
    assumptions: [
      sampleCheck(a.length, 120),
      { name: 'stationary', holds: null, detail: 'fat tails and dependence are allowed' },
    ],
    verdict: relation(options.names, difference, p, options.level, 'Sharpe ratio'),
    details: {
      difference: difference * root,
      standardError: standardError * root,
      hacP: hac,
      blockLength,
      replications,
    },
  });
}

/** Newey-West t against Student's t with T − 1 degrees of freedom; lags default to ⌊4 (T/100)^{2/9}⌋. */
export function meanDifferenceReport(
  a: Float64Array,
  b: Float64Array,
  options: PairOptions & { readonly lags?: number },
): TestReport {
  const d = requirePair(a, b, options.names, 24);
  const lags = options.lags ?? Math.floor(4 * (a.length / 100) ** (2 / 9));
  const { difference, neweyWestT } = meanDifference(a, b, lags);
  const p = 2 * studentTCdf(-Math.abs(neweyWestT), a.length - 1);
  return testReport('newey-west-mean', {
    statistic: neweyWestT,
    pValue: p,
    sampleSize: a.length,
    assumptions: [
      sampleCheck(a.length, 60),
      { ...constantVarianceCheck(d), detail: `not needed; ${constantVarianceCheck(d).detail}` },
    ],
    verdict: relation(options.names, difference, p, options.level, 'mean return'),
    details: { difference: difference * options.periodsPerYear, lags },
  });
}

/** Errors of two forecasts; a positive statistic says that the first loses more. */
export function dieboldMarianoReport(
  e1: Float64Array,
  e2: Float64Array,
  options: Pick<PairOptions, 'names' | 'level'> & { readonly horizon: number; readonly power: number },
): TestReport {
  requirePair(e1, e2, options.names, Math.max(24, options.horizon + 2));
  const test = dieboldMariano(e1, e2, options.horizon, options.power);
  const d = e1.map((e, t) => Math.abs(e) ** options.power - Math.abs(e2[t]) ** options.power);
  return testReport('diebold-mariano', {
    statistic: test.corrected,
    pValue: test.pCorrected,
    sampleSize: e1.length,
    assumptions: [
      { ...independenceCheck(d), name: `loss differences dependent over less than ${options.horizon} periods` },
    ],
    verdict: relation(options.names, test.meanLossDifference, test.pCorrected, options.level, 'forecast loss'),
    details: { meanLossDifference: test.meanLossDifference, uncorrected: test.statistic },
  });
}
