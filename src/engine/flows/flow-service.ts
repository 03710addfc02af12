/** Flows and their runs as the contract shows them. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { wireErrorSchema } from '#contract/fields';
import type { Flow, FlowRun, FlowRunSummary, FlowStep } from '#contract/flows';
import type { Database } from '../store/database';
import type { AnyFlow } from './flow';
import { createFlowTable, type FlowRunFilter, type FlowRunRow, type FlowStepRow } from './flow-table';

const instant = (at: number): string => new Date(at).toISOString();
const instantOrNull = (at: number | null): string | null => (at === null ? null : instant(at));
const errorOf = (text: string | null) => (text === null ? null : wireErrorSchema.parse(JSON.parse(text)));

export function toFlowRunSummary(row: FlowRunRow): FlowRunSummary {
  return {
    id: row.id,
    flow: row.flow,
    queue: row.queue,
    status: row.status,
    schedule: row.schedule,
    period: row.period,
    late: row.late === 1,
    createdAt: instant(row.created_at),
    startedAt: instantOrNull(row.started_at),
    finishedAt: instantOrNull(row.finished_at),
    note: row.note,
    error: errorOf(row.error),
  };
}

export function createFlowService(database: Database, definitions: readonly AnyFlow[]) {
  const table = createFlowTable(database);

  function find(id: string): FlowRunRow {
    const row = table.find(id);
    if (row !== undefined) return row;
    throw new AppError('NOT_FOUND', `Expected a flow run ${id}, found none. List them with: sextant flows runs.`);
  }

  function toFlow(definition: AnyFlow): Flow {
    return {
      flow: definition.flow,
      title: definition.title,
      summary: definition.summary,
      atOnce: definition.atOnce,
      steps: definition.steps.map((step) => ({
        step: step.id,
        title: step.title,
        needs: step.needs.map(({ id }) => id),
        resource: step.resource,
        attempts: step.retries.attempts,
        cached: step.cacheKey !== null,
      })),
      params: z.toJSONSchema(definition.params, { io: 'input' }),
    };
  }

  function show(id: string): FlowRun {
    const row = find(id);
    const definition = definitions.find(({ flow }) => flow === row.flow);
    const rows = new Map(table.steps(id).map((step) => [step.step, step]));
    const known = definition?.steps ?? [];
    return {
      ...toFlowRunSummary(row),
      params: z.record(z.string(), z.unknown()).parse(JSON.parse(row.params)),
      steps: known.flatMap((step) => {
        const stored = rows.get(step.id);
        return stored === undefined ? [] : [toStep(stored, step)];
      }),
    };
  }

  return {
    show,
    definitions: (): Flow[] => definitions.map(toFlow),
    summary: (id: string): FlowRunSummary => toFlowRunSummary(find(id)),
    lastOfSchedule(name: string): FlowRunSummary | null {
      const row = table.lastOfSchedule(name);
      return row === undefined ? null : toFlowRunSummary(row);
    },
    list(filter: FlowRunFilter) {
      const { rows, total } = table.list(filter);
      return { runs: rows.map(toFlowRunSummary), total };
    },
    lines(id: string, after: number, step: string | undefined) {
      return table.lines(find(id).id, after, step ?? null).map((line) => ({ ...line, at: instant(line.at) }));
    },
  };
}
export type FlowService = ReturnType<typeof createFlowService>;

function toStep(row: FlowStepRow, { title, needs, resource }: AnyFlow['steps'][number]): FlowStep {
  return {
    step: row.step,
    title,
    needs: needs.map(({ id }) => id),
    resource,
    status: row.status,
    attempt: row.attempt,
    job: row.job,
    startedAt: instantOrNull(row.started_at),
    finishedAt: instantOrNull(row.finished_at),
    retryAt: row.status === 'waiting' ? instantOrNull(row.retry_at) : null,
    output: row.output === null ? null : JSON.parse(row.output),
    error: errorOf(row.error),
  };
}
