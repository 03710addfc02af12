/**
 * Runs out and in. A run that comes in is stored as it was, with its models, sealed, in one transaction, and only beside the data that it
 * was made from. It is registered again as it was there; who is champion is decided here, never by what came in.
 */
import { AppError } from '#base/errors';
import type { Queue } from '../jobs/queue';
import type { ModelService } from '../models/model-service';
import type { RunService } from '../runs/run-service';
import type { RegistryService } from '../registry/registry-service';
import type { ObjectStore } from '../store/object-store';
import { createMlflowClient, mlflowCredentialsOf } from './mlflow-client';
import { mlflowFiles } from './mlflow-layout';
import { openPlace, s3SettingsOf } from './places';
import { receiveModels, registerAgain, sentModels, sentVersions } from './bundle-models';
import { readBundle, writeBundle } from './run-bundle';
import { trackedRun, type TrackedRun } from './run-files';
import { wandbFiles } from './wandb-offline';

export interface InterchangeOptions {
  readonly runs: RunService;
  readonly registry: Pick<RegistryService, 'list' | 'register'>;
  readonly models: ModelService;
  readonly queue: Pick<Queue, 'runOnce'>;
  readonly objects: ObjectStore;
  /** Keys for storage and servers, as their own programs name them (AWS_…, MLFLOW_…). */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function createInterchange(options: InterchangeOptions) {
  const { runs, registry, models, objects, environment } = options;

  async function artifactsOf(run: string): Promise<Map<string, Uint8Array>> {
    const artifacts = new Map<string, Uint8Array>();
    for (const { name, sha256 } of runs.tracking.artifacts(run).artifacts)
      artifacts.set(name, await objects.getObject(sha256));
    return artifacts;
  }

  function requireFinished(ref: string) {
    const run = runs.show(ref);
    if (run.status === 'succeeded') return run;
    throw new AppError(
      'CONFLICT',
      `Expected a finished run, found ${run.name} ${run.status}. Export it when it has succeeded.`,
    );
  }

  async function tracked(ref: string): Promise<TrackedRun> {
    const run = requireFinished(ref);
    const artifacts = await artifactsOf(run.id);
    return trackedRun(
      run,
      runs.tracking.metrics(run.id, undefined).metrics,
      [...artifacts].map(([name, bytes]) => ({ path: name === 'result' ? 'result.bin' : name, bytes })),
    );
  }

  async function exportRun({
    run: ref,
    to,
    format,
    experimental,
  }: {
    run: string;
    to: string;
    format: 'bundle' | 'mlflow' | 'wandb';
    experimental: boolean;
  }) {
    const run = requireFinished(ref);
    const place = openPlace(to, s3SettingsOf(environment));
    if (format === 'bundle') {
      const sent = await sentModels(models, run.id);
      const written = await writeBundle(place, {
        document: { ...runs.documentOf(run.id), models: sent.models, versions: sentVersions(registry, run) },
        artifacts: await artifactsOf(run.id),
        models: sent.bytes,
      });
      return { run: run.id, place: place.address, ...written, missing: [] };
    }
    if (format === 'wandb' && !experimental) {
      throw new AppError(
        'UNAVAILABLE',
        'Expected experimental to be set for wandb, which was not tried with the wandb program, found it unset. Set it, or choose mlflow.',
      );
    }
    const { files, missing } =
      format === 'mlflow'
        ? { files: mlflowFiles(await tracked(run.id)), missing: [] }
        : wandbFiles(await tracked(run.id));
    await place.requireEmpty();
    for (const { path, bytes } of files) await place.write(path, bytes);
    return {
      run: run.id,
      place: place.address,
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0),
      missing: [...missing],
    };
  }

  async function importRun(from: string, actor: string) {
    const bundle = await readBundle(openPlace(from, s3SettingsOf(environment)));
    const { document, artifacts, result, files, bytes } = bundle;
    const received = await receiveModels(bundle, options);
    const stored = [];
    for (const [name, content] of artifacts) stored.push({ name, ...(await objects.putObject([content])) });
    let registered: ReturnType<typeof registerAgain> = { versions: [], notes: [] };
    const { run, name } = runs.adopt(document, stored, result, (now) => {
      for (const write of received) write(document.id, now);
      registered = registerAgain(document, registry, actor);
    });
    return { run, name, files, bytes, models: received.length, ...registered };
  }

  async function log({
    run: ref,
    server,
    experiment,
  }: {
    run: string;
    server: string;
    experiment?: string | undefined;
  }) {
    const address = new URL(server);
    if (address.username !== '' || address.password !== '') {
      throw new AppError(
        'BAD_REQUEST',
        'Expected an address without a password, found one. Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead.',
      );
    }
    const { run, parameters, metrics, tags, artifacts } = await tracked(ref);
    const client = createMlflowClient(server, mlflowCredentialsOf(environment));
    const mark = { key: 'sextant.run', value: run.id };
    const experimentName = experiment ?? run.experiment;
    const experimentId = await client.experiment(experimentName);
    const known = await client.findRun(experimentId, mark);
    if (known?.status === 'FINISHED') {
      throw new AppError(
        'CONFLICT',
        `Expected a run that ${server} does not have, found it there as ${known.run_id}. Nothing was sent.`,
      );
    }
    const startTime = Date.parse(run.createdAt);
    const endTime = Date.parse(run.finishedAt ?? run.createdAt);
    // A run that an earlier, broken attempt left unfinished is completed, not logged twice.
    const target =
      known ?? (await client.createRun({ experiment: experimentId, name: run.name, startTime, tags: [mark] }));
    const entries = (pairs: readonly (readonly [string, string])[]) => pairs.map(([key, value]) => ({ key, value }));
    await client.logBatch(target.run_id, {
      params: entries(parameters),
      tags: entries(tags),
      metrics,
    });
    const notes: string[] = [];
    const root = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.+)$/.exec(target.artifact_uri)?.[1];
    if (root === undefined) {
      notes.push(
        `Artifacts were not sent: the server keeps them at ${target.artifact_uri || 'a place it does not name'}, which only its own clients can reach.`,
      );
    } else {
      for (const { path, bytes } of artifacts) await client.putArtifact(root, path, bytes);
    }
    let versions = 0;
    for (const version of registry.list({ limit: 500, offset: 0 }).versions.filter((each) => each.run === run.id)) {
      await client.registeredModel(version.name);
      const number = await client.modelVersion({
        name: version.name,
        source: target.artifact_uri,
        run: target.run_id,
        tags: [
          { key: 'sextant.version', value: version.label },
          { key: 'sextant.artifact', value: version.artifact.sha256 },
        ],
      });
      for (const alias of version.aliases) await client.alias(version.name, alias, number);
      versions++;
    }
    await client.finishRun(target.run_id, 'FINISHED', endTime);
    return {
      run: run.id,
      mlflowRun: target.run_id,
      experiment: experimentName,
      url: `${server.replace(/\/+$/, '')}/#/experiments/${experimentId}/runs/${target.run_id}`,
      parameters: parameters.length,
      metrics: metrics.length,
      tags: tags.length,
      artifacts: root === undefined ? 0 : artifacts.length,
      versions,
      notes,
    };
  }

  return { exportRun, importRun, log };
}
export type Interchange = ReturnType<typeof createInterchange>;
