/** Jobs: long work in child processes. A job's events are stored before they are published. */
import { z } from 'zod';
import { operation, stream } from './operation';
import { idField, instantField, pageInput, wireErrorSchema } from './fields';
import { vramSeriesSchema } from './vram';

export const jobKindSchema = z.enum(['import-dataset', 'generate-dataset', 'run', 'audit', 'promotion', 'report']);
export const jobStatusSchema = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted']);
export type JobKind = z.infer<typeof jobKindSchema>;
export type JobStatus = z.infer<typeof jobStatusSchema>;

export const trainingProgressSchema = z
  .object({
    epoch: z.number().int(),
    epochs: z.number().int(),
    /** Mean of the epoch so far. */
    loss: z.number().nullable(),
    validationIc: z.number().nullable().meta({ description: 'Mean rank correlation on the validation dates.' }),
    rowsPerSecond: z.number().nullable(),
    secondsLeft: z.number().nullable().meta({ unit: 's', description: 'Of this network, without early stopping.' }),
    memoryBytes: z.number().meta({ unit: 'bytes', description: 'Planned use of the device by this training.' }),
    device: z.string(),
  })
  .meta({ id: 'TrainingProgress' });
export type TrainingProgress = z.infer<typeof trainingProgressSchema>;

/** One epoch of one network, told once, when it has ended. */
export const trainedEpochSchema = z
  .object({
    /** Tells networks of one job apart; the same after an interruption. */
    network: z.string(),
    /** For people: model, day of the fit, seed. */
    title: z.string(),
    epoch: z.number().int().gte(1),
    loss: z.number().nullable(),
    validationLoss: z.number().nullable(),
    validationIc: z.number().nullable().meta({ description: 'Mean rank correlation on the validation dates.' }),
  })
  .meta({ id: 'TrainedEpoch' });
export type TrainedEpoch = z.infer<typeof trainedEpochSchema>;

export const progressSchema = z
  .object({
    stage: z.string(),
    /** Which strategy, file or fold; '' where there is only one. */
    detail: z.string().default(''),
    step: z.number(),
    of: z.number(),
    /** While a network is trained. */
    training: trainingProgressSchema.optional(),
    /** Epochs that ended since the report before; over all reports of a job each epoch of each network. */
    epochsEnded: z.array(trainedEpochSchema).optional(),
  })
  .meta({ id: 'Progress' });
export type Progress = z.infer<typeof progressSchema>;

export const jobEventSchema = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('status'),
      seq: z.number().int(),
      at: instantField,
      status: jobStatusSchema,
      correlation: z.string().optional(),
      error: wireErrorSchema.optional(),
    }),
    z.object({
      type: z.literal('progress'),
      seq: z.number().int(),
      at: instantField,
      progress: progressSchema,
      correlation: z.string().optional(),
    }),
    z.object({
      type: z.literal('log'),
      seq: z.number().int(),
      at: instantField,
      level: z.enum(['info', 'warn', 'error']),
      message: z.string(),
      correlation: z.string().optional(),
    }),
  ])
  .meta({ id: 'JobEvent' });
export type JobEvent = z.infer<typeof jobEventSchema>;

/** An unplanned end of a job's worker: it was killed, hung, or its device was lost. */
export const jobCrashSchema = z
  .object({
    at: instantField,
    attempt: z.number().int(),
    reason: z.string().meta({ description: 'What is known: "hang", "signal SIGKILL", "device: lost", …' }),
  })
  .meta({ id: 'JobCrash' });
export type JobCrash = z.infer<typeof jobCrashSchema>;

/** Workers that do the same kind of work, and are stopped together when they crash one after the other. */
export const workerRoleSchema = z.enum(['import', 'research', 'training', 'report', 'inference']);
export type WorkerRole = z.infer<typeof workerRoleSchema>;

export const workerStateSchema = z
  .object({
    role: workerRoleSchema,
    /** Null while workers are started. */
    stoppedAt: instantField.nullable(),
    /** Crashes of the last five minutes, or those that led to the stop. */
    crashes: z.array(z.object({ at: instantField, job: z.string(), reason: z.string() })),
    memoryBytes: z.number().meta({ unit: 'bytes', description: 'Resident bytes after which a worker is ended.' }),
  })
  .meta({ id: 'WorkerState' });
export type WorkerState = z.infer<typeof workerStateSchema>;

