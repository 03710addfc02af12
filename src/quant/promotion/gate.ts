/** What a candidate must show before it may replace the champion: the shape of a check and of the policy that it is held against. */

export type CheckStatus = 'passed' | 'failed' | 'warning' | 'not-run';

/** One line of the checklist, with its evidence. */
export interface GateCheck {
  readonly id: string;
  readonly title: string;
  /** The rule, in words, with its numbers. */
  readonly rule: string;
  readonly status: CheckStatus;
  readonly summary: string;
  readonly figures: readonly { readonly name: string; readonly value: number | null; readonly unit: string }[];
}

export interface PromotionPolicy {
  readonly outOfSample: {
    readonly measure: 'r2' | 'rank_ic' | 'sharpe';
    readonly minimum: number;
    /** Above this, an out-of-sample R² of returns is more likely a leak than skill. */
    readonly implausibleR2: number;
  };
  readonly significance: { readonly level: number; readonly replications: number };
  /** Largest population stability index of any input. */
  readonly drift: { readonly warnAbove: number; readonly failAbove: number };
}

/** A line of the portfolio that the run decided last: what a replay must give again. */
export interface GoldenRow {
  readonly asset: string;
  readonly weight: number;
  readonly forecast: number | null;
}

/** Daily equity of a strategy on its own dates. */
export interface EquityCurve {
  readonly name: string;
  readonly dates: readonly string[];
  readonly equity: Float64Array;
}

/** A number as evidence shows it: four significant digits. */
export function figureText(value: number): string {
  return String(Number(value.toPrecision(4)));
}
