/** How the queue works on a run: configuration and prices in, a sealed run out. */
import { z } from 'zod';
import { measureSchema } from '#contract/fields';
import { modelManifestSchema } from '#contract/model-manifest';
import type { ResearchResult } from '#quant/research/result';
import type { Runner } from '../jobs/runner';
import type { VramMonitor } from '../devices/vram-monitor';
import type { RunService } from './run-service';
import { usesCard } from './uses-card';

const answerSchema = z.object({
  result: z.custom<ResearchResult>((value) => typeof value === 'object' && value !== null && 'strategies' in value),
  /** Milliseconds by stage. */
  timings: z.record(z.string(), z.number()),
  /** Of the ledger as it stood when the job began. */
  deflation: measureSchema.extend({ trials: z.number().int() }),
  bundles: z.array(z.object({ strategy: z.string(), manifest: modelManifestSchema, bytes: z.instanceof(Uint8Array) })),
  device: z.string().nullable(),
});

export function createRunRunner(runs: RunService, card: Pick<VramMonitor, 'freeBytes'>): Runner {
  return {
    resource: (job) => (usesCard(runs.show(job.subject).config) ? 'gpu' : 'cpu'),
    prepare: async (job) => {
      const input = await runs.prepare(job);
      // Asked last: prices take a while to read, and the card's memory is known for seconds only.
      return { name: 'run-research', input: { ...input, vramBytes: await card.freeBytes() } };
    },
    complete: async (job, answer) => runs.complete(job, answerSchema.parse(answer)),
    fail: (job, error) => runs.ended(job, error),
  };
}
