/**
 * Seeded random numbers: xoshiro128** (Blackman, Vigna 2018) with its state filled by SplitMix32.
 * Same seed, same draws on every machine: only 32-bit integer operations and correctly rounded arithmetic feed `uniform`.
 */
import { normalQuantile } from './distributions';

export interface Random {
  /** Uniform on [0, 1) with 53 random bits. */
  uniform(): number;
  /** Standard normal, by inversion of one uniform draw. */
  normal(): number;
  /** Uniform integer in 0 … n − 1, without modulo bias; 1 ≤ n ≤ 2³². */
  integer(n: number): number;
  /** Shuffles in place (Fisher–Yates) and returns the same array. */
  shuffle<T extends { length: number; [index: number]: unknown }>(array: T): T;
}

/** A generator of its own; a string seed is hashed to 32 bits. */
export function createRandom(seed: number | string): Random {
  const fill = splitMix(seedToInteger(seed));
  let a = fill();
  let b = fill();
  let c = fill();
  let d = fill();

  function next(): number {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  }

  function uniform(): number {
    const high = next() >>> 5;
    const low = next() >>> 6;
    return (high * 67_108_864 + low) / 9_007_199_254_740_992;
  }

  function integer(n: number): number {
    const limit = 4_294_967_296 - (4_294_967_296 % n);
    let draw = next();
    while (draw >= limit) draw = next();
    return draw % n;
  }

  function normal(): number {
    let u = uniform();
    while (u === 0) u = uniform();
    return normalQuantile(u);
  }

  function shuffle<T extends { length: number; [index: number]: unknown }>(array: T): T {
    for (let i = array.length - 1; i > 0; i--) {
      const j = integer(i + 1);
      const held = array[i];
      array[i] = array[j];
      array[j] = held;
    }
    return array;
  }

  return { uniform, normal, integer, shuffle };
}

/** A seed for one named part of a computation: independent streams that do not depend on the order of use. */
export function deriveSeed(seed: number | string, label: string): number {
  return splitMix(hash(`${seedToInteger(seed)}/${label}`))();
}

function seedToInteger(seed: number | string): number {
  if (typeof seed === 'string') return hash(seed);
  return Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff ? seed : hash(String(seed));
}

/** FNV-1a over UTF-16 code units, finished by MurmurHash3's mixer. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    h = Math.imul(h ^ (code & 0xff), 0x01000193);
    h = Math.imul(h ^ (code >>> 8), 0x01000193);
  }
  return mix(h);
}

function splitMix(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mix(state);
  };
}

function mix(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
