/** The operations of `contract/runs.ts`. */
import { z } from 'zod';
import { timingLuckSchema } from '#contract/run-luck';
import { runPlanSchema } from '#contract/run-plan';
import { riskReportSchema } from '#contract/run-risk';
import type { HandlersOf } from '../api/handlers';
import type { AuditService } from '../audits/audit-service';
import type { Queue } from '../jobs/queue';
import { compareRuns } from './compare-runs';
import { parseRunConfig } from './config-file';
import { requireKnownPieces } from './config-pieces';
import { decodeSeries, decodeWeights } from './run-documents';
import { decodeTraining } from './training-document';
import type { RunService } from './run-service';
import { runTimingLuck } from './timing-luck-call';

/** As the worker plans: it names the trials, and the ledger counts them. */
const plannedSchema = runPlanSchema.extend({ trials: z.array(z.string()) });

export interface RunHandlerOptions {
  readonly runs: RunService;
  readonly audits: Pick<AuditService, 'request'>;
  readonly queue: Pick<Queue, 'cancel' | 'events' | 'runOnce'>;
  /** Told of every run whose words changed. */
  onChange(run: string): void;
}

export function createRunHandlers({ runs, audits, queue, onChange }: RunHandlerOptions): HandlersOf<'runs'> {
  const { tracking } = runs;
  const changed = <Answer extends { readonly id: string }>(answer: Answer): Answer => {
    onChange(answer.id);
    return answer;
  };
  return {
    start: async ({ config }) => {
      requireKnownPieces(config);
      return runs.start(config);
    },
    validate: async ({ text, file }) => parseRunConfig(text, file),
    plan: async ({ config }, { signal }) => {
      requireKnownPieces(config);
      const planned = plannedSchema.parse(await queue.runOnce('plan-run', await runs.planInput(config), { signal }));
      return { ...planned, trials: runs.trialsAfter(config, planned.trials) };
    },
    training: async ({ run }) => decodeTraining(await runs.resultBytes(run)),
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
    compare: async ({ runs: refs }) => compareRuns(runs.several(refs)),
    tag: async ({ run, tags }) => changed(tracking.tag(run, tags)),
    note: async ({ run, note }) => changed(tracking.note(run, note)),
    archive: async ({ run, archived }) => changed(tracking.archive(run, archived)),
    remove: async ({ run }) => {
      const removed = tracking.remove(run);
      onChange(removed);
      return { removed };
    },
    metrics: async ({ run, name }) => tracking.metrics(run, name),
    artifacts: async ({ run }) => tracking.artifacts(run),
    checksums: async ({ run }) => tracking.checksums(run),
  };
}

export function createExperimentHandlers({ tracking }: Pick<RunService, 'tracking'>): HandlersOf<'experiments'> {
  return { list: async (input) => tracking.experiments(input) };
}
