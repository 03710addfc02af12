/** What a run will do and take, before it is started: folds, rows, memory and time of its networks, trials. */
import { z } from 'zod';

const bytes = z.number().meta({ unit: 'bytes' });

export const memoryUseSchema = z
  .object({
    parameters: bytes,
    optimizer: bytes,
    activations: bytes,
    workspace: bytes,
    inputs: bytes,
    total: bytes,
  })
  .meta({ id: 'MemoryUse' });

export const networkPlanSchema = z
  .object({
    strategy: z.string(),
    model: z.string(),
    /** What `auto` would take now, or what was asked for. */
    device: z.string(),
    parameters: z
      .number()
      .int()
      .meta({ description: 'Numbers that one network learns, of a grid the one that takes most memory.' }),
    networks: z
      .number()
      .int()
      .meta({ description: 'To be trained: seeds × fits, those of a search over a grid included.' }),
    epochs: z.number().int(),
    updatesPerEpoch: z.number().int(),
    batchRows: z.number().int(),
    /** Rows computed at a time; gradients are accumulated to the batch. */
    microRows: z.number().int(),
    accumulation: z.number().int(),
    /** Every k-th hidden state is kept; 0 = all. */
    checkpointEvery: z.number().int(),
    memory: memoryUseSchema,
    budgetBytes: bytes,
    /** Measured by a probe batch on this device, all epochs and no early stopping. */
    secondsPerNetwork: z.number().meta({ unit: 's' }),
    secondsInAll: z.number().meta({ unit: 's' }),
  })
  .meta({ id: 'NetworkPlan' });
export type NetworkPlan = z.infer<typeof networkPlanSchema>;

export const runPlanSchema = z
  .object({
    folds: z.number().int().meta({ description: 'Refits of the primary strategy; 0 where it fits nothing.' }),
    decisions: z.number().int(),
    firstDecision: z.string(),
    lastDate: z.string(),
    /** Pooled training rows of the first and the last fit. */
    trainRows: z.object({ first: z.number().int(), last: z.number().int() }),
    strategies: z.array(z.string()),
    networks: z.array(networkPlanSchema),
    trials: z.object({ before: z.number().int(), after: z.number().int() }),
  })
  .meta({ id: 'RunPlan' });
export type RunPlan = z.infer<typeof runPlanSchema>;

export const trainingCurvesSchema = z
  .object({
    networks: z.array(
      z.object({
        model: z.string(),
        strategies: z.array(z.string()),
        fits: z.array(
          z.object({
            fittedOn: z.string(),
            device: z.string(),
            members: z.array(
              z.object({
                seed: z.number(),
                bestEpoch: z.number().int(),
                epochs: z.array(
                  z.object({
                    loss: z.number().nullable(),
                    validationLoss: z.number().nullable(),
                    validationIc: z.number().nullable(),
                  }),
                ),
                stopped: z.string().nullable(),
              }),
            ),
          }),
        ),
        /** Validation IC of the best epochs: over all fits and seeds, and how much seeds differ within a fit. */
        validationIc: z.object({ mean: z.number().nullable(), deviationBetweenSeeds: z.number().nullable() }),
      }),
    ),
  })
  .meta({ id: 'TrainingCurves' });
export type TrainingCurves = z.infer<typeof trainingCurvesSchema>;
