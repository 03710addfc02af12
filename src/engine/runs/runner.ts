/** How the queue works on a run: configuration and prices in, a sealed run out. */
import { z } from 'zod';
import type { ResearchResult } from '#quant/research/result';
import type { Runner } from '../jobs/runner';
import type { RunService } from './run-service';

const answerSchema = z.object({
  result: z.custom<ResearchResult>((value) => typeof value === 'object' && value !== null && 'strategies' in value),
  /** Milliseconds by stage. */
  timings: z.record(z.string(), z.number()),
});

export function createRunRunner(runs: RunService): Runner {
  return {
    resource: 'cpu',
    prepare: async (job) => ({ name: 'run-research', input: await runs.prepare(job) }),
    complete: async (job, answer) => {
      const { result, timings } = answerSchema.parse(answer);
      return runs.complete(job, result, timings);
    },
  };
}
