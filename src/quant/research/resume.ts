/** What a long computation keeps so that it can go on where it was interrupted; the result is the same bits either way. */
export interface ResumeStore {
  /** What an earlier attempt or this one has put; undefined where there is nothing. */
  get(key: string): unknown;
  /** Replaces a value; plain cloneable data. Undefined removes it. */
  put(key: string, value: unknown): void;
  /** Whether enough time has passed that keeping is worth its cost. */
  isDue(): boolean;
  /** Hands everything that was put to whoever survives this process. */
  keep(): void;
}

/** For computations that nobody resumes. */
export function forgetfulStore(): ResumeStore {
  return { get: () => undefined, put: () => {}, isDue: () => false, keep: () => {} };
}

/** A part of a store under a name of its own: what is put here meets nothing that is put elsewhere. */
export function scopedStore(store: ResumeStore, scope: string): ResumeStore {
  return {
    get: (key) => store.get(`${scope}/${key}`),
    put: (key, value) => store.put(`${scope}/${key}`, value),
    isDue: () => store.isDue(),
    keep: () => store.keep(),
  };
}
