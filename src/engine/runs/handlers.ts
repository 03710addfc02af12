/** The operations of `contract/runs.ts`. */
import { timingLuckSchema } from '#contract/run-luck';
import { riskReportSchema } from '#contract/run-risk';
import type { HandlersOf } from '../api/handlers';
import type { AuditService } from '../audits/audit-service';
import type { Queue } from '../jobs/queue';
import { compareRuns } from './compare-runs';
import { parseRunConfig } from './config-file';
import { requireKnownPieces } from './config-pieces';
import { decodeSeries, decodeWeights } from './run-documents';
import type { RunService } from './run-service';
import { runTimingLuck } from './timing-luck-call';

export interface RunHandlerOptions {
  readonly runs: RunService;
  readonly audits: Pick<AuditService, 'request'>;
  readonly queue: Pick<Queue, 'cancel' | 'events' | 'runOnce'>;
}

export function createRunHandlers({ runs, audits, queue }: RunHandlerOptions): HandlersOf<'runs'> {
  return {
    start: async ({ config }) => {
      requireKnownPieces(config);
      return runs.start(config);
    },
    validate: async ({ text, file }) => parseRunConfig(text, file),
    list: async (filter) => runs.list(filter),
    show: async ({ run }) => runs.show(run),
    series: async ({ run }) => decodeSeries(await runs.resultBytes(run)),
    weights: async ({ run, strategy }) => decodeWeights(await runs.resultBytes(run), strategy),
    risk: async ({ run, strategy }, { signal }) =>
      riskReportSchema.parse(await queue.runOnce('risk-report', await runs.riskInput(run, strategy), { signal })),
    luck: async ({ run }, { signal }) =>
      timingLuckSchema.parse(await runTimingLuck(queue, await runs.luckInput(run), signal)),
    events: async ({ run, after }, { signal }) => queue.events(runs.find(run).job, after, signal),
    cancel: async ({ run }) => {
      const row = runs.find(run);
      queue.cancel(row.job);
      return runs.summary(row.id);
    },
    rerun: async ({ run }) => runs.rerun(run),
    audit: async (input) => audits.request(input),
    compare: async ({ runs: refs }) => compareRuns(refs.map((ref) => runs.show(ref))),
  };
}
