/**
 * Gives equal byte strings the same small number, without making a string for each cell. Open addressing over FNV-1a (Fowler, Noll, Vo)
 * with full comparison, so hostile input can slow it down but not confuse it.
 */
import { AppError } from '#base/errors';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class ByteInterner {
  /** Text by code, in order of first appearance. */
  readonly texts: string[] = [];
  readonly #limit: number;
  readonly #keys: Uint8Array[] = [];
  #slots = new Int32Array(1024).fill(-1);
  #last = -1;

  /** `limit`: most different strings that are admitted. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Code of bytes [start, end), blanks around it ignored. Errors: TOO_LARGE beyond the limit. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    let from = start;
    let to = end;
    while (from < to && bytes[from] === 32) from++;
    while (to > from && bytes[to - 1] === 32) to--;
    if (this.#last >= 0 && equals(this.#keys[this.#last], bytes, from, to)) return this.#last;
    let hash = 0x811c9dc5;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const code = this.#slots[slot];
      if (code < 0) break;
      if (equals(this.#keys[code], bytes, from, to)) {
        this.#last = code;
        return code;
      }
      slot = (slot + 1) & mask;
    }
    return this.#add(bytes.slice(from, to), slot);
  }

  /** Code of a text. */
  internText(text: string): number {
    const bytes = encoder.encode(text);
    return this.intern(bytes, 0, bytes.length);
  }

  #add(key: Uint8Array, slot: number): number {
    const code = this.texts.length;
    if (code >= this.#limit) {
      throw new AppError(
        'TOO_LARGE',
        `Expected at most ${this.#limit} tickers, found more. Check that the ticker column is the right one.`,
        { data: { limit: this.#limit } },
      );
    }
    this.#keys.push(key);
    this.texts.push(decoder.decode(key));
    this.#slots[slot] = code;
    this.#last = code;
    if (this.texts.length * 2 > this.#slots.length) this.#grow();
    return code;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 4).fill(-1);
    const mask = slots.length - 1;
    this.#keys.forEach((key, code) => {
      let hash = 0x811c9dc5;
      for (const byte of key) hash = Math.imul(hash ^ byte, 0x01000193);
      let slot = hash & mask;
      while (slots[slot] >= 0) slot = (slot + 1) & mask;
      slots[slot] = code;
    });
    this.#slots = slots;
  }
}

function equals(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false;
  return true;
}
