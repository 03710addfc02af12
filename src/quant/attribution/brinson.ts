/** Single-period attribution of active return to sector decisions (Brinson, Fachler 1985). */

interface Effects {
  /** (W_p − W_b)(r_b,g − R_b) */
  readonly allocation: number;
  /** W_b (r_p,g − r_b,g) */
  readonly selection: number;
  /** (W_p − W_b)(r_p,g − r_b,g) */
  readonly interaction: number;
}

export interface BrinsonFachler {
  readonly groups: ReadonlyMap<string, Effects>;
  readonly totals: Effects;
  readonly portfolioReturn: number;
  readonly benchmarkReturn: number;
  /** Equals the sum of the three totals. */
  readonly activeReturn: number;
}

interface GroupSums {
  wp: number;
  wb: number;
  /** Contributions Σ w r. */
  cp: number;
  cb: number;
}

/**
 * Arrays of length N; weights are fractions at the start of the period, returns are simple. A group held on one side only takes the
 * other side's group return, so that its selection is zero.
 */
export function brinsonFachler(
  portfolio: Float64Array,
  benchmark: Float64Array,
  returns: Float64Array,
  groups: readonly string[],
): BrinsonFachler {
  const sums = new Map<string, GroupSums>();
  let portfolioReturn = 0;
  let benchmarkReturn = 0;
  groups.forEach((group, i) => {
    const sum = sums.get(group) ?? { wp: 0, wb: 0, cp: 0, cb: 0 };
    sum.wp += portfolio[i];
    sum.wb += benchmark[i];
    sum.cp += portfolio[i] * returns[i];
    sum.cb += benchmark[i] * returns[i];
    sums.set(group, sum);
    portfolioReturn += portfolio[i] * returns[i];
    benchmarkReturn += benchmark[i] * returns[i];
  });
  const effects = new Map<string, Effects>();
  const totals = { allocation: 0, selection: 0, interaction: 0 };
  for (const [group, { wp, wb, cp, cb }] of sums) {
    const rb = wb !== 0 ? cb / wb : wp !== 0 ? cp / wp : 0;
    const rp = wp !== 0 ? cp / wp : rb;
    const effect = {
      allocation: (wp - wb) * (rb - benchmarkReturn),
      selection: wb * (rp - rb),
      interaction: (wp - wb) * (rp - rb),
    };
    effects.set(group, effect);
    totals.allocation += effect.allocation;
    totals.selection += effect.selection;
    totals.interaction += effect.interaction;
  }
  return {
    groups: effects,
    totals,
    portfolioReturn,
    benchmarkReturn,
    activeReturn: portfolioReturn - benchmarkReturn,
  };
}
