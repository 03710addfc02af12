/**
 * The sealed models of a run in its bundle, and what it was registered as. A model that comes in is parsed and replayed in a worker process
 * before it is stored, must be of the run that it came with, and gets the seal of this workspace.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '#base/errors';
import { modelManifestSchema, type ModelManifest } from '#contract/model-manifest';
import { universeField } from '#contract/registry';
import type { Run } from '#contract/runs';
import type { Queue } from '../jobs/queue';
import type { ModelService, StoredBundle } from '../models/model-service';
import type { RegistryService } from '../registry/registry-service';
import type { RunBundle, RunDocument } from './run-bundle';

const MOST = 500;

/** Hash and seal of every model are verified on the way out too. */
export async function sentModels(
  models: Pick<ModelService, 'list' | 'bundle'>,
  run: string,
): Promise<Pick<RunDocument, 'models'> & { readonly bytes: Map<string, Uint8Array> }> {
  const listed = models.list(run, MOST, 0).models;
  const bytes = new Map<string, Uint8Array>();
  for (const { id } of listed) bytes.set(id, (await models.bundle(id)).bytes);
  const entries = listed.map(({ id, strategy, createdAt }) => ({ id, strategy, createdAt: Date.parse(createdAt) }));
  return { models: entries, bytes };
}

export function sentVersions(registry: Pick<RegistryService, 'list'>, run: Run): RunDocument['versions'] {
  const { model } = run.config;
  const ending = `-return${model.horizon}d-${model.forecast?.id ?? model.optimizer.id}`;
  return registry
    .list({ limit: Number.MAX_SAFE_INTEGER, offset: 0 })
    .versions.filter((version) => version.run === run.id && version.name.endsWith(ending))
    .map(({ name, label, aliases }) => ({
      universe: universeField.safeParse(name.slice(0, -ending.length)).data ?? null,
      label,
      aliases,
    }));
}

/**
 * What writes the models with the run. Errors: INVALID_DATA for a bundle that is not sound, does not give its golden rows back here or is
 * of another run; CONFLICT for one that this workspace has.
 */
export async function receiveModels(
  { document, models: received }: RunBundle,
  { models, queue }: { readonly models: Pick<ModelService, 'has' | 'store'>; readonly queue: Pick<Queue, 'runOnce'> },
): Promise<StoredBundle[]> {
  if (document.models.length === 0) return [];
  const known = document.models.find(({ id }) => models.has(id));
  if (known !== undefined) {
    throw new AppError(
      'CONFLICT',
      `Expected models that are not in this workspace, found ${known.id}. Nothing was imported.`,
    );
  }
  const sealed = [...received.values()].map((bytes) => ({
    bytes,
    hash: createHash('sha256').update(bytes).digest('hex'),
  }));
  const answer = await queue.runOnce('verify-models', { models: sealed });
  const manifests = z.array(modelManifestSchema).length(sealed.length).parse(answer);
  document.models.forEach(({ id, strategy }, k) => checkOrigin(document, manifests[k], strategy, id));
  const stored: StoredBundle[] = [];
  for (const [k, { id, strategy, createdAt }] of document.models.entries()) {
    const origin = { id, createdAt };
    stored.push(await models.store({ strategy, manifest: manifests[k], bytes: sealed[k].bytes, origin }));
  }
  return stored;
}

function checkOrigin(
  { name, provenance, config, summary }: RunDocument,
  { datasetHash, seed }: ModelManifest,
  strategy: string,
  id: string,
): void {
  const problem =
    datasetHash !== provenance.datasetHash
      ? 'fitted on other data'
      : seed !== config.experiment.seed
        ? `of seed ${seed}`
        : summary.strategies.some((each) => each.name === strategy)
          ? null
          : `of a strategy that the run does not have, ${strategy.slice(0, 60)}`;
  if (problem === null) return;
  throw new AppError('INVALID_DATA', `Expected the models of ${name}, found ${id}, ${problem}. Nothing was imported.`);
}

/** Inside the transaction that stores the run. Numbers are counted here; aliases are told and not taken. */
export function registerAgain(
  { id, versions }: RunDocument,
  registry: Pick<RegistryService, 'register'>,
  actor: string,
): { versions: string[]; notes: string[] } {
  const made: string[] = [];
  const notes: string[] = [];
  for (const { universe, label, aliases } of versions) {
    const version = registry.register({ run: id, ...(universe === null ? {} : { universe }) }, actor);
    made.push(version.label);
    if (aliases.length > 0) {
      notes.push(
        `${label} was ${aliases.join(', ')} where it came from. Here that is decided by: sextant registry promote ${version.label}.`,
      );
    }
  }
  return { versions: made, notes };
}
