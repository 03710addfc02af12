/** The table of runs while things change: nothing twice, nothing lost, newest first. */
import { expect, it } from 'vitest';
import fc from 'fast-check';
import type { RunSummary } from '#contract/runs';
import { mergeRuns } from './runs-store';

const run = (id: number, status: RunSummary['status']) => ({ id: String(id), status }) as RunSummary; // what merging looks at

it('keeps each run once, takes the newer reading, and puts new runs in front', () => {
  const ids = fc.uniqueArray(fc.nat(200), { maxLength: 40 });
  fc.assert(
    fc.property(ids, ids, (known, read) => {
      const merged = mergeRuns(
        known.map((id) => run(id, 'running')),
        read.map((id) => run(id, 'succeeded')),
      );
      expect(merged).toHaveLength(new Set([...known, ...read]).size);
      for (const { id, status } of merged) expect(status).toBe(read.includes(Number(id)) ? 'succeeded' : 'running');
      const fresh = read.filter((id) => !known.includes(id)).map(String);
      expect(merged.slice(0, fresh.length).map(({ id }) => id)).toEqual(fresh);
    }),
  );
});
