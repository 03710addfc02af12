/**
 * `sextant api bench`: how fast this host answers on this machine. Reads under a steady load, inference one request after
 * another, and whether the host's memory stays flat meanwhile. It asks a running host, or starts one for as long as it takes.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { AppError } from '#base/errors';
import { API_PREFIX, createClient, httpLink, type Client } from '#contract/client';
import { readHostRecord } from '#engine/store/workspace-lock';
import { parseArguments } from './arguments';
import { attachToHost, type Attached } from './attach';
import { printJson, type CommandContext } from './command-context';
import { runLoad, type Latency, type LoadRequest, type LoadResult } from './load-generator';
import { findLocalCommand } from './local-commands';
import { formatTable } from './table';

/** What one page of a screen or a script asks for, in turn. */
const READS: readonly LoadRequest[] = [
  '/system/health',
  '/runs?limit=20',
  '/datasets?limit=20',
  '/portfolios?limit=5',
].map((path) => ({ method: 'GET', path: `${API_PREFIX}${path}` }));

const GOALS = { readsP95: 10, readsP99: 10, oneP95: 2, manyP95: 100 } as const;
const NAMES = 500;
const START_PATIENCE_MS = 60_000;

interface Inference {
  readonly names: number;
  readonly latency: Latency;
  readonly errors: LoadResult['errors'];
}

interface BenchReport {
  readonly url: string;
  readonly seconds: number;
  readonly perSecond: number;
  readonly reads: LoadResult;
  /** Empty where there is no model to ask. */
  readonly inference: readonly Inference[];
  /** Growth of the host's resident memory over the second half of the reads, MB a minute; null where it cannot be seen. */
  readonly memoryMbPerMinute: number | null;
  readonly memoryMb: number | null;
  /** Processor time of the host per read, milliseconds; moves less than latency where other programs are busy. */
  readonly cpuMsPerRead: number | null;
}

/** Errors: those of attaching; UNAVAILABLE where no host comes up. */
export async function runApiBench(words: readonly string[], context: CommandContext): Promise<void> {
  const fields = findLocalCommand('api bench')?.fields ?? [];
  const { local } = parseArguments(words, {
    fields: [],
    positional: [],
    local: fields,
    help: 'sextant api bench --help',
  });
  const seconds = positive(local.seconds, 'seconds', 10);
  const perSecond = positive(local.rate, 'rate', 1_000);
  const connections = positive(local.connections, 'connections', 16);
  const started = (await attachToHost(context.workspace)) === null ? await startHost(context) : null;
  try {
    const host = await attachToHost(context.workspace);
    if (host === null) throw new AppError('UNAVAILABLE', 'Expected a running host to measure, found none.');
    const report = await measure(host, context, { seconds, perSecond, connections, model: local.model });
    if (context.json) printJson(context, report);
    else context.terminal.stdout.write(present(report));
  } finally {
    await started?.stop();
  }
}

function positive(value: unknown, name: string, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === 'number' && value >= 1) return value;
  throw new AppError('BAD_REQUEST', `Expected at least 1 for --${name}, found ${String(value)}.`);
}

interface Plan {
  readonly seconds: number;
  readonly perSecond: number;
  readonly connections: number;
  readonly model: unknown;
}

async function measure(host: Attached, context: CommandContext, plan: Plan): Promise<BenchReport> {
  const { seconds, perSecond, connections } = plan;
  const name = `bench-${Date.now().toString(36)}`;
  // A token without a limit that could be felt, for as long as this takes.
  const { secret } = await host.client.tokens.create({ name, scopes: ['read'], perMinute: 1_000_000, days: 1 });
  const abort = new AbortController();
  const stop = context.terminal.onInterrupt(() => abort.abort());
  const common = { url: host.url, token: secret, signal: abort.signal };
  const pid = readHostRecord(context.workspace)?.pid ?? null;
  try {
    await runLoad({ ...common, perSecond: Math.min(200, perSecond), seconds: 1, connections, requests: READS });
    const watch = watchMemory(pid);
    const before = pid === null ? null : processorMs(pid);
    const reads = await runLoad({ ...common, perSecond, seconds, connections, requests: READS });
    const memory = watch.stop();
    const after = pid === null ? null : processorMs(pid);
    const cpuMsPerRead = before === null || after === null ? null : (after - before) / reads.requests;
    const inference: Inference[] = [];
    const client = createClient(httpLink({ url: host.url, token: () => secret }));
    for (const names of [1, NAMES]) {
      const question = await inferenceRequest(client, plan.model, names);
      if (question === null || abort.signal.aborted) break;
      const { latency, errors } = await runLoad({
        ...common,
        perSecond: names === 1 ? 50 : 5,
        seconds: Math.min(seconds, 10),
        connections: 1,
        requests: [question],
      });
      inference.push({ names, latency, errors });
    }
    return { url: host.url, seconds, perSecond, reads, inference, cpuMsPerRead, ...memory };
  } finally {
    stop();
    await host.client.tokens.revoke({ token: name });
  }
}

