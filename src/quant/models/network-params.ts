/** Parameters that all networks share: loss, optimizer, stopping, seeds, device. */
import { z } from 'zod';
import type { DeviceChoice, TrainingRecipe } from '../nn/training';

export const networkParams = {
  loss: z.enum(['mse', 'huber', 'ic', 'rank-ic', 'sharpe']).default('mse').meta({
    title: 'Loss',
    description:
      'Squared error, Huber, correlation with the outcome per date, the same on ranks, or the Sharpe ratio of softmax portfolios.',
  }),
  dropout: z.number().gte(0).lte(0.9).default(0.1).meta({ title: 'Dropout', unit: 'share of units' }),
  learningRate: z.number().gt(0).lte(1).default(0.001).meta({ title: 'Learning rate' }),
  schedule: z.enum(['constant', 'cosine', 'step']).default('cosine').meta({
    title: 'Schedule',
    description:
      'Constant; cosine to 0 after a warm-up; or a tenth after half and again after three quarters of all steps.',
  }),
  warmUp: z.number().gte(0).lte(0.5).default(0.05).meta({ title: 'Warm-up', unit: 'share of all steps' }),
  weightDecay: z
    .number()
    .gte(0)
    .lte(1)
    .default(0.0001)
    .meta({ title: 'Weight decay', description: 'Decoupled (AdamW).' }),
  clip: z.number().gt(0).nullable().default(1).meta({
    title: 'Gradient clipping',
    description: 'Largest 2-norm of a gradient; empty = no limit.',
  }),
  patience: z.int().gte(1).lte(500).default(5).meta({
    title: 'Patience',
    unit: 'epochs',
    description: 'Training ends after this many epochs without a better validation loss; the best epoch is kept.',
  }),
  validationShare: z.number().gte(0).lte(0.5).default(0.2).meta({
    title: 'Validation share',
    unit: 'share of training days',
    description: 'The last days of the training window, purged by the horizon and the lag; 0 = train all epochs.',
  }),
  seeds: z.int().gte(1).lte(32).default(3).meta({
    title: 'Seeds',
    unit: 'networks',
    description: 'Networks of different seeds whose forecasts are averaged; mean and spread are reported.',
  }),
  warmStart: z.boolean().default(false).meta({
    title: 'Warm start',
    description: 'Each refit begins with the weights of the one before.',
  }),
  pretrained: z.string().min(1).max(300).nullable().default(null).meta({
    title: 'Pretrained model',
    description: 'Name of a sealed model with the same network and features: training begins with its weights.',
  }),
  device: z.enum(['auto', 'wgsl', 'tf', 'wasm', 'reference']).default('auto').meta({
    title: 'Device',
    description: 'auto takes the best that works and records it; any other is used or the run stops.',
  }),
  precision: z
    .enum(['f32', 'f16'])
    .default('f32')
    .meta({ title: 'Precision', description: 'f16 stores activations in half.' }),
  strict: z.boolean().default(false).meta({
    title: 'Same bits on every machine',
    description: 'Without fused multiply-add, at about half the speed.',
  }),
};

const shared = z.strictObject(networkParams);
export type NetworkParams = z.infer<typeof shared>;

export function deviceOf({ device, precision, strict }: NetworkParams): DeviceChoice {
  return { device, precision, strict };
}

export function recipeOf(params: NetworkParams & { readonly epochs: number }, batchRows: number): TrainingRecipe {
  const { loss, epochs, schedule, learningRate, warmUp, weightDecay, clip, patience } = params;
  return {
    loss: { id: loss },
    epochs,
    batchRows,
    schedule: { kind: schedule, learningRate, warmUp },
    weightDecay,
    clipNorm: clip,
    patience,
    device: deviceOf(params),
  };
}
