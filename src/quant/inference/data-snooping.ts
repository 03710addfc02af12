/**
 * Is the best of K strategies better than its benchmark once all K were tried? White's Reality Check (2000), Hansen's SPA (2005,
 * studentized) and Romano-Wolf StepM (2005), on bootstrap indices that the caller supplies.
 */

export interface SnoopingInput {
  /** [n, K] row-major: strategy minus benchmark return. */
  readonly differentials: Float64Array;
  readonly strategies: number;
  /** [B, n] row-major 0-based row positions. */
  readonly indices: Uint32Array;
  readonly replications: number;
  /** Level of StepM. */
  readonly alpha: number;
}

export interface SnoopingResult {
  readonly realityCheck: { readonly statistic: number; readonly p: number };
  /** √(mean_b n (m*_bk − m_k)²), length K. */
  readonly omega: Float64Array;
  readonly superiorPredictiveAbility: {
    readonly statistic: number;
    readonly pLower: number;
    readonly pConsistent: number;
    readonly pUpper: number;
  };
  readonly stepM: { readonly firstCritical: number; readonly rejected: readonly number[] };
}

/** Runs the three tests. A strategy whose differential never varies has ω = 0 and takes no part in the studentized ones. */
/** On the rows that `indices` name. */
export function dataSnooping(input: SnoopingInput): SnoopingResult {
  const n = input.differentials.length / input.strategies;
  const means = columnMeans(input.differentials, input.strategies);
  return snoopingFromMeans({ n, means, boot: bootstrapMeans(input, n), alpha: input.alpha });
}

export interface BootstrappedMeans {
  /** Rows behind every mean. */
  readonly n: number;
  /** Length K. */
  readonly means: Float64Array;
  /** [B, K] row-major: the same means under every resample. */
  readonly boot: Float64Array;
  /** Level of StepM. */
  readonly alpha: number;
}

/** The tests themselves, however the resamples were made. */
export function snoopingFromMeans({ n, means, boot, alpha }: BootstrappedMeans): SnoopingResult {
  const K = means.length;
  const B = boot.length / K;
  const root = Math.sqrt(n);
  const omega = new Float64Array(K);
  for (let b = 0; b < B; b++) {
    for (let k = 0; k < K; k++) omega[k] += (n * (boot[b * K + k] - means[k]) ** 2) / B;
  }
  for (let k = 0; k < K; k++) omega[k] = Math.sqrt(omega[k]);
  const score = means.map((m, k) => (omega[k] > 0 ? (root * m) / omega[k] : -Infinity));

  const rcStatistic = root * Math.max(...means);
  const rcDraws = maxima(B, K, (b, k) => root * (boot[b * K + k] - means[k]));

  const spaStatistic = Math.max(0, ...score);
  const threshold = Math.sqrt(2 * Math.log(Math.log(n)));
  const spaP = (center: (k: number) => number) => {
    const draws = maxima(B, K, (b, k) =>
      omega[k] > 0 ? Math.max(0, (root * (boot[b * K + k] - center(k))) / omega[k]) : 0,
    );
    return share(draws, spaStatistic);
  };

  const studentized = (b: number, k: number) =>
    omega[k] > 0 ? (root * (boot[b * K + k] - means[k])) / omega[k] : -Infinity;
  return {
    realityCheck: { statistic: rcStatistic, p: share(rcDraws, rcStatistic) },
    omega,
    superiorPredictiveAbility: {
      statistic: spaStatistic,
      pLower: spaP((k) => Math.max(means[k], 0)),
      pConsistent: spaP((k) => (root * means[k] >= -threshold * omega[k] ? means[k] : 0)),
      pUpper: spaP((k) => means[k]),
    },
    stepM: stepM(score, B, alpha, studentized),
  };
}

/** Length K. */
export function columnMeans(values: Float64Array, K: number): Float64Array {
  const n = values.length / K;
  const means = new Float64Array(K);
  for (let t = 0; t < n; t++) for (let k = 0; k < K; k++) means[k] += values[t * K + k];
  return means.map((sum) => sum / n);
}

/** [B, K] means of every strategy under every resample. */
function bootstrapMeans(
  { differentials, strategies: K, indices, replications }: SnoopingInput,
  n: number,
): Float64Array {
  const boot = new Float64Array(replications * K);
  for (let b = 0; b < replications; b++) {
    for (let i = 0; i < n; i++) {
      const row = indices[b * n + i] * K;
      for (let k = 0; k < K; k++) boot[b * K + k] += differentials[row + k];
    }
  }
  return boot.map((sum) => sum / n);
}

function maxima(B: number, K: number, at: (b: number, k: number) => number): Float64Array {
  const result = new Float64Array(B).fill(-Infinity);
  for (let b = 0; b < B; b++) for (let k = 0; k < K; k++) result[b] = Math.max(result[b], at(b, k));
  return result;
}

function share(draws: Float64Array, statistic: number): number {
  return draws.filter((draw) => draw > statistic).length / draws.length;
}

/** Romano, Wolf 2005, algorithm 4.1: repeat with the strategies that are still standing until none is rejected. */
function stepM(
  score: Float64Array,
  B: number,
  alpha: number,
  studentized: (b: number, k: number) => number,
): { firstCritical: number; rejected: number[] } {
  let active = Array.from(score.keys());
  const rejected: number[] = [];
  let firstCritical = NaN;
  while (active.length > 0) {
    const draws = maxima(B, active.length, (b, i) => studentized(b, active[i])).sort();
    const critical = draws[Math.min(B, Math.max(1, Math.ceil((1 - alpha) * B))) - 1];
    if (rejected.length === 0) firstCritical = critical;
    const beaten = active.filter((k) => score[k] > critical);
    if (beaten.length === 0) break;
    rejected.push(...beaten);
    active = active.filter((k) => score[k] <= critical);
  }
  return { firstCritical, rejected };
}
