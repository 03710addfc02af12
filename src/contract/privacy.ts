/** What leaves the machine (nothing, unless said here), what is kept how long, and what is done about personal data. */
import { z } from 'zod';
import { instantField, pageInput, sha256Field } from './fields';
import { operation } from './operation';

const YEAR_DAYS = 365;

function days(title: string, description: string) {
  return z
    .int()
    .gte(1)
    .lte(36_500)
    .nullable()
    .default(YEAR_DAYS)
    .meta({ title, unit: 'days; empty = keep', description });
}

export const retentionSchema = z.strictObject({
  jobs: days('Job history', 'Events and log lines of ended jobs.'),
  uploads: days('Uploaded files', 'Files that were handed over and never imported.').default(7),
  rejects: days('Refused rows', 'Lines that an import did not accept, as they were.'),
  accesses: days('Access log', 'Who read weights, holdings and trades.'),
  connections: days('Network log', 'Outgoing connections that were tried.'),
  logs: days('Log files', 'What the program wrote about its own work.'),
  events: days(
    'Events',
    'What other programs were told, with the history of deliveries; never while one is pending.',
  ).default(90),
  signals: days('Signals', 'What other programs sent in, with the answers of models.'),
  traces: days('Traces', 'How long calls, jobs and their stages took.'),
  audit: days('Audit log', 'Who did what; a signed checkpoint takes the place of what is removed.'),
});

export const privacyConfigSchema = z
  .strictObject({
    localOnly: z.boolean().default(true).meta({
      title: 'Local only',
      description: 'Refuse every connection to another machine, and write down who tried.',
    }),
    allowedHosts: z
      .array(z.string().regex(/^[A-Za-z0-9.-]{1,253}$/, 'Expected a host name or IPv4 address.'))
      .max(50)
      .default([])
      .meta({ title: 'Other hosts', description: 'Hosts that may be called where local only is off.' }),
    retention: retentionSchema.prefault({}).meta({ title: 'Retention' }),
    personalData: z.enum(['remove', 'hash', 'report']).default('remove').meta({
      title: 'Personal data in imports',
      description:
        'E-mail addresses, account numbers, phone numbers and names of people in lines that are kept: removed, hashed, or only reported.',
    }),
    accessLog: z
      .boolean()
      .default(true)
      .meta({ title: 'Access log', description: 'Write down every read of weights, holdings and trades.' }),
    exports: z
      .boolean()
      .default(true)
      .meta({ title: 'Exports', description: 'Whether anything may be exported; every export is in the audit log.' }),
  })
  .meta({ id: 'PrivacyConfig', title: 'Privacy' });
export type PrivacyConfig = z.infer<typeof privacyConfigSchema>;

export const RETENTION_KINDS = [
  'jobs',
  'uploads',
  'rejects',
  'accesses',
  'connections',
  'logs',
  'events',
  'signals',
  'traces',
  'audit',
] as const;
export type RetentionKindId = (typeof RETENTION_KINDS)[number];

export const retentionPreviewSchema = z
  .object({
    kind: z.enum(RETENTION_KINDS),
    title: z.string(),
    days: z.number().int().nullable(),
    /** Rows that the next deletion would remove. */
    due: z.number().int(),
    kept: z.number().int(),
  })
  .meta({ id: 'RetentionPreview' });

export const deletionProofSchema = z
  .object({
    kind: z.enum(RETENTION_KINDS),
    removed: z.number().int(),
    /** Rows older than the limit afterwards; 0 proves the deletion. */
    remaining: z.number().int(),
    before: instantField,
    /** SHA-256 over the identifiers of what was removed, in order. */
    digest: sha256Field,
  })
  .meta({ id: 'DeletionProof' });
export type DeletionProof = z.infer<typeof deletionProofSchema>;

export const connectionSchema = z
  .object({
    seq: z.number().int(),
    at: instantField,
    host: z.string(),
    port: z.number().int(),
    outcome: z.enum(['refused', 'allowed']),
    purpose: z.string(),
  })
  .meta({ id: 'Connection' });

export const privacy = {
  show: operation({
    method: 'GET',
    path: '/privacy',
    summary: 'The privacy configuration in force',
    input: z.strictObject({}),
    output: privacyConfigSchema,
  }),
  configure: operation({
    method: 'PUT',
    path: '/privacy',
    summary: 'Replace the privacy configuration',
    scope: 'execute',
    input: z.strictObject({ config: privacyConfigSchema }),
    output: privacyConfigSchema,
  }),
  retention: operation({
    method: 'GET',
    path: '/privacy/retention',
    summary: 'What the next deletion by age would remove, by kind of data',
    input: z.strictObject({}),
    output: z.object({
      kinds: z.array(retentionPreviewSchema),
      /** Why nothing would be deleted now, although it is due. */
      blocked: z.string().nullable(),
    }),
  }),
  delete: operation({
    method: 'POST',
    path: '/privacy/retention',
    summary: 'Delete what is older than its retention, with a proof by kind',
    scope: 'execute',
    whenFull: true,
    input: z.strictObject({}),
    output: z.object({ proofs: z.array(deletionProofSchema), blocked: z.string().nullable() }),
  }),
  connections: operation({
    method: 'GET',
    path: '/privacy/connections',
    summary: 'The network log: connections to other machines that were tried; empty is the good state',
    input: z.strictObject({ ...pageInput }),
    output: z.object({ connections: z.array(connectionSchema), total: z.number().int() }),
  }),
  erase: operation({
    method: 'POST',
    path: '/privacy/erase',
    summary: 'Erase the whole workspace for good and stop',
    scope: 'execute',
    whenFull: true,
    input: z.strictObject({
      confirm: z.string().min(1).max(4096).meta({
        title: 'Name of the workspace folder',
        description: 'Typed in full, so that nobody erases by accident.',
      }),
    }),
    output: z.object({ erasing: z.literal(true), folder: z.string() }),
  }),
};
