/**
 * One cross-section, taken out of a table, ranked and put back. Buffers are kept between rows, so ranking a table allocates nothing.
 * Ranks come from one bucket pass and an insertion pass; rows whose values crowd into few buckets go through a typed-array sort.
 */
const MOVES_PER_VALUE = 16;

export class CrossSectionSorter {
  readonly #positions: Int32Array;
  readonly #values: Float64Array;
  readonly #sorted: Float64Array;
  readonly #order: Int32Array;
  readonly #buckets: Int32Array;
  readonly #counts: Int32Array;
  #n = 0;

  /** columns: assets in the table. */
  constructor(columns: number) {
    this.#positions = new Int32Array(columns);
    this.#values = new Float64Array(columns);
    this.#sorted = new Float64Array(columns);
    this.#order = new Int32Array(columns);
    this.#buckets = new Int32Array(columns);
    this.#counts = new Int32Array(2 * columns + 2);
  }

  /** The values that count, in column order; may be changed in place. */
  get loaded(): Float64Array {
    return this.#values.subarray(0, this.#n);
  }

  /** Collects the finite values of members in the row that starts at `row`; returns how many there are. */
  load(table: Float64Array, row: number, membership: Uint8Array | undefined): number {
    const positions = this.#positions;
    const values = this.#values;
    const columns = positions.length;
    let n = 0;
    for (let j = 0; j < columns; j++) {
      const value = table[row + j];
      // x − x is NaN for NaN and for both infinities.
      if (value - value !== 0 || (membership !== undefined && membership[row + j] === 0)) continue;
      positions[n] = j;
      values[n] = value;
      n++;
    }
    this.#n = n;
    return n;
  }

  /** Writes the values back; assets that do not count become NaN. */
  scatter(table: Float64Array, row: number): void {
    const columns = this.#positions.length;
    if (this.#n < columns) table.fill(NaN, row, row + columns);
    for (let i = 0; i < this.#n; i++) table[row + this.#positions[i]] = this.#values[i];
  }

  /** Replaces the values by centered ranks (r − (n+1)/2) / n; ties share the average of their ranks. */
  rank(): void {
    const n = this.#n;
    if (n === 0) return;
    if (!this.#bucketSort()) this.#indexSort();
    const sorted = this.#sorted;
    const center = (n + 1) / 2;
    for (let start = 0; start < n;) {
      const value = sorted[start];
      let end = start + 1;
      while (end < n && sorted[end] === value) end++;
      const rank = ((start + 1 + end) / 2 - center) / n;
      for (let i = start; i < end; i++) this.#values[this.#order[i]] = rank;
      start = end;
    }
  }

  /** Fills `sorted` and `order`. Returns false, having done nothing useful, where too many values share buckets. */
  #bucketSort(): boolean {
    const n = this.#n;
    const values = this.#values;
    const buckets = this.#buckets;
    const counts = this.#counts;
    const sorted = this.#sorted;
    const order = this.#order;
    let low = values[0];
    let high = low;
    for (let i = 1; i < n; i++) {
      const value = values[i];
      if (value < low) low = value;
      else if (value > high) high = value;
    }
    const last = 2 * n - 1;
    const scale = high > low ? last / (high - low) : 0;
    counts.fill(0, 0, 2 * n + 1);
    for (let i = 0; i < n; i++) {
      const bucket = ((values[i] - low) * scale) | 0;
      buckets[i] = bucket;
      counts[bucket + 1]++;
    }
    for (let b = 1; b <= 2 * n; b++) counts[b] += counts[b - 1];
    for (let i = 0; i < n; i++) {
      const to = counts[buckets[i]]++;
      sorted[to] = values[i];
      order[to] = i;
    }
    let moves = MOVES_PER_VALUE * n;
    for (let i = 1; i < n; i++) {
      const value = sorted[i];
      if (sorted[i - 1] <= value) continue;
      const index = order[i];
      let to = i;
      while (to > 0 && sorted[to - 1] > value) {
        sorted[to] = sorted[to - 1];
        order[to] = order[to - 1];
        to--;
      }
      sorted[to] = value;
      order[to] = index;
      moves -= i - to;
      if (moves < 0) return false;
    }
    return true;
  }

  /** Slow and sure: sorts the values alone, then finds each one's place; equal values take places in column order. */
  #indexSort(): void {
    const n = this.#n;
    const sorted = this.#sorted.subarray(0, n);
    sorted.set(this.loaded);
    sorted.sort();
    const taken = this.#counts.fill(0, 0, n);
    for (let i = 0; i < n; i++) {
      const first = lowerBound(sorted, this.#values[i]);
      this.#order[first + taken[first]] = i;
      taken[first]++;
    }
  }
}

function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
