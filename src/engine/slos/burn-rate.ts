/**
 * Burn rates of an error budget and the rules that judge them: two windows each, so that an alert is neither raised for what has passed
 * nor missed while it goes on (Beyer et al., "The Site Reliability Workbook", O'Reilly 2018, ch. 5, "Multiwindow, Multi-Burn-Rate Alerts",
 * table 5-8). Pure: counts in, verdicts out.
 */
import type { AlertSeverity } from '#contract/topics';

/** Counts are kept per slot; a window is its whole slots before the current one, and the current one. */
export const SLOT_MS = 5 * 60_000;
const HOUR_SLOTS = 12;

export interface Counts {
  readonly good: number;
  readonly bad: number;
}

export interface BurnRule {
  readonly rule: 'burn-1h' | 'burn-6h' | 'burn-3d';
  /** Times the rate at which the budget would last exactly the window: 2 %, 5 % and 10 % of thirty days' budget in the long window. */
  readonly factor: number;
  readonly longSlots: number;
  readonly shortSlots: number;
  readonly severity: AlertSeverity;
}

export const BURN_RULES: readonly BurnRule[] = [
  { rule: 'burn-1h', factor: 14.4, longSlots: HOUR_SLOTS, shortSlots: 1, severity: 'critical' },
  { rule: 'burn-6h', factor: 6, longSlots: 6 * HOUR_SLOTS, shortSlots: 6, severity: 'error' },
  { rule: 'burn-3d', factor: 1, longSlots: 72 * HOUR_SLOTS, shortSlots: 6 * HOUR_SLOTS, severity: 'warning' },
];

/** A rule that fires stops when its short window burns this much more slowly: at the edge there is one alert, not twenty. */
export const CLEAR_SHARE = 0.8;

export interface Burn {
  /** Null where there are too few events. */
  readonly long: number | null;
  readonly short: number | null;
  readonly fires: boolean;
}

/** Share of bad events over the share that may be bad; 0 without events. Rounded to 1e-9, so that a threshold reached exactly is reached. */
export function burnRate({ good, bad }: Counts, target: number): number {
  const total = good + bad;
  return total === 0 ? 0 : rounded(bad / (total * (1 - target)));
}

const rounded = (value: number): number => Math.round(value * 1e9) / 1e9;

/**
 * One rule now.
 * @param wasFiring whether it fired at the look before
 * @param least events in the long window without which nothing is concluded; what fires goes on, because silence proves nothing
 */
export function judge(
  { factor }: Pick<BurnRule, 'factor'>,
  {
    long,
    short,
    target,
    least,
    wasFiring,
  }: {
    readonly long: Counts;
    readonly short: Counts;
    readonly target: number;
    readonly least: number;
    readonly wasFiring: boolean;
  },
): Burn {
  const total = long.good + long.bad;
  // No event at all in the long window: whatever went wrong is over.
  if (total < least) return { long: null, short: null, fires: wasFiring && total > 0 };
  const rates = { long: burnRate(long, target), short: burnRate(short, target) };
  const fires = wasFiring ? rates.short >= CLEAR_SHARE * factor : rates.long >= factor && rates.short >= factor;
  return { ...rates, fires };
}

/** Share of the budget that is left; null without events. */
export function budgetLeft({ good, bad }: Counts, target: number): number | null {
  const total = good + bad;
  return total === 0 ? null : rounded(1 - bad / ((1 - target) * total));
}
