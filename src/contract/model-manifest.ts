/**
 * What a sealed model bundle says about itself: everything that is needed to use the weights as they were trained, and to refuse any
 * other use. The bundle is one safetensors file; this manifest is its metadata, so that weights and manifest cannot be exchanged apart.
 */
import { z } from 'zod';
import { dateField, sha256Field } from './fields';

const MOST_FEATURES = 1000;
const count = (most: number) => z.int().gte(1).lte(most);
const share = z.number().gte(0).lt(1);

/** As `#quant/nn/network` describes networks. */
export const networkSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('lstm'),
      inputs: count(MOST_FEATURES),
      hidden: count(128),
      layers: count(8),
      dropout: share,
      layerNorm: z.boolean(),
    }),
    z.strictObject({
      kind: z.literal('gat'),
      inputs: count(MOST_FEATURES),
      layers: z
        .array(z.strictObject({ heads: count(16), channels: count(128), concat: z.boolean() }))
        .min(1)
        .max(8),
      negativeSlope: z.number().gte(0).lte(1),
      dropout: share,
    }),
  ])
  .meta({ id: 'Network' });

/** How the inputs of a prediction are made from a panel. */
export const modelInputSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('windows'), lookback: count(1000) }),
    z.strictObject({
      kind: z.literal('graph'),
      /** Trading days of returns behind the edges. */
      window: count(2000),
      association: z.enum(['correlation', 'distance-correlation']),
      filter: z.enum(['tmfg', 'knn']),
      neighbors: count(100),
      sectorEdges: z.boolean(),
    }),
  ])
  .meta({ id: 'ModelInput' });

export const bundleFeatureSchema = z
  .strictObject({
    name: z.string().min(1).max(200),
    dtype: z.literal('float32'),
    unit: z.string().max(100),
    /** The scaler: (x − mean) / deviation, 0 where the deviation is 0; fitted on the training rows. */
    mean: z.number(),
    deviation: z.number().gte(0),
    /** Least and largest value in training, before scaling. */
    minimum: z.number(),
    maximum: z.number(),
  })
  .meta({ id: 'BundleFeature' });
export type BundleFeature = z.infer<typeof bundleFeatureSchema>;

export const modelManifestSchema = z
  .strictObject({
    format: z.literal('sextant-model-1'),
    /** Identifier of the model in the catalog. */
    model: z.string().min(1).max(60),
    network: networkSchema,
    /** Networks of different seeds whose forecasts are averaged. */
    members: count(32),
    input: modelInputSchema,
    features: z.array(bundleFeatureSchema).min(1).max(MOST_FEATURES),
    /** SHA-256 of name, dtype and unit of every feature, in order. */
    featuresHash: sha256Field,
    transform: z.strictObject({
      transform: z.enum(['rank', 'zscore', 'none']),
      winsorize: z.number().gte(0).lt(0.5),
    }),
    label: z.strictObject({
      definition: z.literal('simple return from the close of day t + lag over the horizon'),
      horizon: count(252),
      lag: count(10),
    }),
    /** Forecast = shift + scale × mean output of the members, in the unit of the label. */
    output: z.strictObject({ shift: z.number(), scale: z.number() }),
    /** First and last trading day of the training rows, and the day of the fit: nothing later was known. */
    trained: z.strictObject({ from: dateField, to: dateField, cutoff: dateField, rows: z.int().gte(1) }),
    /** Trading days after the cut-off for which the model speaks. */
    validFor: count(2520),
    calendar: z.string().min(1).max(100),
    datasetHash: sha256Field,
    /** Hash of version, commit and lock file of the program that trained it. */
    codeHash: sha256Field,
    seed: z.int().gte(0),
    device: z.string().min(1).max(200),
    validation: z.strictObject({
      ic: z.number().nullable(),
      icDeviation: z.number().nullable(),
      loss: z.number().nullable(),
    }),
    /** Rows with expected outputs, replayed at every load; tensors `golden.*`. */
    golden: z.strictObject({ rows: count(32), tolerance: z.number().gt(0).lte(1e-3) }),
  })
  .meta({ id: 'ModelManifest' });
export type ModelManifest = z.infer<typeof modelManifestSchema>;
