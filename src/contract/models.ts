/** Models: sealed bundles of what runs have fitted. A bundle is data only; it is verified and replayed at every load. */
import { z } from 'zod';
import { dateField, idField, instantField, pageInput, refField, sha256Field } from './fields';
import { modelManifestSchema } from './model-manifest';
import { operation } from './operation';

export const modelSummarySchema = z
  .object({
    id: idField,
    /** `<model>-<horizon>d-<cut-off>-<id>` */
    name: z.string(),
    run: idField,
    runName: z.string(),
    /** Strategy of the run that forecasts with it. */
    strategy: z.string(),
    /** Identifier of the model in the catalog. */
    model: z.string(),
    createdAt: instantField,
    cutoff: dateField,
    horizon: z.int(),
    device: z.string(),
    /** Of the bundle's bytes. */
    hash: sha256Field,
    bytes: z.int(),
  })
  .meta({ id: 'ModelSummary' });
export type ModelSummary = z.infer<typeof modelSummarySchema>;

export const modelSchema = modelSummarySchema.extend({ manifest: modelManifestSchema }).meta({ id: 'Model' });
export type Model = z.infer<typeof modelSchema>;

export const models = {
  list: operation({
    method: 'GET',
    path: '/models',
    summary: 'Fitted models, newest first',
    input: z.strictObject({ ...pageInput, run: refField.optional().meta({ title: 'Only of this run' }) }),
    output: z.object({ models: z.array(modelSummarySchema), total: z.int() }),
  }),
  show: operation({
    method: 'GET',
    path: '/models/{model}',
    summary: 'One fitted model: what it was trained on, what it expects, what it answers',
    positional: ['model'],
    input: z.strictObject({ model: refField }),
    output: modelSchema,
  }),
};
