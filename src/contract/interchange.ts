/**
 * Runs on their way out and in: sealed bundles in a folder or S3-compatible storage, verified on arrival; the MLflow file-store layout;
 * an MLflow tracking server. Nothing leaves the machine unless the caller names the place, and then under the privacy configuration.
 */
import { z } from 'zod';
import { idField, refField } from './fields';
import { operation } from './operation';

const placeField = z.string().min(1).max(1000).meta({
  title: 'Place',
  description: 'A folder, or s3://bucket/prefix (keys and endpoint from the AWS_* environment).',
});

export const interchange = {
  export: operation({
    method: 'POST',
    path: '/interchange/export',
    summary: 'Export a run to a folder or S3-compatible storage: as a bundle, as MLflow files, or for Weights & Biases',
    scope: 'export',
    positional: ['run', 'to'],
    input: z.strictObject({
      run: refField,
      to: placeField,
      format: z.enum(['bundle', 'mlflow', 'wandb']).default('bundle').meta({ title: 'Format' }),
      experimental: z.boolean().default(false).meta({
        title: 'Experimental',
        description: 'Needed for wandb, which was not tried with the wandb program; the answer says what is missing.',
      }),
    }),
    output: z.object({
      run: idField,
      place: z.string(),
      files: z.int(),
      bytes: z.int(),
      missing: z.array(z.string()),
    }),
  }),
  import: operation({
    method: 'POST',
    path: '/interchange/import',
    summary:
      'Import a run and its sealed models from a bundle; every byte is verified first, and nothing is stored otherwise',
    scope: 'train',
    positional: ['from'],
    input: z.strictObject({ from: placeField }),
    output: z.object({
      run: idField,
      name: z.string(),
      files: z.int(),
      bytes: z.int(),
      /** Sealed models that came with it and gave their golden rows back here. */
      models: z.int(),
      /** What it is registered as here. */
      versions: z.array(z.string()),
      notes: z.array(z.string()),
    }),
  }),
  log: operation({
    method: 'POST',
    path: '/interchange/log',
    summary:
      'Log a run to an MLflow tracking server: parameters, metrics, tags, artifacts, and its registered versions',
    scope: 'export',
    positional: ['run', 'server'],
    input: z.strictObject({
      run: refField,
      server: z.url({ protocol: /^https?$/ }).meta({
        title: 'Server',
        description: 'Must be named; another machine must also be allowed in the privacy configuration.',
        examples: ['http://127.0.0.1:5000'],
      }),
      experiment: z
        .string()
        .min(1)
        .max(300)
        .optional()
        .meta({ title: 'Experiment', description: 'That of the run unless named.' }),
    }),
    output: z.object({
      run: idField,
      mlflowRun: z.string(),
      experiment: z.string(),
      url: z.string(),
      parameters: z.int(),
      metrics: z.int(),
      tags: z.int(),
      artifacts: z.int(),
      versions: z.int(),
      notes: z.array(z.string()),
    }),
  }),
};
