import { describe, expect, test } from 'vitest';
import {
  chiSquareCdf,
  chiSquareTail,
  fCdf,
  fTail,
  logGamma,
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
} from './distributions';

/** Reference values: mpmath 1.3 with 60 digits, from erfc, betainc and gammainc. */
const NORMAL_CDF = [
  [-37.5, 4.605353009581955e-308],
  [-20, 2.7536241186062337e-89],
  [-8, 6.220960574271784e-16],
  [-5, 2.866515718791939e-7],
  [-3.3, 0.0004834241423837775],
  [-1.7, 0.04456546275854304],
  [-1, 0.15865525393145705],
  [-0.5, 0.3085375387259869],
  [-0.1, 0.460172162722971],
  [0, 0.5],
  [0.3, 0.6179114221889527],
  [0.66, 0.7453730853286639],
  [1.96, 0.9750021048517795],
  [4, 0.9999683287581669],
  [6, 0.9999999990134123],
];
const NORMAL_QUANTILE = [
  [1e-300, -37.0470962993612],
  [1e-100, -21.273453560965326],
  [1e-20, -9.262340089798407],
  [1e-9, -5.9978070150076865],
  [0.001, -3.0902323061678136],
  [0.025, -1.9599639845400543],
  [0.2, -0.8416212335729142],
  [0.49, -0.025068908258711057],
  [0.77, 0.7388468491852137],
  [0.975, 1.9599639845400538],
  [0.999, 3.090232306167813],
];
const STUDENT_T = [
  [-40, 3, 1.7190340394579263e-5],
  [-5, 1, 0.06283295818900118],
  [-2.1, 4.5, 0.04796890848104314],
  [-1.2, 10, 0.12889815036215285],
  [-0.3, 2, 0.3962428304200888],
  [0.01, 7, 0.5038498411781891],
  [1, 100, 0.8401379221079384],
  [2.5, 30, 0.9909421754659666],
  [-3.7, 1258, 0.00011245357141020018],
  [-6, 5000, 1.0560481416526935e-9],
  [-2, 2, 0.09175170953613698],
];
const CHI_SQUARE = [
  [0.1, 1, 0.24817036595415073, 0.7518296340458492],
  [3.84, 1, 0.9499564787512949, 0.050043521248705106],
  [10, 4, 0.9595723180054871, 0.040427681994512805],
  [0.5, 3.7, 0.03746605910003207, 0.9625339408999679],
  [150, 100, 0.9990960679576459, 0.0009039320423540091],
  [60, 100, 0.0005188914625480343, 0.999481108537452],
  [1200, 1000, 0.9999877440576693, 1.2255942330622905e-5],
  [80, 5, 0.9999999999999991, 8.391825114831611e-16],
];
const F = [
  [1, 1, 1, 0.5, 0.5],
  [4, 3, 20, 0.9779230003376376, 0.02207699966236243],
  [0.2, 5, 8, 0.04645294585852428, 0.9535470541414757],
  [12, 2, 1250, 0.9999931156073787, 6.884392621300114e-6],
  [1.3, 40, 60, 0.8238738398892644, 0.1761261601107355],
  [30, 4, 1000, 1, 1.3426227067671097e-23],
];

function expectClose(actual: number, expected: number, relative = 1e-13): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));
}

describe('distributions', () => {
  test('the normal distribution matches sixty-digit references in both tails', () => {
    for (const [x, expected] of NORMAL_CDF) expectClose(normalCdf(x), expected, Math.abs(x) > 30 ? 1e-12 : 5e-15);
    for (const [p, expected] of NORMAL_QUANTILE) expectClose(normalQuantile(p), expected, 3e-15);
  });

  test("Student's t, chi-square and F match sixty-digit references", () => {
    for (const [t, df, expected] of STUDENT_T) expectClose(studentTCdf(t, df), expected);
    for (const [x, df, lower, upper] of CHI_SQUARE) {
      expectClose(chiSquareCdf(x, df), lower);
      expectClose(chiSquareTail(x, df), upper);
    }
    for (const [x, d1, d2, lower, upper] of F) {
      expectClose(fCdf(x, d1, d2), lower);
      expectClose(fTail(x, d1, d2), upper);
    }
  });

  test('the quantile of t inverts its distribution function', () => {
    for (const df of [0.7, 1, 2, 3, 5.5, 30, 400, 20_000])
      for (const p of [1e-12, 1e-6, 0.01, 0.2, 0.5, 0.7, 0.99])
        expectClose(studentTCdf(studentTQuantile(p, df), df), p, 2e-12);
  });

  test('logGamma reproduces factorials', () => {
    let factorial = 1;
    for (let n = 1; n < 100; n++) {
      expect(logGamma(n)).toBeCloseTo(Math.log(factorial), 11);
      factorial *= n;
    }
  });

  test('arguments outside the domain give NaN and the ends give infinities', () => {
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
    expect(normalQuantile(-0.1)).toBeNaN();
    expect(studentTCdf(1, 0)).toBeNaN();
  });
});
