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
import type { FittedNetwork } from '#quant/models/panel-model';
import type { JobContext } from '../job';
import { openModel, type SealedBytes } from '../models/open-model';
import { type SealedNetwork, sealNetwork, type SealFacts } from '../models/seal-network';
import type { Trainer } from '../training/trainer';
import { withNetworks } from '../training/job-networks';

export interface ResearchJobInput extends PriceData {
  readonly config: RunConfig;
  readonly prior: PriorTrials;
  /** Room on the card that networks may plan with. */
  readonly vramBytes: number;
  /** Hash of the data and of the program, as sealed models state them. */
  readonly facts: Omit<SealFacts, 'seed'>;
  /** Bundles that the configuration names as pretrained. */
  readonly pretrained: Readonly<Record<string, SealedBytes>>;
}

export interface ResearchJobResult {
  readonly result: ResearchResult;
  /** Milliseconds by stage, and in total; not part of the result's identity. */
  readonly timings: Readonly<Record<string, number>>;
  /** What the trial ledger makes of it; not part of the result's identity either. */
  readonly deflation: Measure & { readonly trials: number };
  /** The last fit of every network. */
  readonly bundles: readonly SealedNetwork[];
  /** What networks ran on; null where there were none. */
  readonly device: string | null;
}

export async function run(input: ResearchJobInput, context: JobContext): Promise<ResearchJobResult> {
  const { config, prior, vramBytes, facts, pretrained, ...data } = input;
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
  const bundles: SealedNetwork[] = [];
  const result = await withNetworks(context, { resumes: true, vramBytes }, async (given) => {
    const starts = await openPretrained(pretrained, given.networks);
    return runResearch(research, panel, benchmark, {
      ...researchContext,
      ...given,
      pretrained: (ref) => starts.get(ref),
      keepFitted: (kept) => bundles.push(sealNetwork(kept, { ...facts, seed: config.experiment.seed })),
    });
  });
  enter('done');
  timings.set('total', performance.now() - started);
  const { trials, deflatedSharpe } = deflateByLedger(result, prior, sha256);
  return {
    result,
    deflation: { ...deflatedSharpe, trials },
    bundles,
    device: devicesOf(result),
    timings: Object.fromEntries([...timings].map(([name, ms]) => [name, Math.round(ms)])),
  };
}

/** Every bundle is verified as for inference, on the processor: a start that nobody can trust is no start. */
async function openPretrained(
  pretrained: ResearchJobInput['pretrained'],
  networks: Trainer,
): Promise<Map<string, FittedNetwork>> {
  const choice = { device: 'wasm', precision: 'f32', strict: false } as const;
  const opened = new Map<string, FittedNetwork>();
  for (const [ref, sealed] of Object.entries(pretrained)) {
    opened.set(ref, (await openModel(sealed, networks, choice)).fitted);
  }
  return opened;
}

function devicesOf({ training }: ResearchResult): string | null {
  const devices = new Set(training.flatMap(({ fits }) => fits.map(({ device }) => device)));
  return devices.size === 0 ? null : [...devices].join(', ');
}

/** As the ledger names strategies. */
function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
