/** Where a run comes from, as facts that decide its bits: equal identity must give an equal result hash. */
import { canonicalJson } from '#base/canonical-json';
import type { Provenance, RunConfig } from '#contract/runs';
import type { Host } from '../host';
import { sha256 } from '../store/sha256';
import { environment } from './environment';

export interface ProvenanceInput {
  readonly version: Host['version'];
  readonly config: RunConfig;
  readonly datasetId: string;
  readonly datasetHash: string;
  readonly rerunOf: string | null;
}

/** Tags and names are for people; two runs that differ in nothing else are the same computation. */
function computation(config: RunConfig): unknown {
  const { experiment, data, ...rest } = config;
  const { name: _name, tags: _tags, ...decisive } = experiment;
  const { dataset: _dataset, ...range } = data;
  return { ...rest, experiment: decisive, data: range };
}

export function provenanceOf({ version, config, datasetId, datasetHash, rerunOf }: ProvenanceInput): Provenance {
  const configHash = sha256(canonicalJson(computation(config)));
  const platform = `${process.platform}-${process.arch}`;
  // Linear models, optimizers and the backtest run on the processor; device runs state theirs.
  const device = 'cpu';
  const backend = 'javascript';
  const identity = sha256(
    canonicalJson({
      appVersion: version.app,
      gitCommit: version.gitCommit,
      lockHash: version.lockHash,
      configHash,
      datasetHash,
      seed: config.experiment.seed,
      device,
      backend,
      node: process.version,
      platform,
    }),
  );
  return {
    appVersion: version.app,
    gitCommit: version.gitCommit,
    lockHash: version.lockHash,
    configHash,
    datasetId,
    datasetHash,
    seed: config.experiment.seed,
    device,
    backend,
    node: process.version,
    platform,
    environmentHash: environment().hash,
    identity,
    resultHash: null,
    timings: {},
    rerunOf,
  };
}

/** `<strategy>-<horizon>d-<date>-<id>`, as people see it in lists. */
export function runName(config: RunConfig, id: string, createdAt: string): string {
  const strategy = config.model.forecast === null ? config.model.optimizer.id : config.model.forecast.id;
  return `${strategy}-${config.model.horizon}d-${createdAt.slice(0, 10)}-${id}`;
}

/** Tags that state facts: which data, and which model (equal for two runs that would decide alike). */
export function factTags(config: RunConfig, dataset: { readonly name: string; readonly version: number }) {
  const { model, backtest } = config;
  return {
    data_version: `${dataset.name}@${dataset.version}`,
    model_hash: sha256(canonicalJson({ model, backtest })).slice(0, 16),
  };
}
