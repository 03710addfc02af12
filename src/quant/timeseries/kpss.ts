/** Is a series stationary? The KPSS test, whose null is stationarity, the opposite of Dickey-Fuller's. */
import { AppError } from '#base/errors';
import { bartlettVariance } from '../inference/hac';
import { designMatrix, leastSquares } from '../regression/least-squares';

export interface KpssTest {
  readonly statistic: number;
  /** Interpolated in the table of the paper; it covers 0.01 to 0.10 and is cut there. */
  readonly p: number;
  readonly lags: number;
}

/** Upper quantiles at 10, 5, 2.5 and 1 % (Kwiatkowski, Phillips, Schmidt, Shin 1992, table 1). */
const CRITICAL = {
  c: [0.347, 0.463, 0.574, 0.739],
  ct: [0.119, 0.146, 0.176, 0.216],
} as const;
const LEVELS = [0.1, 0.05, 0.025, 0.01] as const;

/**
 * η = Σ S_t² / (T² s²) with S the partial sums of residuals from a level (c) or trend (ct) and s² the Bartlett long-run variance with
 * `lags` (default ⌈12 (T/100)^¼⌉, Schwert). Errors: NOT_ENOUGH_DATA, INVALID_DATA for a constant series.
 */
export function kpss(x: Float64Array, trend: 'c' | 'ct', lags = Math.ceil(12 * (x.length / 100) ** 0.25)): KpssTest {
  const T = x.length;
  if (T < Math.max(10, lags + 2)) {
    throw new AppError('NOT_ENOUGH_DATA', `Expected at least ${Math.max(10, lags + 2)} observations, found ${T}.`, {
      data: { needed: Math.max(10, lags + 2), found: T },
    });
  }
  const columns = trend === 'ct' ? [Float64Array.from({ length: T }, (_, t) => t + 1)] : [];
  const { residuals } = leastSquares(
    designMatrix([new Float64Array(T).fill(1), ...columns], false),
    x,
    1 + columns.length,
  );
  const longRun = bartlettVariance(residuals, lags);
  const scale = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!(longRun > (scale * 1e-12) ** 2)) {
    throw new AppError('INVALID_DATA', 'Expected a series that varies about its level or trend, found none that does.');
  }
  let partial = 0;
  let squares = 0;
  for (const e of residuals) {
    partial += e;
    squares += partial * partial;
  }
  const statistic = squares / (T * T * longRun);
  return { statistic, p: tablePValue(statistic, CRITICAL[trend]), lags };
}

function tablePValue(statistic: number, critical: readonly number[]): number {
  if (statistic <= critical[0]) return LEVELS[0];
  for (let i = 1; i < critical.length; i++) {
    if (statistic > critical[i]) continue;
    const share = (statistic - critical[i - 1]) / (critical[i] - critical[i - 1]);
    return LEVELS[i - 1] + share * (LEVELS[i] - LEVELS[i - 1]);
  }
  return LEVELS[LEVELS.length - 1];
}
