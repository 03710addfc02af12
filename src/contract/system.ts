/** The running program itself: health, what it is, and the feed that tells screens what changed. */
import { z } from 'zod';
import { operation, stream } from './operation';
import { deviceLadderSchema } from './devices';
import { instantField } from './fields';
import { healthSchema } from './health';
import { vramStateSchema } from './vram';

export const keySourceSchema = z.enum(['keychain', 'passphrase', 'key-file', 'environment']);
export type KeySource = z.infer<typeof keySourceSchema>;

export const systemInfoSchema = z
  .object({
    version: z.string(),
    gitCommit: z.string().nullable(),
    lockHash: z.string(),
    host: z.enum(['electron', 'headless', 'test']),
    /** Why the desktop window is not used, where it is not. */
    hostReason: z.string().nullable(),
    workspace: z.string(),
    keySource: keySourceSchema,
    cipher: z.string(),
    schemaVersion: z.number().int(),
    startedAt: instantField,
    localOnly: z.boolean(),
    node: z.string(),
    platform: z.string(),
  })
  .meta({ id: 'SystemInfo' });
export type SystemInfo = z.infer<typeof systemInfoSchema>;

export const systemLoadSchema = z
  .object({
    cpuShare: z.number().nullable(),
    memoryUsedBytes: z.number(),
    memoryTotalBytes: z.number(),
    vram: vramStateSchema,
    eventLoopP99Ms: z.number(),
  })
  .meta({ id: 'SystemLoad' });

export const storageSchema = z
  .object({
    /** `full`: nothing new is begun, jobs wait, reading goes on; it ends by itself. `read-only`: nothing is ever written. */
    state: z.enum(['ok', 'low', 'full', 'read-only']),
    since: instantField,
    /** Of the disk under the workspace; null where the system does not tell. */
    freeBytes: z.number().nullable().meta({ unit: 'bytes' }),
    totalBytes: z.number().nullable().meta({ unit: 'bytes' }),
    /** What it means and what to do; null where all is well. */
    message: z.string().nullable(),
  })
  .meta({ id: 'Storage' });
export type Storage = z.infer<typeof storageSchema>;

/** Something a screen may be showing has changed: read it again. */
export const changeSchema = z
  .object({
    seq: z.number().int(),
    noun: z.enum([
      'datasets',
      'jobs',
      'runs',
      'models',
      'portfolios',
      'holdings',
      'orders',
      'registry',
      'reports',
      'settings',
      'backups',
      'storage',
      'flows',
      'schedules',
      'alerts',
      'tokens',
      'webhooks',
      'health',
      'slos',
      'channels',
      'signals',
    ]),
    id: z.string(),
    action: z.enum(['created', 'updated', 'removed']),
  })
  .meta({ id: 'Change' });
export type Change = z.infer<typeof changeSchema>;

export const system = {
  health: operation({
    method: 'GET',
    path: '/system/health',
    summary: 'Health of every part: since when, why, and what to do; also at /health and /ready',
    input: z.strictObject({}),
    output: healthSchema,
  }),
  info: operation({
    method: 'GET',
    path: '/system/info',
    summary: 'Version, host, workspace and how its key is kept',
    input: z.strictObject({}),
    output: systemInfoSchema,
  }),
  load: operation({
    method: 'GET',
    path: '/system/load',
    summary: 'Processor, memory, VRAM and event-loop delay now',
    input: z.strictObject({}),
    output: systemLoadSchema,
  }),
  storage: operation({
    method: 'GET',
    path: '/system/storage',
    summary: 'Whether the disk under the workspace takes what is written, and what to do where it does not',
    input: z.strictObject({}),
    output: storageSchema,
  }),
  devices: operation({
    method: 'GET',
    path: '/system/devices',
    summary: 'Every rung of the device ladder: whether it works here, why not, and what a short probe measured',
    input: z.strictObject({
      again: z.stringbool().or(z.boolean()).optional().meta({ title: 'Measure again' }),
    }),
    output: deviceLadderSchema,
  }),
  metrics: operation({
    method: 'GET',
    path: '/system/metrics',
    summary: 'What is measured of this host, in the text format of Prometheus; also at /metrics',
    input: z.strictObject({}),
    output: z.object({ filename: z.string(), mediaType: z.string(), text: z.string() }),
  }),
  changes: stream({
    method: 'GET',
    path: '/system/changes',
    summary: 'A feed of what changed, for screens that stay current without polling',
    input: z.strictObject({ after: z.coerce.number().int().min(0).optional() }),
    output: changeSchema,
  }),
  shutdown: operation({
    method: 'POST',
    path: '/system/shutdown',
    summary: 'Stop the host in good order; running jobs are interrupted and resume at the next start',
    scope: 'execute',
    whenFull: true,
    input: z.strictObject({}),
    output: z.object({ stopping: z.literal(true) }),
  }),
};
