/**
 * Normal, Student t, chi-square and F distributions to near machine precision.
 * Sources are named per function; tails are computed directly, never as one minus the other side.
 */

const LN_SQRT_2PI = 0.918938533204672741780329736406;
const SQRT_2PI = 2.50662827463100050241576528481;

export function normalPdf(x: number): number {
  return Math.exp(-0.5 * x * x) / SQRT_2PI;
}

/** Φ(x), relative error about 1e-15 in both tails. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  const z = Math.abs(x);
  if (z <= 0.46875 * Math.SQRT2) return 0.5 * (1 + erfCenter(x / Math.SQRT2));
  // exp(−x²/2) is taken from x itself, in two factors: rounding x/√2 first would cost x² units in the last place.
  const head = Math.trunc(z * 16) / 16;
  const density = Math.exp((-head * head) / 2) * Math.exp((-(z - head) * (z + head)) / 2);
  const tail = density === 0 ? 0 : 0.5 * density * erfcScaled(z / Math.SQRT2);
  return x < 0 ? tail : 1 - tail;
}

/** erf(x) for |x| ≤ 0.46875, rational Chebyshev approximation of W. J. Cody (1969). */
function erfCenter(x: number): number {
  const z = x * x;
  return (x * polynomial(ERF_P, z)) / polynomial(ERF_Q, z);
}

/** exp(y²) erfc(y) for y > 0.46875 (Cody 1969). */
function erfcScaled(y: number): number {
  if (y <= 4) return polynomial(ERFC_P, y) / polynomial(ERFC_Q, y);
  const z = 1 / (y * y);
  const correction = (z * polynomial(ERFC_TAIL_P, z)) / polynomial(ERFC_TAIL_Q, z);
  return (0.5641895835477563 - correction) / y;
}

/** Φ⁻¹(p), algorithm AS 241 PPND16 (Wichura 1988), relative error about 1e-16. p = 0 → −∞, 1 → ∞, outside → NaN. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  if (p === 0) return -Infinity;
  if (p === 1) return Infinity;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(QUANTILE_CENTER_P, r)) / polynomial(QUANTILE_CENTER_Q, r);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const z =
    r <= 5
      ? polynomial(QUANTILE_MIDDLE_P, r - 1.6) / polynomial(QUANTILE_MIDDLE_Q, r - 1.6)
      : polynomial(QUANTILE_TAIL_P, r - 5) / polynomial(QUANTILE_TAIL_Q, r - 5);
  return q < 0 ? -z : z;
}

/** P(T ≤ t) of Student's t with `df` > 0 degrees of freedom. */
export function studentTCdf(t: number, df: number): number {
  if (Number.isNaN(t) || !(df > 0)) return NaN;
  if (!Number.isFinite(df)) return normalCdf(t);
  const square = t * t;
  const tail = 0.5 * betaTail(df / 2, 0.5, df / (df + square), square / (df + square), false);
  return t < 0 ? tail : 1 - tail;
}

/** Inverse of {@link studentTCdf}: safeguarded Newton steps on the tail nearer to p. */
export function studentTQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0)) return NaN;
  if (p === 0.5) return 0;
  if (p > 0.5) return -studentTQuantile(1 - p, df);
  if (p === 0) return -Infinity;
  if (!Number.isFinite(df)) return normalQuantile(p);
  let low = -1;
  while (studentTCdf(low, df) > p) low *= 2;
  let high = 0;
  let x = Math.max(low, Math.min(high, normalQuantile(p)));
  const logNorm = logGamma((df + 1) / 2) - logGamma(df / 2) - 0.5 * Math.log(df * Math.PI);
  for (let iteration = 0; iteration < 200; iteration++) {
    const excess = studentTCdf(x, df) - p;
    if (excess > 0) high = x;
    else low = x;
    const density = Math.exp(logNorm - ((df + 1) / 2) * Math.log1p((x * x) / df));
    let next = x - excess / density;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - x) <= 2e-16 * Math.abs(next)) return next;
    x = next;
  }
  return x;
}

