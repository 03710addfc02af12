/** Returns of an account with deposits and withdrawals: money-weighted (XIRR), time-weighted and modified Dietz. */
import { AppError } from '#base/errors';

export interface Flow {
  /** Days after the first flow. */
  readonly day: number;
  /** Positive = deposit. */
  readonly amount: number;
}

/**
 * Annual rate r with Σ −flow (1 + r)^(−day/365) + end (1 + r)^(−T/365) = 0, by bisection and Newton steps inside the bracket.
 * Errors: NOT_CONVERGED where no rate above −100 % brings the value to zero.
 */
export function internalRateOfReturn(flows: readonly Flow[], endValue: number, days: number): number {
  const value = (logGrowth: number) =>
    endValue * Math.exp((-logGrowth * days) / 365) -
    flows.reduce((sum, { day, amount }) => sum + amount * Math.exp((-logGrowth * day) / 365), 0);
  const slope = (logGrowth: number) =>
    (-days / 365) * endValue * Math.exp((-logGrowth * days) / 365) +
    flows.reduce((sum, { day, amount }) => sum + (day / 365) * amount * Math.exp((-logGrowth * day) / 365), 0);
  let low = -1;
  let high = 1;
  while (value(low) * value(high) > 0 && high < 64) {
    low *= 2;
    high *= 2;
  }
  if (!(value(low) * value(high) <= 0)) {
    throw new AppError(
      'NOT_CONVERGED',
      'Expected flows that some annual rate explains, found none. Check the signs of the flows and the end value.',
    );
  }
  const risingAtLow = value(low) > 0;
  let x = 0;
  for (let iteration = 0; iteration < 200; iteration++) {
    const f = value(x);
    if (f === 0) break;
    if (f > 0 === risingAtLow) low = x;
    else high = x;
    let next = x - f / slope(x);
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - x) <= 1e-16 * Math.max(1, Math.abs(x))) break;
    x = next;
  }
  return Math.expm1(x);
}

/**
 * (E − B − ΣF)/(B + Σ F (T − t)/T) over the period, not annualized (Dietz 1966, modified); the first flow is the begin value B.
 */
export function modifiedDietz(flows: readonly Flow[], endValue: number, days: number): number {
  const [first, ...later] = flows;
  let net = 0;
  let weighted = 0;
  for (const { day, amount } of later) {
    net += amount;
    weighted += (amount * (days - day)) / days;
  }
  return (endValue - first.amount - net) / (first.amount + weighted);
}
