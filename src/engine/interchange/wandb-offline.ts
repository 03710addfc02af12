/**
 * The part of a Weights & Biases offline run that is plain files: configuration, summary, metadata. The transaction log
 * `run-<id>.wandb` is not written, because its records are protobuf messages of wandb's own, versioned program; the caller is told.
 */
import { stringify } from 'yaml';
import { mlflowRunIdOf } from './mlflow-layout';
import type { TrackedFile, TrackedRun } from './run-files';

export function wandbFiles({ run, parameters, metrics, tags, artifacts }: TrackedRun): {
  readonly files: readonly TrackedFile[];
  readonly missing: readonly string[];
} {
  const id = mlflowRunIdOf(run.id).slice(0, 8);
  const started = run.createdAt.replaceAll(/[-:]/g, '').replace('T', '_').slice(0, 15);
  const home = `wandb/offline-run-${started}-${id}/files`;
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  const last = new Map(metrics.map(({ key, value }) => [key, value]));
  const config = Object.fromEntries(parameters.map(([key, value]) => [key, { desc: null, value }]));
  return {
    files: [
      { path: `${home}/config.yaml`, bytes: new TextEncoder().encode(stringify({ wandb_version: 1, ...config })) },
      { path: `${home}/wandb-summary.json`, bytes: encode(Object.fromEntries(last)) },
      {
        path: `${home}/wandb-metadata.json`,
        bytes: encode({
          startedAt: run.createdAt,
          program: 'sextant',
          git: { commit: run.provenance.gitCommit },
          os: run.provenance.platform,
          tags: Object.fromEntries(tags),
        }),
      },
      ...artifacts.map(({ path, bytes }) => ({ path: `${home}/${path}`, bytes })),
    ],
    missing: [
      `run-${id}.wandb: the transaction log that "wandb sync" reads (protobuf records of the wandb program). Metrics over steps are in it only; the files here hold the last value of each. Log them with the wandb client, or export to MLflow.`,
    ],
  };
}
