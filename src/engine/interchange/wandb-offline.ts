/**
 * A run as an offline run of Weights & Biases, for `wandb sync`: the transaction log `run-<id>.wandb`, whose records are messages of
 * wandb/proto/wandb_internal.proto, and the plain files beside it. Metrics that share a step share a row of the history. Written from the
 * published format; the wandb program itself is no part of this one's tests, and the caller is told.
 */
import { stringify } from 'yaml';
import { ProtobufWriter } from '#base/protobuf';
import { mlflowRunIdOf } from './mlflow-layout';
import { recordLog } from './record-log';
import type { TrackedFile, TrackedMetric, TrackedRun } from './run-files';

/** Field numbers of `Record`; those of the messages stand where they are written. */
const RECORD = { num: 1, history: 2, summary: 3, files: 6, run: 17, exit: 18, final: 20 } as const;
const POLICY_END = 1;
/** What W&B allows in a project's name (at most 128, none of these). */
const NOT_IN_PROJECT = /[/\\#?%:]/g;

const message = (): ProtobufWriter => new ProtobufWriter();

/** `HistoryItem`, `SummaryItem` and `ConfigItem` are alike. */
const item = (key: string, value: unknown): ProtobufWriter =>
  message()
    .text(1, key)
    .text(16, JSON.stringify(value) ?? 'null');

export function wandbFiles(tracked: TrackedRun): {
  readonly files: readonly TrackedFile[];
  readonly missing: readonly string[];
} {
  const { run, metrics, tags, artifacts } = tracked;
  const id = mlflowRunIdOf(run.id).slice(0, 8);
  const started = run.createdAt.replaceAll(/[-:]/g, '').replace('T', '_').slice(0, 15);
  const home = `wandb/offline-run-${started}-${id}`;
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  const config = Object.fromEntries(Object.entries(run.config).map(([key, value]) => [key, { desc: null, value }]));
  const files = [
    { path: 'config.yaml', bytes: new TextEncoder().encode(stringify({ wandb_version: 1, ...config })) },
    { path: 'wandb-summary.json', bytes: encode(Object.fromEntries(summaryOf(metrics))) },
    {
      path: 'wandb-metadata.json',
      bytes: encode({
        startedAt: run.createdAt,
        program: 'sextant',
        git: { commit: run.provenance.gitCommit },
        os: run.provenance.platform,
        tags: Object.fromEntries(tags),
      }),
    },
    ...artifacts,
  ];
  return {
    files: [
      { path: `${home}/run-${id}.wandb`, bytes: recordLog(records(tracked, id, files)) },
      ...files.map(({ path, bytes }) => ({ path: `${home}/files/${path}`, bytes })),
    ],
    missing: [
      `Registered versions: they are not written as artifacts of W&B. run-${id}.wandb follows the published format, but was not tried with the wandb program: look at it with "wandb sync --view" first.`,
    ],
  };
}

/** In the order in which a client logs them: the run, its history, the summary, its files, the end. */
function records(tracked: TrackedRun, id: string, files: readonly TrackedFile[]): Uint8Array[] {
  const { run, metrics } = tracked;
  const started = Date.parse(run.createdAt);
  const seconds = (at: number): number => Math.max(0, (at - started) / 1000);
  const runtime = Math.round(seconds(Date.parse(run.finishedAt ?? run.createdAt)));
  const summary = message();
  for (const [key, value] of summaryOf(metrics)) summary.message(1, item(key, value));
  const listed = message();
  for (const { path } of files) listed.message(1, message().text(1, path).integer(2, POLICY_END));
  const all: (readonly [field: number, body: ProtobufWriter])[] = [
    [RECORD.run, runRecord(tracked, id)],
    ...historyOf(metrics).map(([step, row]): [number, ProtobufWriter] => {
      const at = row.reduce((latest, { timestamp }) => Math.max(latest, timestamp), started);
      const history = message();
      for (const { key, value } of row) history.message(1, item(key, value));
      history.message(1, item('_step', step)).message(1, item('_timestamp', at / 1000));
      history.message(1, item('_runtime', seconds(at)));
      return [RECORD.history, history.message(2, message().integer(1, step))];
    }),
    [RECORD.summary, summary],
    [RECORD.files, listed],
    [RECORD.exit, message().integer(1, 0).integer(2, runtime)],
    [RECORD.final, message()],
  ];
  return all.map(([field, body], k) =>
    message()
      .integer(RECORD.num, k + 1)
      .message(field, body)
      .finish(),
  );
}

function runRecord({ run, tags }: TrackedRun, id: string): ProtobufWriter {
  const started = Date.parse(run.createdAt);
  const config = message();
  for (const [key, value] of Object.entries(run.config)) config.message(1, item(key, value));
  const record = message()
    .text(1, id)
    .text(3, run.experiment.replaceAll(NOT_IN_PROJECT, '-').slice(0, 128))
    .message(4, config)
    .text(8, run.name);
  if (run.note !== '') record.text(9, run.note);
  // Tags of W&B are words of at most 64 characters.
  for (const [key, value] of tags)
    if (!key.startsWith('sextant.') && value !== run.note) record.text(10, `${key}=${value}`.slice(0, 64));
  const time = message()
    .integer(1, Math.floor(started / 1000))
    .integer(2, (started % 1000) * 1_000_000);
  record.message(17, time);
  if (run.provenance.gitCommit !== null) record.message(21, message().text(2, run.provenance.gitCommit));
  return record;
}

/** The last value of every metric. */
function summaryOf(metrics: readonly TrackedMetric[]): Map<string, number> {
  return new Map(metrics.map(({ key, value }) => [key, value]));
}

/** Rows by step, ascending: W&B takes no step twice. */
function historyOf(metrics: readonly TrackedMetric[]): [number, TrackedMetric[]][] {
  const rows = new Map<number, TrackedMetric[]>();
  for (const metric of metrics) {
    const row = rows.get(metric.step);
    if (row === undefined) rows.set(metric.step, [metric]);
    else row.push(metric);
  }
  return [...rows].sort(([a], [b]) => a - b);
}
