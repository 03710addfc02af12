/** The score that carries the sample market's predictability: ranks of past returns, renewed every five days. */
import { PREDICTABILITY } from './preset';

const LONG = 252;
const SHORT = 21;
const EVERY = 5;

export class Scores {
  /** Score of each asset, mean 0 and standard deviation about 1 across assets; 0 until there is a year of history. */
  readonly current: Float64Array;
  /** Log prices of the last LONG + 1 days, a ring by day. */
  readonly #history: Float64Array[] = [];
  #days = 0;

  constructor(width: number) {
    this.current = new Float64Array(width);
  }

  /** Takes the log prices of a close and renews the scores when it is time. */
  update(logPrice: Float64Array): void {
    const size = LONG + 1;
    const slot = this.#days % size;
    if (this.#history.length < size) this.#history.push(Float64Array.from(logPrice));
    else this.#history[slot].set(logPrice);
    this.#days++;
    if (this.#history.length < size || this.#days % EVERY !== 0) return;
    const past = (ago: number) => this.#history[(this.#days - 1 - ago + size * 2) % size];
    const recent = past(SHORT);
    const old = past(LONG);
    const momentum = standardRanks(recent.map((value, n) => value - old[n]));
    const reversal = standardRanks(logPrice.map((value, n) => value - recent[n]));
    for (let n = 0; n < this.current.length; n++) {
      this.current[n] = PREDICTABILITY.momentumWeight * momentum[n] - PREDICTABILITY.reversalWeight * reversal[n];
    }
  }
}

/** Ranks scaled to mean 0 and unit variance. */
function standardRanks(values: Float64Array): Float64Array {
  const order = Int32Array.from({ length: values.length }, (_, n) => n).sort((a, b) => values[a] - values[b] || a - b);
  const ranks = new Float64Array(values.length);
  const center = (values.length - 1) / 2;
  const scale = Math.sqrt((values.length * values.length - 1) / 12);
  order.forEach((n, rank) => (ranks[n] = (rank - center) / scale));
  return ranks;
}
