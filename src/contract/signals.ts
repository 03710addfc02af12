/** Signals that other programs send in, such as alerts of a charting service: each becomes one question to a sealed model, stored with its answer. */
import { z } from 'zod';
import { dateField, idField, instantField, pageInput, refField, wireErrorSchema } from './fields';
import { frameSchema, predictionSchema } from './models';
import { operation } from './operation';

/** Path of the door for signals, beside the API: no API token opens it, and its credentials open nothing else. */
export const SIGNALS_PREFIX = '/signals/';

export const signalSourceSchema = z
  .object({
    id: idField,
    name: z.string(),
    mode: z.enum(['signed', 'token']),
    model: z.string(),
    perMinute: z.number().int(),
    /** Where to post, on the address of the host. */
    path: z.string(),
    createdAt: instantField,
    disabledAt: instantField.nullable(),
    received: z.number().int(),
  })
  .meta({ id: 'SignalSource' });
export type SignalSource = z.infer<typeof signalSourceSchema>;

const number = z.number();
const externalId = z.string().min(1).max(200);

/**
 * What is sent in. A signed message carries its identifier and time in the headers `webhook-id` and `webhook-timestamp`; a charting service
 * that can only write a body puts `token`, `id` and `time` there.
 */
export const signalBodySchema = z
  .strictObject({
    token: z.string().max(200).optional(),
    id: externalId.optional(),
    time: z.iso.datetime({ offset: true }).optional(),
    date: dateField.meta({ title: 'Last day that the inputs know' }),
    ticker: z.string().min(1).max(64).optional(),
    features: z
      .record(z.string().min(1).max(200), number)
      .optional()
      .meta({ description: 'Of the one ticker, by name.' }),
    frame: frameSchema.optional(),
    note: z.string().max(2000).optional(),
  })
  .refine(({ ticker, features, frame }) => (frame === undefined) !== (ticker === undefined || features === undefined), {
    error: 'Expected either a frame, or a ticker with its features.',
  });
export type SignalBody = z.infer<typeof signalBodySchema>;

export const signalSchema = z
  .object({
    id: idField,
    source: z.string(),
    /** As the sender numbered it; a repetition has no second effect. */
    externalId: z.string(),
    model: z.string(),
    receivedAt: instantField,
    status: z.enum(['received', 'answered', 'failed']),
    request: z.record(z.string(), z.unknown()).meta({ description: 'As it came, without its credential.' }),
    predictions: z.array(predictionSchema).nullable(),
    error: wireErrorSchema.nullable(),
  })
  .meta({ id: 'Signal' });
export type Signal = z.infer<typeof signalSchema>;

const sourceRef = z.string().min(1).max(60).meta({ title: 'Source', description: 'Name or identifier.' });
const one = z.strictObject({ source: sourceRef });
const credentialOutput = z.object({
  source: signalSourceSchema,
  credential: z.string().meta({ description: 'Shown once: the secret that signs, or the token for the body.' }),
});

export const signals = {
  sources: operation({
    method: 'GET',
    path: '/signals/sources',
    summary: 'Who may send signals',
    input: z.strictObject({}),
    output: z.object({ sources: z.array(signalSourceSchema) }),
  }),
  create: operation({
    method: 'POST',
    path: '/signals/sources',
    summary: 'Let a program send signals to one sealed model; answers with its credential',
    scope: 'execute',
    secret: true,
    positional: ['name', 'model'],
    input: z.strictObject({
      name: z
        .string()
        .regex(
          /^[a-z0-9][a-z0-9._-]{0,59}$/,
          'Expected up to 60 lower-case letters, digits, dots, dashes or underscores.',
        )
        .meta({ title: 'Name', examples: ['charts'] }),
      model: refField.meta({ title: 'Model' }),
      mode: z.enum(['signed', 'token']).default('signed').meta({
        title: 'Credential',
        description: 'A signature over the body, or a token inside it where the sender cannot sign.',
      }),
      perMinute: z.coerce.number().int().min(1).max(600).default(60).meta({ title: 'Signals a minute at most' }),
    }),
    output: credentialOutput,
  }),
  rotate: operation({
    method: 'POST',
    path: '/signals/sources/{source}/rotate',
    summary: 'A new credential; the old one is refused at once',
    scope: 'execute',
    secret: true,
    positional: ['source'],
    input: one,
    output: credentialOutput,
  }),
  disable: operation({
    method: 'POST',
    path: '/signals/sources/{source}/disable',
    summary: 'Refuse what a source sends',
    scope: 'execute',
    positional: ['source'],
    input: one,
    output: signalSourceSchema,
  }),
  enable: operation({
    method: 'POST',
    path: '/signals/sources/{source}/enable',
    summary: 'Take what a source sends again',
    scope: 'execute',
    positional: ['source'],
    input: one,
    output: signalSourceSchema,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/signals/sources/{source}',
    summary: 'Remove a source; what it sent stays',
    scope: 'execute',
    positional: ['source'],
    input: one,
    output: z.object({ removed: idField }),
  }),
  list: operation({
    method: 'GET',
    path: '/signals',
    summary: 'Signals with what the model answered, newest first',
    sensitive: true,
    input: z.strictObject({ ...pageInput, day: dateField.optional() }),
    output: z.object({ signals: z.array(signalSchema), total: z.number().int() }),
  }),
  export: operation({
    method: 'GET',
    path: '/signals/export/{day}',
    summary: 'The record of one day (UTC): one JSON object per line',
    scope: 'export',
    positional: ['day'],
    input: z.strictObject({ day: dateField }),
    output: z.object({ filename: z.string(), mediaType: z.literal('application/jsonl'), text: z.string() }),
  }),
};