/** A question in the middle of what the model has seen; null where there is no model that can be asked so. */
async function inferenceRequest(client: Client, model: unknown, names: number): Promise<LoadRequest | null> {
  const ref = typeof model === 'string' ? model : (await client.models.list({ limit: 1 })).models[0]?.id;
  if (ref === undefined) return null;
  const { manifest } = await client.models.show({ model: ref });
  const { input, features, trained } = manifest;
  const days = input.kind === 'windows' ? input.lookback : 1;
  // Inside what training saw; 0 where that is, since a long number makes a long body.
  const middle = features.map(({ minimum, maximum, mean }) =>
    minimum <= 0 && maximum >= 0 ? 0 : Number(mean.toPrecision(3)),
  );
  const body = {
    frame: {
      rows: Array.from({ length: names }, (_, i) => `N${i}`),
      features: features.map(({ name }) => name),
      values: Array.from({ length: names * days }, () => middle).flat(),
    },
    ...(input.kind === 'windows'
      ? {}
      : { graph: { rowStart: Array.from({ length: names + 1 }, () => 0), columns: [] } }),
    date: trained.cutoff,
  };
  return { method: 'POST', path: `${API_PREFIX}/models/${ref}/predictions`, body: JSON.stringify(body) };
}

/** Resident memory of the host, once a second, where the system shows it. */
function watchMemory(pid: number | null) {
  const samples: { readonly at: number; readonly mb: number }[] = [];
  const sample = () => {
    const mb = pid === null ? null : residentMb(pid);
    if (mb !== null) samples.push({ at: performance.now() / 60_000, mb });
  };
  const timer = setInterval(sample, 1_000);
  return {
    stop() {
      clearInterval(timer);
      sample();
      const late = samples.slice(Math.floor(samples.length / 2));
      return { memoryMb: samples.at(-1)?.mb ?? null, memoryMbPerMinute: late.length < 3 ? null : slope(late) };
    },
  };
}

function residentMb(pid: number): number | null {
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return line === null ? null : Number(line[1]) / 1024;
  } catch {
    return null;
  }
}

/** Processor time so far, in ticks of 10 ms (USER_HZ is 100 on every Linux that Node supports). */
function processorMs(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
}

/** Least squares. */
function slope(samples: readonly { readonly at: number; readonly mb: number }[]): number {
  const meanAt = samples.reduce((sum, { at }) => sum + at, 0) / samples.length;
  const meanMb = samples.reduce((sum, { mb }) => sum + mb, 0) / samples.length;
  const covariance = samples.reduce((sum, { at, mb }) => sum + (at - meanAt) * (mb - meanMb), 0);
  return covariance / samples.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
}

/** A host of its own in another process, so that asking and answering do not share a thread. */
async function startHost({ workspace, terminal }: CommandContext): Promise<{ stop(): Promise<void> }> {
  const words = [process.argv[1], '--workspace', workspace, 'serve', '--port', '0', '--json'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'], env: terminal.environment });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await closed;
  };
  const ready = new Promise<boolean>((resolve) => {
    createInterface({ input: child.stdout }).once('line', () => resolve(true));
    void closed.then(() => resolve(false));
    setTimeout(() => resolve(false), START_PATIENCE_MS).unref();
  });
  if (await ready) return { stop };
  await stop();
  throw new AppError('UNAVAILABLE', 'Expected a host to come up, found that it did not. It said why above.');
}

function present(report: BenchReport): string {
  const { url, seconds, perSecond, reads, inference, memoryMb, memoryMbPerMinute, cpuMsPerRead } = report;
  const figure = (ms: number) => ms.toFixed(ms < 10 ? 2 : 1);
  const row = (what: string, latency: Latency, goal: string, held: boolean) => ({ what, latency, goal, held });
  const rows = [
    row(
      `reads, ${perSecond} a second`,
      reads.latency,
      `p95 < ${GOALS.readsP95}, p99 ≤ ${GOALS.readsP99}`,
      reads.latency.p95 < GOALS.readsP95 && reads.latency.p99 <= GOALS.readsP99,
    ),
    ...inference.map(({ names, latency }) => {
      const goal = names === 1 ? GOALS.oneP95 : GOALS.manyP95;
      return row(`inference, ${names} name${names === 1 ? '' : 's'}`, latency, `p95 ≤ ${goal}`, latency.p95 <= goal);
    }),
  ];
  const table = formatTable(rows, [
    { title: 'WHAT', value: ({ what }) => what },
    { title: 'P50 MS', value: ({ latency }) => figure(latency.p50) },
    { title: 'P95 MS', value: ({ latency }) => figure(latency.p95) },
    { title: 'P99 MS', value: ({ latency }) => figure(latency.p99) },
    { title: 'P99.9 MS', value: ({ latency }) => figure(latency.p999) },
    { title: 'MAX MS', value: ({ latency }) => figure(latency.max) },
    { title: 'GOAL', value: ({ goal }) => goal },
    { title: 'HELD', value: ({ held }) => (held ? 'yes' : 'no') },
  ]);
  const shares = reads.latency.histogram.map(({ ms, share }) => ({ ms, share }));
  const histogram = formatTable(shares, [
    { title: 'AT MOST MS', value: ({ ms }) => ms },
    { title: 'SHARE', value: ({ share }) => `${(share * 100).toFixed(2)} %` },
  ]);
  const failed = Object.entries(reads.errors).map(([what, times]) => `${times} × ${what}`);
  const memory =
    memoryMb === null
      ? 'Memory of the host cannot be seen here.'
      : `Memory of the host: ${memoryMb.toFixed(0)} MB${memoryMbPerMinute === null ? '' : `, ${memoryMbPerMinute.toFixed(2)} MB a minute in the second half`}.`;
  return [
    `${url}, ${seconds} s: ${reads.requests} reads, ${reads.achieved.toFixed(0)} a second, ${failed.length === 0 ? 'no errors' : failed.join(', ')}.`,
    '',
    table,
    histogram,
    ...(inference.length === 0 ? ['No model to ask: inference was not measured.'] : []),
    ...(cpuMsPerRead === null ? [] : [`Processor time of the host: ${cpuMsPerRead.toFixed(2)} ms per read.`]),
    memory,
    '',
  ].join('\n');
}
