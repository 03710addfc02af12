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
  const facts = {
    appVersion: version.app,
    gitCommit: version.gitCommit,
    lockHash: version.lockHash,
    configHash: configHashOf(config),
    datasetHash,
    seed: config.experiment.seed,
    // Linear models, optimizers and the backtest run on the processor; device runs state theirs.
    device: 'cpu',
    backend: 'javascript',
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
  return {
    ...facts,
    datasetId,
    environmentHash: environment().hash,
    identity: identityOf(facts),
    resultHash: null,
    timings: {},
    rerunOf,
  };
}

/** Hash of what a configuration computes. */
export const configHashOf = (config: RunConfig): string => sha256(canonicalJson(computation(config)));

type IdentityFacts = Pick<
  Provenance,
  | 'appVersion'
  | 'gitCommit'
  | 'lockHash'
  | 'configHash'
  | 'datasetHash'
  | 'seed'
  | 'device'
  | 'backend'
  | 'node'
  | 'platform'
>;

/** Hash of the facts that decide the bits of a result. */
export function identityOf(facts: IdentityFacts): string {
  const { appVersion, gitCommit, lockHash, configHash, datasetHash, seed, device, backend, node, platform } = facts;
  return sha256(
    canonicalJson({ appVersion, gitCommit, lockHash, configHash, datasetHash, seed, device, backend, node, platform }),
  );
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
