/**
 * Checkpoints of a job: everything that was put goes to the host together, so that a kill at any moment leaves one consistent state.
 * A checkpoint is due when a hundred times its own cost has passed: at most a percent of the time goes into them.
 */
import type { ResumeStore } from '#quant/research/resume';
import type { JobContext } from '../job';

const COST_SHARE = 100;
const LEAST_MS = 500;
const MOST_MS = 30_000;

export interface ResumeStoreOptions {
  readonly context: Pick<JobContext, 'checkpoint' | 'resumeFrom'>;
  /** Milliseconds from any origin. */
  now(): number;
  /** Time between two checkpoints, instead of what their cost says. */
  readonly intervalMs?: number;
}

export function jobResumeStore({ context, now, intervalMs }: ResumeStoreOptions): ResumeStore {
  const values = new Map(stored(context.resumeFrom));
  let last = now();
  let interval = intervalMs ?? LEAST_MS;
  return {
    get: (key) => values.get(key),
    put(key, value) {
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    },
    isDue: () => now() - last >= interval,
    keep() {
      const begun = now();
      context.checkpoint({ values: [...values] });
      last = now();
      interval = intervalMs ?? Math.min(MOST_MS, Math.max(LEAST_MS, COST_SHARE * (last - begun)));
    },
  };
}

/** A checkpoint of another shape (an older version's) is as good as none: the computation starts again and gives the same bits. */
function stored(state: unknown): [string, unknown][] {
  if (typeof state !== 'object' || state === null || !('values' in state) || !Array.isArray(state.values)) return [];
  return state.values.filter(
    (entry): entry is [string, unknown] => Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string',
  );
}