/** P(X ≤ x) of the chi-square distribution with `df` > 0 degrees of freedom. */
export function chiSquareCdf(x: number, df: number): number {
  if (Number.isNaN(x) || !(df > 0)) return NaN;
  return x <= 0 ? 0 : regularizedGamma(df / 2, x / 2, false);
}

/** P(X > x) of the chi-square distribution: the p-value of a test, accurate when it is tiny. */
export function chiSquareTail(x: number, df: number): number {
  if (Number.isNaN(x) || !(df > 0)) return NaN;
  return x <= 0 ? 1 : regularizedGamma(df / 2, x / 2, true);
}

/** P(X ≤ x) of the F distribution with d₁ and d₂ degrees of freedom. */
export function fCdf(x: number, d1: number, d2: number): number {
  if (Number.isNaN(x) || !(d1 > 0) || !(d2 > 0)) return NaN;
  if (x <= 0) return 0;
  if (x === Infinity) return 1;
  const denominator = d1 * x + d2;
  return betaTail(d1 / 2, d2 / 2, (d1 * x) / denominator, d2 / denominator, false);
}

/** P(X > x) of the F distribution, accurate when it is tiny. */
export function fTail(x: number, d1: number, d2: number): number {
  if (Number.isNaN(x) || !(d1 > 0) || !(d2 > 0)) return NaN;
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  const denominator = d1 * x + d2;
  return betaTail(d1 / 2, d2 / 2, (d1 * x) / denominator, d2 / denominator, true);
}

/** ln Γ(x) for x > 0: Stirling's series after shifting the argument above 15. */
export function logGamma(x: number): number {
  if (!(x > 0)) return NaN;
  let shifted = x;
  let product = 1;
  while (shifted < 15) product *= shifted++;
  return (shifted - 0.5) * Math.log(shifted) - shifted + LN_SQRT_2PI + stirlingSeries(shifted) - Math.log(product);
}

/** I_x(a, b) or its complement; y = 1 − x is passed so that neither side loses digits. */
function betaTail(a: number, b: number, x: number, y: number, complement: boolean): number {
  if (x <= 0) return complement ? 1 : 0;
  if (y <= 0) return complement ? 0 : 1;
  const direct = x < (a + 1) / (a + b + 2);
  const value = direct ? betaFraction(a, b, x, y) : betaFraction(b, a, y, x);
  return direct === complement ? 1 - value : value;
}

/** Continued fraction of the incomplete beta function (NIST DLMF 8.17.22), modified Lentz evaluation. */
function betaFraction(a: number, b: number, x: number, y: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  if (Math.abs(d) < tiny) d = tiny;
  d = 1 / d;
  let fraction = d;
  for (let m = 1; m <= 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + even * d;
    if (Math.abs(d) < tiny) d = tiny;
    c = 1 + even / c;
    if (Math.abs(c) < tiny) c = tiny;
    d = 1 / d;
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + odd * d;
    if (Math.abs(d) < tiny) d = tiny;
    c = 1 + odd / c;
    if (Math.abs(c) < tiny) c = tiny;
    d = 1 / d;
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return binomialDensity(a, b, x, y) * (b / (a + b)) * fraction;
}

/** x^a y^b Γ(a+b+1) / (Γ(a+1) Γ(b+1)) by Loader's saddle-point expansion (2000): no cancellation for large a, b. */
function binomialDensity(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  const log = stirlingError(n) - stirlingError(a) - stirlingError(b) - deviance(a, n * x) - deviance(b, n * y);
  return (Math.exp(log) * Math.sqrt(n / (a * b))) / SQRT_2PI;
}

/** P(s, x) or, with `upper`, Q(s, x): series below the mode, Lentz continued fraction above it (DLMF 8.7.1, 8.9.2). */
function regularizedGamma(s: number, x: number, upper: boolean): number {
  if (x === Infinity) return upper ? 0 : 1;
  const density = Math.exp(-stirlingError(s) - deviance(s, x)) / Math.sqrt(2 * Math.PI * s);
  if (x < s + 1) {
    let term = 1;
    let sum = 1;
    for (let k = 1; k < 100_000 && term > sum * 1e-17; k++) {
      term *= x / (s + k);
      sum += term;
    }
    const lower = density * sum;
    return upper ? 1 - lower : lower;
  }
  let b = x + 1 - s;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; k < 100_000; k++) {
    const a = -k * (k - s);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    const step = c * d;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  const tail = density * s * fraction;
  return upper ? tail : 1 - tail;
}

/** ln Γ(x+1) − Stirling's approximation of it; small arguments by its recurrence, which cancels nothing. */
function stirlingError(x: number): number {
  let error = 0;
  let shifted = x;
  for (; shifted < 15; shifted++) error += (shifted + 0.5) * Math.log1p(1 / shifted) - 1;
  return error + stirlingSeries(shifted);
}

function stirlingSeries(x: number): number {
  const z = 1 / (x * x);
  return (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - (z * 691) / 360360))))) / x;
}

