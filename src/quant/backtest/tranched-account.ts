/**
 * One portfolio run as k equal sub-accounts that rebalance on different days (tranches, Jegadeesh and Titman 1993), so that no single
 * day decides the result. With k = 1 it is the plain account, bit for bit.
 */
import type { Market } from './market';
import type { RebalanceRecord, Simulation } from './simulation';
import { type SimulationOptions, Simulator } from './simulator';

interface Decision {
  readonly row: number;
  readonly fillRow: number;
  /** Target of the whole portfolio at the decision. */
  readonly targets: Float64Array;
  readonly due: readonly number[];
  /** Weights of the whole portfolio at the close of the fill row. */
  executed: Float64Array | undefined;
}

export class TranchedAccount {
  readonly #tranches: readonly Simulator[];
  readonly #options: SimulationOptions;
  readonly #decisions: Decision[] = [];
  #unfilled = 0;

  /** The capital is split evenly over `count` ≥ 1 tranches. */
  constructor(market: Market, options: SimulationOptions, count: number) {
    this.#options = options;
    const share = { ...options, initialCapital: options.initialCapital / count };
    this.#tranches = Array.from({ length: count }, () => new Simulator(market, share));
  }

  /** Values every tranche at every close up to `row`. */
  advanceTo(row: number): void {
    if (this.#tranches.length > 1) {
      for (; this.#decisions[this.#unfilled]?.fillRow <= row; this.#unfilled++) {
        const decision = this.#decisions[this.#unfilled];
        for (const tranche of this.#tranches) tranche.advanceTo(decision.fillRow);
        decision.executed = this.weights();
      }
    }
    for (const tranche of this.#tranches) tranche.advanceTo(row);
  }

  /** Weights of one tranche at the close of the current row, fractions of its equity. */
  weightsOf(tranche: number): Float64Array {
    return this.#tranches[tranche].weights();
  }

  /** Weights of the whole portfolio at the close of the current row. */
  weights(): Float64Array {
    return this.#blend((tranche) => tranche.weights());
  }

  /** What the whole portfolio would aim at if the `due` tranches (all with one target) moved and the others stayed. */
  blendedTargets(due: readonly number[], targetsOf: (tranche: number) => Float64Array): Float64Array {
    return this.#blend((tranche, j) => (due.includes(j) ? targetsOf(j) : tranche.weights()));
  }

  /** Decisions of the tranches that are due at the close of the current row. */
  order(due: readonly number[], targetsOf: (tranche: number) => Float64Array): void {
    const row = this.#tranches[0].row;
    const whole = this.#tranches.length > 1 ? this.blendedTargets(due, targetsOf) : new Float64Array(0);
    this.#decisions.push({ row, fillRow: row + this.#options.lag, targets: whole, due, executed: undefined });
    for (const j of due) this.#tranches[j].order(targetsOf(j));
  }

  /** Runs to the last row. `tranches` are the sub-accounts, `whole` their sum. */
  finish(): { readonly whole: Simulation; readonly tranches: readonly Simulation[] } {
    this.advanceTo(this.#options.endRow);
    const finalWeights = this.#tranches.length > 1 ? this.weights() : new Float64Array(0);
    const tranches = this.#tranches.map((tranche) => tranche.finish());
    return { whole: tranches.length === 1 ? tranches[0] : this.#merge(tranches, finalWeights), tranches };
  }

  #blend(weightsOf: (tranche: Simulator, index: number) => Float64Array): Float64Array {
    if (this.#tranches.length === 1) return weightsOf(this.#tranches[0], 0);
    const total = this.#tranches.reduce((sum, tranche) => sum + tranche.equity, 0);
    let blended: Float64Array | undefined;
    this.#tranches.forEach((tranche, j) => {
      const weights = weightsOf(tranche, j);
      const share = tranche.equity / total;
      blended ??= new Float64Array(weights.length);
      for (let i = 0; i < weights.length; i++) blended[i] += share * weights[i];
    });
    return blended ?? new Float64Array(0);
  }

  #merge(parts: readonly Simulation[], finalWeights: Float64Array): Simulation {
    const [first] = parts;
    const days = first.equity.length;
    const equity = new Float64Array(days);
    const grossEquity = new Float64Array(days);
    const exposure = new Float64Array(days);
    for (const part of parts) {
      for (let day = 0; day < days; day++) {
        equity[day] += part.equity[day];
        grossEquity[day] += part.grossEquity[day];
        exposure[day] += part.exposure[day] * part.equity[day];
      }
    }
    for (let day = 0; day < days; day++) exposure[day] /= equity[day];
    const sum = (of: (part: Simulation) => number) => parts.reduce((total, part) => total + of(part), 0);
    return {
      firstRow: first.firstRow,
      equity,
      grossEquity,
      exposure,
      finalWeights,
      dailyWeights: undefined,
      rebalances: this.#mergeRebalances(parts, equity),
      delistingLoss: sum(({ delistingLoss }) => delistingLoss),
      carry: {
        interest: sum(({ carry }) => carry.interest),
        borrow: sum(({ carry }) => carry.borrow),
        dividends: sum(({ carry }) => carry.dividends),
        impact: sum(({ carry }) => carry.impact),
      },
    };
  }

  #mergeRebalances(parts: readonly Simulation[], equity: Float64Array): RebalanceRecord[] {
    const next = parts.map(() => 0);
    return this.#decisions.map(({ row, targets, due, executed }) => {
      const records = due.map((j) => parts[j].rebalances[next[j]++]);
      const fillRow = records[0].fillRow;
      if (fillRow < 0) return { ...records[0], targets };
      const cost = records.reduce((total, record) => total + record.cost, 0);
      const equityAfter = equity[fillRow - parts[0].firstRow];
      const equityBefore = equityAfter + cost;
      return {
        decisionRow: row,
        fillRow,
        targets,
        executed,
        turnover: records.reduce((moved, record) => moved + record.turnover * record.equityBefore, 0) / equityBefore,
        cost,
        orders: records.reduce((orders, record) => orders + record.orders, 0),
        equityBefore,
        equityAfter,
      };
    });
  }
}