export const jobSchema = z
  .object({
    id: idField,
    kind: jobKindSchema,
    /** The dataset, run or report that this job makes. */
    subject: z.string(),
    title: z.string(),
    status: jobStatusSchema,
    attempt: z.number().int(),
    createdAt: instantField,
    startedAt: instantField.nullable(),
    finishedAt: instantField.nullable(),
    progress: progressSchema.nullable(),
    error: wireErrorSchema.nullable(),
    /** X-Request-Id of the call that started it; null for what a schedule started. */
    correlation: z.string().nullable(),
    /** Interrupted by a person; goes on from its last checkpoint when told. */
    paused: z.boolean(),
    /** Set while the job is in quarantine: its worker crashed again and again, so it waits for a person to release or discard it. */
    quarantinedAt: instantField.nullable(),
    /** Unplanned ends of its workers, the newest last. */
    crashReports: z.array(jobCrashSchema),
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof jobSchema>;

const reasonField = z.string().trim().min(1).max(1000).meta({ title: 'Reason', description: 'Kept in the audit log.' });

export const jobs = {
  list: operation({
    method: 'GET',
    path: '/jobs',
    summary: 'Jobs, newest first',
    input: z.strictObject({
      ...pageInput,
      active: z.stringbool().or(z.boolean()).optional().meta({ title: 'Only queued and running' }),
    }),
    output: z.object({ jobs: z.array(jobSchema), total: z.number().int() }),
  }),
  show: operation({
    method: 'GET',
    path: '/jobs/{job}',
    summary: 'One job',
    positional: ['job'],
    input: z.strictObject({ job: idField }),
    output: jobSchema,
  }),
  events: stream({
    method: 'GET',
    path: '/jobs/{job}/events',
    summary: 'Events of a job from the first, or after a sequence number; ends when the job ends',
    positional: ['job'],
    input: z.strictObject({ job: idField, after: z.coerce.number().int().min(0).default(0) }),
    output: jobEventSchema,
  }),
  memory: operation({
    method: 'GET',
    path: '/jobs/{job}/memory',
    summary: 'Use of the memory of the graphics card while a job ran; null where nothing was known of it',
    positional: ['job'],
    input: z.strictObject({ job: idField }),
    output: z.object({ memory: vramSeriesSchema.nullable() }),
  }),
  cancel: operation({
    method: 'POST',
    path: '/jobs/{job}/cancel',
    summary: 'Ask a job to stop; it is killed after a grace period',
    scope: 'train',
    whenFull: true,
    positional: ['job'],
    input: z.strictObject({ job: idField }),
    output: jobSchema,
  }),
  pause: operation({
    method: 'POST',
    path: '/jobs/{job}/pause',
    summary: 'Interrupt a job; its processor, memory and card are free, and its last checkpoint is kept',
    scope: 'train',
    whenFull: true,
    positional: ['job'],
    input: z.strictObject({ job: idField }),
    output: jobSchema,
  }),
  resume: operation({
    method: 'POST',
    path: '/jobs/{job}/resume',
    summary: 'Queue a paused job again; it goes on from its last checkpoint to the same result',
    scope: 'train',
    positional: ['job'],
    input: z.strictObject({ job: idField }),
    output: jobSchema,
  }),
  release: operation({
    method: 'POST',
    path: '/jobs/{job}/release',
    summary: 'Let a job out of quarantine; it goes on from its last checkpoint',
    scope: 'train',
    positional: ['job'],
    input: z.strictObject({ job: idField, reason: reasonField }),
    output: jobSchema,
  }),
  discard: operation({
    method: 'POST',
    path: '/jobs/{job}/discard',
    summary: 'Give up a job that is in quarantine; it has failed',
    scope: 'train',
    whenFull: true,
    positional: ['job'],
    input: z.strictObject({ job: idField, reason: reasonField }),
    output: jobSchema,
  }),
  workers: operation({
    method: 'GET',
    path: '/jobs/workers',
    summary: 'Kinds of workers: whether they are started, how much memory they may take, and what crashed lately',
    input: z.strictObject({}),
    output: z.object({ workers: z.array(workerStateSchema) }),
  }),
  restart: operation({
    method: 'POST',
    path: '/jobs/workers/{role}/restart',
    summary: 'Start workers of a kind again that was stopped after three crashes in five minutes',
    scope: 'train',
    positional: ['role'],
    input: z.strictObject({ role: workerRoleSchema }),
    output: workerStateSchema,
  }),
};
