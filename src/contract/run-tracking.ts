/**
 * What is kept about a run beside its results: tags, notes, metrics over steps, artifacts, and what a rerun proved.
 * Words about a run may change for ever; the run itself may not.
 */
import { z } from 'zod';
import { idField, instantField, refField, sha256Field } from './fields';
import { operation } from './operation';

/** Set by the program when a run starts; they state facts and are not edited. */
export const FACT_TAGS = ['data_version', 'model_hash'] as const;
export const RUN_PHASES = ['research', 'validation', 'paper', 'live'] as const;

const tagName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/;

/** `phase=paper`; an empty value removes the tag. */
export const tagField = z
  .string()
  .max(400)
  .regex(/^[^=]+=/, 'Expected name=value, for example phase=paper.')
  .refine((text) => tagName.test(text.slice(0, text.indexOf('='))), {
    message: 'Expected a tag name of up to 60 letters, digits, dots, dashes or underscores.',
  })
  .meta({ title: 'Tag', description: 'name=value; an empty value removes the tag.', examples: ['phase=paper'] });

const measures = ['sharpe', 'psr', 'cagr', 'max_drawdown'] as const;

/** `sharpe>0.5` */
export const conditionField = z
  .string()
  .regex(
    /^(sharpe|psr|cagr|max_drawdown)\s*(<=|>=|<|>)\s*-?\d+(\.\d+)?$/,
    `Expected a measure (${measures.join(', ')}), one of <, <=, >, >= and a number, for example sharpe>0.5.`,
  )
  .meta({ title: 'Condition', examples: ['sharpe>0.5'] });

export const RUN_ORDERS = ['created', 'name', 'experiment', ...measures] as const;

const someTags = z.union([z.array(tagField).max(50), tagField.transform((tag) => [tag])]);
const someConditions = z.union([z.array(conditionField).max(20), conditionField.transform((each) => [each])]);

/** Filters and order of `runs list`. */
export const runFilterInput = {
  search: z.string().max(200).optional().meta({ title: 'Search', description: 'Part of a name, tag or note.' }),
  experiment: z.string().max(300).optional().meta({ title: 'Experiment' }),
  tag: someTags.optional().meta({ title: 'Tags', description: 'All of them; name=value.' }),
  where: someConditions.optional().meta({ title: 'Conditions', description: 'All of them; sharpe>0.5.' }),
  archived: z
    .stringbool()
    .or(z.boolean())
    .optional()
    .meta({ title: 'Archived', description: 'Only archived runs; they are left out otherwise.' }),
  sort: z.enum(RUN_ORDERS).default('created').meta({ title: 'Order by' }),
  order: z.enum(['asc', 'desc']).default('desc').meta({ title: 'Direction' }),
};

export const rerunCheckSchema = z
  .object({
    /** The run whose configuration was run again. */
    of: idField,
    name: z.string(),
    /** Null where the original has no result to compare with. */
    equal: z.boolean().nullable(),
    /** Facts of the identity that differ. */
    identity: z.array(z.object({ field: z.string(), before: z.string(), after: z.string() })),
    /** The first number that differs: of the summary, then of the series in the order of days. */
    first: z.object({ what: z.string(), before: z.string(), after: z.string() }).nullable(),
    /** In one sentence. */
    verdict: z.string(),
  })
  .meta({ id: 'RerunCheck' });
export type RerunCheck = z.infer<typeof rerunCheckSchema>;

export const artifactSchema = z
  .object({ name: z.string(), sha256: sha256Field, bytes: z.number().int() })
  .meta({ id: 'Artifact' });

const runInput = { run: refField };
const document = z.object({ filename: z.string(), mediaType: z.string(), text: z.string() });

export const runTracking = {
  tag: operation({
    method: 'PUT',
    path: '/runs/{run}/tags',
    summary: 'Set or remove tags of a run',
    scope: 'train',
    positional: ['run', 'tags'],
    input: z.strictObject({ ...runInput, tags: z.array(tagField).min(1).max(50).meta({ title: 'Tags' }) }),
    output: z.object({ id: idField, tags: z.record(z.string(), z.string()) }),
  }),
  note: operation({
    method: 'PUT',
    path: '/runs/{run}/note',
    summary: 'Write the note of a run; it replaces the one before',
    scope: 'train',
    positional: ['run', 'note'],
    input: z.strictObject({ ...runInput, note: z.string().max(20_000).meta({ title: 'Note' }) }),
    output: z.object({ id: idField, note: z.string() }),
  }),
  archive: operation({
    method: 'PUT',
    path: '/runs/{run}/archived',
    summary: 'Take a run out of the lists, or put it back; nothing of it is lost',
    scope: 'train',
    positional: ['run'],
    input: z.strictObject({ ...runInput, archived: z.boolean().default(true).meta({ title: 'Archived' }) }),
    output: z.object({ id: idField, archived: z.boolean() }),
  }),
  remove: operation({
    method: 'DELETE',
    path: '/runs/{run}',
    summary: 'Remove a run that failed or was cancelled; a finished run is evidence and stays',
    scope: 'execute',
    positional: ['run'],
    input: z.strictObject(runInput),
    output: z.object({ removed: idField }),
  }),
  metrics: operation({
    method: 'GET',
    path: '/runs/{run}/metrics',
    summary: 'Metrics of a run over its steps: folds, and the epochs of its networks',
    positional: ['run'],
    input: z.strictObject({
      ...runInput,
      name: z.string().max(300).optional().meta({
        title: 'Metric',
        description: 'All of them unless one is named; epoch/ with its slash for all below it.',
      }),
    }),
    output: z.object({
      metrics: z.array(
        z.object({
          name: z.string(),
          steps: z.array(z.number().int()),
          values: z.array(z.number()),
          /** When each was told; null = with the end of the run. */
          times: z.array(instantField.nullable()),
        }),
      ),
    }),
  }),
  artifacts: operation({
    method: 'GET',
    path: '/runs/{run}/artifacts',
    summary: 'What a run has stored, by content hash',
    positional: ['run'],
    input: z.strictObject(runInput),
    output: z.object({ run: idField, artifacts: z.array(artifactSchema) }),
  }),
  checksums: operation({
    method: 'GET',
    path: '/runs/{run}/checksums',
    summary: 'The checksums of everything that a run has stored, as a JSON document',
    scope: 'export',
    positional: ['run'],
    input: z.strictObject(runInput),
    output: document,
  }),
};
