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

/** Inputs of one prediction: checked by name, number, finiteness and range, never coerced. */
export const frameSchema = z
  .strictObject({
    rows: z
      .array(z.string().min(1).max(64))
      .min(1)
      .max(5000)
      .meta({ title: 'Rows', description: 'One name each, such as tickers.' }),
    features: z
      .array(z.string().min(1).max(200))
      .min(1)
      .max(1000)
      .meta({ title: 'Features', description: 'Names, in the order of the values.' }),
    values: z.array(z.number()).min(1).max(50_000_000).meta({
      title: 'Values',
      description: 'Row by row, within a row day by day, within a day in the order of the features; not scaled.',
    }),
  })
  .meta({ id: 'Frame', title: 'Frame' });

export const predictionSchema = z
  .object({
    row: z.string(),
    /** Forecast return over the horizon; null = no signal. */
    value: z.number().nullable(),
    /** Why there is no signal. */
    reason: z.string().nullable(),
  })
  .meta({ id: 'Prediction' });

export const marketForecastSchema = z
  .object({
    model: z.string(),
    /** Last close that the forecasts know. */
    decidedOn: dateField,
    signal: z.enum(['forecast', 'none']),
    reason: z.string().nullable().meta({ description: 'Why there is no signal.' }),
    horizon: z.int().meta({ unit: 'trading days' }),
    /** Expected simple return over the horizon, of assets that can be judged. */
    forecasts: z.array(z.object({ asset: z.string(), forecast: z.number() })),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'MarketForecast' });
export type MarketForecast = z.infer<typeof marketForecastSchema>;

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
  predict: operation({
    method: 'POST',
    path: '/models/{model}/predictions',
    summary: 'Forecasts of a sealed model for one cross-section of inputs',
    positional: ['model'],
    sensitive: true,
    input: z.strictObject({
      model: refField,
      frame: frameSchema,
      graph: z
        .strictObject({ rowStart: z.array(z.int().gte(0)), columns: z.array(z.int().gte(0)) })
        .optional()
        .meta({ title: 'Graph', description: 'Edges between the rows, for graph models: compressed rows.' }),
      date: dateField.meta({ title: 'Date of the inputs', description: 'Last day that the frame knows.' }),
      asOf: dateField.optional().meta({
        title: 'Today',
        description: 'Where given, inputs more than one trading day older give no signal.',
      }),
    }),
    output: z.object({
      model: idField,
      name: z.string(),
      device: z.string(),
      predictions: z.array(predictionSchema),
      warnings: z.array(z.string()),
    }),
  }),
  forecast: operation({
    method: 'POST',
    path: '/models/{model}/forecast',
    summary: 'Forecasts of a sealed model from the newest days of a dataset; no signal where data or model are stale',
    positional: ['model'],
    input: z.strictObject({
      model: refField,
      dataset: refField.optional().meta({ title: 'Dataset', description: 'Of the run that trained it unless named.' }),
      asOf: dateField.optional().meta({ title: 'As of', description: 'The last day of the data unless named.' }),
    }),
    output: marketForecastSchema,
  }),
  export: operation({
    method: 'POST',
    path: '/models/{model}/export',
    summary: 'A sealed LSTM as an ONNX file, scaling and all members included',
    scope: 'export',
    positional: ['model'],
    input: z.strictObject({ model: refField }),
    output: z.object({
      filename: z.string(),
      mediaType: z.literal('application/octet-stream'),
      encoding: z.literal('base64'),
      text: z.string(),
    }),
  }),
};