/** x ln(x/m) + m − x without cancellation where x ≈ m (Loader 2000, bd0). */
function deviance(x: number, m: number): number {
  const difference = x - m;
  if (Math.abs(difference) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x;
  const v = difference / (x + m);
  let sum = difference * v;
  let term = 2 * x * v;
  const square = v * v;
  for (let j = 1; j < 1000; j++) {
    term *= square;
    const next = sum + term / (2 * j + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** Coefficients highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  let value = coefficients[0];
  for (let i = 1; i < coefficients.length; i++) value = value * x + coefficients[i];
  return value;
}

const ERF_P = [0.185777706184603153, 3.1611237438705656, 113.864154151050156, 377.485237685302021, 3209.37758913846947];
const ERF_Q = [1, 23.6012909523441209, 244.024637934444173, 1282.61652607737228, 2844.23683343917062];
const ERFC_P = [
  2.15311535474403846e-8, 0.564188496988670089, 8.88314979438837594, 66.1191906371416295, 298.635138197400131,
  881.95222124176909, 1712.04761263407058, 2051.07837782607147, 1230.33935479799725,
];
const ERFC_Q = [
  1, 15.7449261107098347, 117.693950891312499, 537.181101862009858, 1621.38957456669019, 3290.79923573345963,
  4362.61909014324716, 3439.36767414372164, 1230.33935480374942,
];
const ERFC_TAIL_P = [
  0.0163153871373020978, 0.305326634961232344, 0.360344899949804439, 0.125781726111229246, 0.0160837851487422766,
  6.58749161529837803e-4,
];
const ERFC_TAIL_Q = [
  1, 2.56852019228982242, 1.87295284992346725, 0.527905102951428412, 0.0605183413124413191, 0.00233520497626869185,
];
const QUANTILE_CENTER_P = [
  2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
  1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.387132872796366608,
];
const QUANTILE_CENTER_Q = [
  5.226495278852854561e3, 2.8729085735721942674e4, 3.930789580009271061e4, 2.1213794301586595867e4,
  5.3941960214247511077e3, 6.871870074920579083e2, 4.2313330701600911252e1, 1,
];
const QUANTILE_MIDDLE_P = [
  7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.4178072517745061177e-1, 1.27045825245236838258,
  3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
];
const QUANTILE_MIDDLE_Q = [
  1.05075007164441684324e-9, 5.475938084995344946e-4, 1.51986665636164571966e-2, 1.4810397642748007459e-1,
  6.8976733498510000455e-1, 1.6763848301838038494, 2.05319162663775882187, 1,
];
const QUANTILE_TAIL_P = [
  2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.2426609473880784386e-3, 2.6532189526576123093e-2,
  2.9656057182850489123e-1, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
];
const QUANTILE_TAIL_Q = [
  2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
  1.48753612908506148525e-2, 1.3692988092273580531e-1, 5.9983220655588793769e-1, 1,
];
