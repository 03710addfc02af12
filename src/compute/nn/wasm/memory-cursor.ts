/** Hands out addresses one after the other, each aligned to a cache line, and counts what it gave. */
const LINE = 64;

export interface MemoryCursor {
  /** Address of that many 4-byte numbers. */
  take(numbers: number): number;
  /** First byte that is not given out. */
  readonly end: number;
}

export function memoryCursor(start: number): MemoryCursor {
  let end = start;
  return {
    take(numbers) {
      const address = end;
      end += Math.ceil((4 * numbers) / LINE) * LINE;
      return address;
    },
    get end() {
      return end;
    },
  };
}

/** The next multiple of 4 (rows of a register block) or of 8 (columns of a panel). */
export function padTo(multiple: 4 | 8, n: number): number {
  return Math.ceil(n / multiple) * multiple;
}
