/**
 * A run in the layout of MLflow's file store, so that `mlflow ui --backend-store-uri` shows it: mlruns/<experiment>/<run>/ with meta.yaml,
 * one file per parameter and tag, one line `time value step` per metric point. Identifiers are derived from ours: the same run is exported
 * to the same place every time. Source: mlflow/store/tracking/file_store.py (MLflow 2).
 */
import { stringify } from 'yaml';
import { sha256 } from '../store/sha256';
import type { TrackedFile, TrackedRun } from './run-files';

/** RunStatus and SourceType of mlflow/entities. */
const STATUS = { succeeded: 3, failed: 4, cancelled: 5 } as const;
const LOCAL = 4;

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** 18 digits, as MLflow's own. */
export const experimentIdOf = (name: string): string =>
  String(10n ** 17n + (BigInt(`0x${sha256(name).slice(0, 16)}`) % (9n * 10n ** 17n)));
export const mlflowRunIdOf = (run: string): string => sha256(run).slice(0, 32);

/** A number as Python prints and reads it. */
const number = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

export function mlflowFiles(tracked: TrackedRun): TrackedFile[] {
  const { run, parameters, metrics, tags, artifacts } = tracked;
  const experiment = experimentIdOf(run.experiment);
  const id = mlflowRunIdOf(run.id);
  const started = Date.parse(run.createdAt);
  const ended = run.finishedAt === null ? null : Date.parse(run.finishedAt);
  const status = run.status in STATUS ? STATUS[run.status as keyof typeof STATUS] : 1; // the line before has checked the key
  const home = `mlruns/${experiment}/${id}`;
  const experimentMeta = {
    artifact_location: `mlruns/${experiment}`,
    creation_time: started,
    experiment_id: experiment,
    last_update_time: started,
    lifecycle_stage: 'active',
    name: run.experiment,
  };
  const runMeta = {
    artifact_uri: `${home}/artifacts`,
    end_time: ended,
    entry_point_name: '',
    experiment_id: experiment,
    lifecycle_stage: run.archived ? 'deleted' : 'active',
    run_id: id,
    run_name: run.name,
    run_uuid: id,
    source_name: 'sextant',
    source_type: LOCAL,
    source_version: run.provenance.gitCommit ?? '',
    start_time: started,
    status,
    tags: [],
    user_id: 'sextant',
  };
  const points = new Map<string, string>();
  for (const { key, value, step, timestamp } of metrics) {
    points.set(key, `${points.get(key) ?? ''}${timestamp} ${number(value)} ${step}\n`);
  }
  return [
    { path: `mlruns/${experiment}/meta.yaml`, bytes: text(stringify(experimentMeta, { sortMapEntries: true })) },
    { path: `${home}/meta.yaml`, bytes: text(stringify(runMeta, { sortMapEntries: true })) },
    ...parameters.map(([key, value]) => ({ path: `${home}/params/${key}`, bytes: text(value) })),
    ...[...points].map(([key, lines]) => ({ path: `${home}/metrics/${key}`, bytes: text(lines) })),
    ...[...tags, ['mlflow.runName', run.name] as const].map(([key, value]) => ({
      path: `${home}/tags/${key}`,
      bytes: text(value),
    })),
    ...artifacts.map(({ path, bytes }) => ({ path: `${home}/artifacts/${path}`, bytes })),
  ];
}
