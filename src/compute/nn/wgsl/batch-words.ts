/** A batch as the words of one upload: header, what the network's program adds, labels. The scratch is kept, so a step allocates nothing. */
import { HEADER, ROW_BASE } from './shader-parts';

export class BatchWords {
  readonly words: Uint32Array<ArrayBuffer>;
  readonly #floats: Float32Array;
  #used = ROW_BASE;

  constructor(capacity: number) {
    this.words = new Uint32Array(capacity);
    this.#floats = new Float32Array(this.words.buffer);
  }

  get used(): number {
    return this.#used;
  }

  clear(): void {
    this.words.fill(0, 0, ROW_BASE);
    this.#used = ROW_BASE;
  }

  set(name: keyof typeof HEADER, value: number): void {
    this.words[HEADER[name]] = value;
  }

  setFloat(name: keyof typeof HEADER, value: number): void {
    this.#floats[HEADER[name]] = value;
  }

  /** Room for `count` words; returns the first one's place. */
  take(count: number): number {
    const at = this.#used;
    this.#used += count;
    return at;
  }

  add(name: keyof typeof HEADER, values: ArrayLike<number>): void {
    const at = this.take(values.length);
    this.words.set(values, at);
    this.set(name, at);
  }

  addFloats(name: keyof typeof HEADER, values: ArrayLike<number>): void {
    const at = this.take(values.length);
    this.#floats.set(values, at);
    this.set(name, at);
  }
}
