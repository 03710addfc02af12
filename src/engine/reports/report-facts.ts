/**
 * What a report is made from, read from the workspace as plain data. Everything later than the request is left out, so that a second attempt of the
 * job reads the same.
 */
import { basename } from 'node:path';
import { canonicalJson } from '#base/canonical-json';
import type { ReportRequest } from '#contract/reports';
import type { Run, RunConfig } from '#contract/runs';
import type { AuditLog } from '../audit/audit-log';
import type { DatasetService } from '../datasets/dataset-service';
import type { Host } from '../host';
import { paperRecord } from '../paper/paper-record';
import type { PaperTable } from '../paper/paper-table';
import type { PortfolioService } from '../portfolios/portfolio-service';
import { decodeSeries, decodeWeights } from '../runs/run-documents';
import type { RunService } from '../runs/run-service';
import { sha256 } from '../store/sha256';

const MOST_PEERS = 20;
const MOST_AUDIT_ROWS = 500;
/** Kinds that show the risk of the holdings; the others do not wait for it. */
const WITH_RISK: readonly ReportRequest['kind'][] = ['performance', 'risk'];

export interface FactSources {
  readonly runs: RunService;
  readonly datasets: DatasetService;
  readonly portfolios: PortfolioService;
  readonly audit: AuditLog;
  readonly paper: PaperTable;
  readonly host: Pick<Host, 'version' | 'workspace'>;
}

export interface FactsRequest {
  readonly request: ReportRequest;
  readonly run: string | null;
  readonly dataset: string;
  /** UTC milliseconds. */
  readonly at: number;
}

/** Names, tags, seed and the dataset's identifier left out: runs that agree in it differ by luck only. */
function computationOf({ experiment, data, ...rest }: RunConfig): string {
  const { name: _name, tags: _tags, seed: _seed, ...decisive } = experiment;
  const { dataset: _dataset, ...range } = data;
  return sha256(canonicalJson({ ...rest, experiment: decisive, data: range }));
}

/** The input of the job `render-report`. Errors: NOT_FOUND, CONFLICT, WORKSPACE_DAMAGED. */
export async function readFacts(sources: FactSources, { request, run, dataset: id, at }: FactsRequest) {
  const { datasets, host } = sources;
  const dataset = datasets.find(id);
  const { total: rejectedRows } = datasets.rejects(id, { limit: 1, offset: 0 });
  return {
    facts: {
      kind: request.kind,
      generatedAt: new Date(at).toISOString(),
      locale: request.locale,
      currency: request.currency ?? '',
      paper: request.paper,
      template: request.template,
      workspace: basename(host.workspace),
      version: host.version,
      dataset,
      quality: datasets.quality(id),
      rejectedRows,
      run: run === null ? null : await runFacts(sources, run, at),
      audit: auditEntries(sources, at),
    },
    formats: request.format,
    risk: run !== null && WITH_RISK.includes(request.kind) ? await riskInput(sources, run) : null,
  };
}

async function runFacts(sources: FactSources, id: string, at: number) {
  const { runs, portfolios, datasets, paper } = sources;
  const run = runs.show(id);
  const bytes = await runs.resultBytes(id);
  const computation = computationOf(run.config);
  return {
    run,
    series: decodeSeries(bytes),
    portfolio: run.portfolio === null ? null : portfolios.show(run.portfolio),
    lastWeights: lastWeightsOf(run, bytes),
    peers: peersOf(runs, run, at),
    risk: null,
    live: await paperRecord(paper, datasets, { run: id, dataset: run.dataset.name, at }),
    computation,
  };
}

function lastWeightsOf(run: Run, bytes: Uint8Array) {
  const primary = run.strategies.find(({ role }) => role === 'primary');
  if (primary === undefined) return null;
  const { dates, assets, sectors, weights } = decodeWeights(bytes, primary.name);
  const last = weights.at(-1);
  if (last === undefined) return null;
  const held = assets.flatMap((asset, i) => (last[i] === 0 ? [] : [[asset, last[i]] as const]));
  return {
    decided: dates[dates.length - 1],
    weights: Object.fromEntries(held),
    sectors: Object.fromEntries(assets.map((asset, i) => [asset, sectors[i] ?? ''])),
  };
}

/** Finished runs on data of the same content, newest first. */
function peersOf(runs: RunService, run: Run, at: number) {
  const { runs: found } = runs.list({ limit: 200, offset: 0, dataset: run.dataset.id, status: 'succeeded' });
  return found
    .filter(({ id, finishedAt }) => id !== run.id && finishedAt !== null && Date.parse(finishedAt) <= at)
    .slice(0, MOST_PEERS)
    .map(({ id, name }) => {
      const peer = runs.show(id);
      return {
        id,
        name,
        seed: peer.config.experiment.seed,
        computation: computationOf(peer.config),
        sharpes: peer.strategies.map(({ name: strategy, metrics }) => ({
          strategy,
          sharpe: metrics['sharpe']?.value ?? null,
        })),
      };
    });
}

function auditEntries({ audit }: FactSources, until: number) {
  const { rows } = audit.list({ limit: MOST_AUDIT_ROWS, offset: 0 });
  return rows
    .filter(({ at }) => at <= until)
    .map(({ at, actor, action, object }) => ({ at: new Date(at).toISOString(), actor, action, object }));
}

/** Null where the strategy has no holdings; the report says so. */
async function riskInput({ runs }: FactSources, run: string) {
  const primary = runs.show(run).strategies.find(({ role }) => role === 'primary');
  if (primary === undefined) return null;
  return runs.riskInput(run, primary.name);
}
