/** Flows: work of several steps that depend on each other, run by hand or by a schedule, with a history that is kept. */
import { z } from 'zod';
import { operation } from './operation';
import { idField, instantField, pageInput, wireErrorSchema } from './fields';

export const FLOW_NAMES = [
  'ingest',
  'feature-build',
  'model-train',
  'rebalance',
  'paper-trade',
  'evaluate',
  'retention',
  'backup',
  'probe',
] as const;
export const flowNameSchema = z.enum(FLOW_NAMES).meta({ title: 'Flow' });
export type FlowName = z.infer<typeof flowNameSchema>;

/** Production work goes first; each queue has its own number of flow runs at a time. */
export const flowQueueSchema = z.enum(['dev', 'staging', 'prod']).meta({ title: 'Queue' });
export type FlowQueue = z.infer<typeof flowQueueSchema>;

export const flowParamsField = z
  .record(z.string(), z.json())
  .default({})
  .meta({ title: 'Parameters', description: 'As "flows list" states them for the flow; unknown names are refused.' });

export const flowRunStatusSchema = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']);
export type FlowRunStatus = z.infer<typeof flowRunStatusSchema>;

/** `cached`: nothing had changed since the result was made. `skipped`: there was nothing to do, or a step before it did not succeed. */
export const flowStepStatusSchema = z.enum([
  'waiting',
  'running',
  'succeeded',
  'cached',
  'skipped',
  'failed',
  'cancelled',
]);
export type FlowStepStatus = z.infer<typeof flowStepStatusSchema>;

/** What a step holds while it works; there are only so many of each. */
export const stepResourceSchema = z.enum(['none', 'cpu', 'gpu', 'disk']);
export type StepResource = z.infer<typeof stepResourceSchema>;

export const flowSchema = z
  .object({
    flow: flowNameSchema,
    title: z.string(),
    summary: z.string(),
    /** Runs of this flow at a time. */
    atOnce: z.number().int(),
    steps: z.array(
      z.object({
        step: z.string(),
        title: z.string(),
        needs: z.array(z.string()),
        resource: stepResourceSchema,
        attempts: z.number().int(),
        cached: z.boolean(),
      }),
    ),
    params: z.record(z.string(), z.unknown()).meta({ description: 'JSON schema of the parameters.' }),
  })
  .meta({ id: 'Flow' });
export type Flow = z.infer<typeof flowSchema>;

export const flowRunSummarySchema = z
  .object({
    id: idField,
    flow: flowNameSchema,
    queue: flowQueueSchema,
    status: flowRunStatusSchema,
    /** Name of the schedule that started it; null where somebody did. */
    schedule: z.string().nullable(),
    /** The due period that it was started for. */
    period: z.string().nullable(),
    /** Started noticeably after it was due. */
    late: z.boolean(),
    createdAt: instantField,
    startedAt: instantField.nullable(),
    finishedAt: instantField.nullable(),
    /** Why there was nothing to do, where that is how it ended. */
    note: z.string().nullable(),
    error: wireErrorSchema.nullable(),
  })
  .meta({ id: 'FlowRunSummary' });
export type FlowRunSummary = z.infer<typeof flowRunSummarySchema>;

export const flowStepSchema = z
  .object({
    step: z.string(),
    title: z.string(),
    needs: z.array(z.string()),
    resource: stepResourceSchema,
    status: flowStepStatusSchema,
    attempt: z.number().int(),
    /** The job that does the heavy part, where there is one. */
    job: idField.nullable(),
    startedAt: instantField.nullable(),
    finishedAt: instantField.nullable(),
    /** When a failed attempt is repeated. */
    retryAt: instantField.nullable(),
    output: z.unknown(),
    error: wireErrorSchema.nullable(),
  })
  .meta({ id: 'FlowStep' });
export type FlowStep = z.infer<typeof flowStepSchema>;

export const flowRunSchema = flowRunSummarySchema
  .extend({ params: z.record(z.string(), z.unknown()), steps: z.array(flowStepSchema) })
  .meta({ id: 'FlowRun' });
export type FlowRun = z.infer<typeof flowRunSchema>;

export const flowLogLineSchema = z
  .object({
    seq: z.number().int(),
    step: z.string(),
    at: instantField,
    level: z.enum(['info', 'warn', 'error']),
    message: z.string(),
  })
  .meta({ id: 'FlowLogLine' });

const flowRunField = idField.meta({ title: 'Flow run' });

export const flows = {
  list: operation({
    method: 'GET',
    path: '/flows',
    summary: 'Every flow with its steps, limits and parameters',
    input: z.strictObject({}),
    output: z.object({ flows: z.array(flowSchema) }),
  }),
  start: operation({
    method: 'POST',
    path: '/flows/{flow}/start',
    summary: 'Run a flow now; it is queued at once',
    scope: 'train',
    positional: ['flow'],
    input: z.strictObject({ flow: flowNameSchema, params: flowParamsField, queue: flowQueueSchema.default('dev') }),
    output: flowRunSummarySchema,
  }),
  runs: operation({
    method: 'GET',
    path: '/flows/runs',
    summary: 'Flow runs, newest first',
    input: z.strictObject({
      ...pageInput,
      flow: flowNameSchema.optional(),
      status: flowRunStatusSchema.optional(),
      schedule: z.string().optional().meta({ title: 'Schedule' }),
    }),
    output: z.object({ runs: z.array(flowRunSummarySchema), total: z.number().int() }),
  }),
  show: operation({
    method: 'GET',
    path: '/flows/runs/{flowRun}',
    summary: 'One flow run with its steps and what each gave',
    positional: ['flowRun'],
    input: z.strictObject({ flowRun: flowRunField }),
    output: flowRunSchema,
  }),
  logs: operation({
    method: 'GET',
    path: '/flows/runs/{flowRun}/logs',
    summary: 'What the steps of a flow run said',
    positional: ['flowRun'],
    input: z.strictObject({
      flowRun: flowRunField,
      step: z.string().optional().meta({ title: 'Step' }),
      after: z.coerce.number().int().min(0).default(0).meta({ title: 'After line' }),
    }),
    output: z.object({ lines: z.array(flowLogLineSchema) }),
  }),
  cancel: operation({
    method: 'POST',
    path: '/flows/runs/{flowRun}/cancel',
    summary: 'Stop a flow run; steps that had succeeded keep what they made',
    scope: 'train',
    whenFull: true,
    positional: ['flowRun'],
    input: z.strictObject({ flowRun: flowRunField }),
    output: flowRunSummarySchema,
  }),
};
