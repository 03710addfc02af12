/**
 * The feed of changes that screens follow instead of polling: what was created, updated or removed, numbered.
 * It is a notice to read again, never the data itself; a reader that fell too far behind is told to read everything.
 */
import type { Change } from '#contract/system';

const KEPT = 2000;

export interface ChangeFeed {
  publish(change: Omit<Change, 'seq'>): void;
  /** Changes after `seq` (all kept ones where it is undefined: none), then live ones until the signal fires. */
  follow(after: number | undefined, signal: AbortSignal | undefined): AsyncGenerator<Change>;
}

export function createChangeFeed(): ChangeFeed {
  const kept: Change[] = [];
  const waiting = new Set<() => void>();
  let seq = 0;

  function publish(change: Omit<Change, 'seq'>): void {
    kept.push({ ...change, seq: ++seq });
    if (kept.length > KEPT) kept.shift();
    for (const wake of waiting) wake();
  }

  async function* follow(after: number | undefined, signal: AbortSignal | undefined): AsyncGenerator<Change> {
    let last = after ?? seq;
    while (!signal?.aborted) {
      const next = kept.find((change) => change.seq > last);
      if (next !== undefined) {
        last = next.seq;
        yield next;
        continue;
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal?.addEventListener('abort', wake, { once: true });
      });
    }
  }

  return { publish, follow };
}
