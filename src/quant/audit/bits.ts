/**
 * Comparing results bit for bit: a 64-bit digest of plain data, and the first difference of two arrays.
 * All NaN are one value: their payload is not ours to control, and says nothing.
 */

export class BitDigest {
  #a = 0x9747b28c | 0;
  #b = 0x3c6ef372 | 0;

  /** Numbers by their bits, strings, and arrays and objects of them with their shape. */
  add(value: unknown): this {
    if (typeof value === 'number') this.#floats(Float64Array.of(value));
    else if (value instanceof Float64Array) this.#floats(value);
    else if (ArrayBuffer.isView(value)) this.#bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    else if (Array.isArray(value)) {
      this.#kind(1, value.length);
      for (const item of value) this.add(item);
    } else if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1));
      this.#kind(2, entries.length);
      for (const [name, item] of entries) this.add(name).add(item);
    } else this.#text(String(value));
    return this;
  }

  hex(): string {
    const part = (word: number) => (word >>> 0).toString(16).padStart(8, '0');
    return part(mix(this.#a)) + part(mix(this.#b ^ this.#a));
  }

  #floats(values: Float64Array): void {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
    this.#kind(3, values.length);
    for (let i = 0; i < values.length; i++) {
      if (values[i] === values[i]) {
        this.#word(words[2 * i]);
        this.#word(words[2 * i + 1]);
      } else this.#word(0x7ff80000);
    }
  }

  #bytes(bytes: Uint8Array): void {
    this.#kind(4, bytes.length);
    for (const byte of bytes) this.#word(byte);
  }

  #text(text: string): void {
    this.#kind(5, text.length);
    for (let i = 0; i < text.length; i++) this.#word(text.charCodeAt(i));
  }

  #kind(kind: number, length: number): void {
    this.#word(kind);
    this.#word(length);
  }

  #word(word: number): void {
    const a = Math.imul(this.#a ^ word, 0x85ebca6b);
    this.#a = (a << 13) | (a >>> 19);
    const b = Math.imul(this.#b + word, 0xc2b2ae35);
    this.#b = ((b << 17) | (b >>> 15)) ^ this.#a;
  }
}

function mix(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

/** First of the leading `count` positions at which two arrays differ in their bits; −1 where they agree. */
export function firstDifference(a: Float64Array, b: Float64Array, count: number): number {
  for (let i = 0; i < count; i++) {
    if (a[i] !== b[i] ? a[i] === a[i] || b[i] === b[i] : a[i] === 0 && !Object.is(a[i], b[i])) return i;
  }
  return -1;
}
