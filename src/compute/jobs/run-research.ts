/** One walk-forward experiment: the pure pipeline of `quant/research` on the part of a dataset that the run names. */
import { createHash } from 'node:crypto';
import type { Measure } from '#contract/fields';
import type { RunConfig } from '#contract/runs';
import { beforeHoldout } from '#quant/audit/holdout-seal/withheld';
import { deflateByLedger, type PriorTrials } from '#quant/research/ledger-deflation';
import { runResearch } from '#quant/research/run-research';
import type { ResearchProgress } from '#quant/research/context';
import type { ResearchResult } from '#quant/research/result';
import { selectData, type PriceData } from '#quant/research/select-data';
import type { JobContext } from '../job';
import { withNetworks } from '../training/job-networks';

export interface ResearchJobInput extends PriceData {
  readonly config: RunConfig;
  readonly prior: PriorTrials;
}

export interface ResearchJobResult {
  readonly result: ResearchResult;
  /** Milliseconds by stage, and in total; not part of the result's identity. */
  readonly timings: Readonly<Record<string, number>>;
  /** What the trial ledger makes of it; not part of the result's identity either. */
  readonly deflation: Measure & { readonly trials: number };
}

export async function run(input: ResearchJobInput, context: JobContext): Promise<ResearchJobResult> {
  const { config, prior, ...data } = input;
  const { panel, benchmark } = selectData(data, beforeHoldout(config.data));
  const timings = new Map<string, number>();
  const started = performance.now();
  let stage = 'start';
  let since = started;

  function enter(next: string): void {
    if (next === stage) return;
    const now = performance.now();
    timings.set(stage, (timings.get(stage) ?? 0) + now - since);
    stage = next;
    since = now;
  }

  const { data: _data, ...research } = config;
  const researchContext = {
    signal: context.signal,
    breathe: () => context.breathe(),
    heartbeat: () => context.heartbeat(),
    emit(progress: ResearchProgress) {
      enter(progress.stage);
      context.emit(progress);
    },
  };
  const result = await withNetworks(context, { resumes: true }, async (given) =>
    runResearch(research, panel, benchmark, { ...researchContext, ...given }),
  );
  enter('done');
  timings.set('total', performance.now() - started);
  const { trials, deflatedSharpe } = deflateByLedger(result, prior, sha256);
  return {
    result,
    deflation: { ...deflatedSharpe, trials },
    timings: Object.fromEntries([...timings].map(([name, ms]) => [name, Math.round(ms)])),
  };
}

/** As the ledger names strategies. */
function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
