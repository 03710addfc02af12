/**
 * `feature-build`, `model-train` and `rebalance`: from a dataset to features, from a configuration to a run, from a run to the weights
 * that somebody signs off. Each takes what is on record where nothing has changed.
 */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { reportRequestSchema } from '#contract/reports';
import { runConfigSchema } from '#contract/runs';
import { step, THREE_TIMES, type FlowDefinition, type Step } from '../flow';
import type { FlowServices } from '../flow-services';
import { exists } from './ingest';

const featureParams = z.strictObject({
  dataset: z.string().min(1).max(300).default('latest').meta({ title: 'Dataset' }),
  features: runConfigSchema.shape.model.unwrap().shape.features,
});
type FeatureParams = z.infer<typeof featureParams>;

const featureSummary = z.object({
  dataset: z.string(),
  hash: z.string(),
  features: z.array(z.object({ name: z.string(), firstDate: z.string().nullable(), coverage: z.number() })),
});

export function featureBuildFlow({ datasets, runOnce }: FlowServices): FlowDefinition<FeatureParams> {
  const compute = step<FeatureParams, typeof featureSummary>({
    id: 'compute',
    title: 'Compute the features',
    resource: 'cpu',
    retries: THREE_TIMES,
    output: featureSummary,
    cacheKey: async ({ params }) => ({
      content: datasets.find(params.dataset).contentHash,
      features: params.features,
    }),
    perform: async ({ params, signal }) => {
      const { id } = datasets.find(params.dataset);
      const answer = await runOnce(
        'build-features',
        { ...(await datasets.history(id)), features: params.features },
        { signal },
      );
      const built = featureSummary.omit({ dataset: true }).parse(answer);
      return () => ({ dataset: id, ...built });
    },
  });
  return {
    flow: 'feature-build',
    title: 'Build features',
    summary: 'Computes the features of a dataset once more and says from when and how completely each is known.',
    atOnce: 1,
    params: featureParams,
    steps: [compute],
  };
}

export const trainParams = z.strictObject({ config: runConfigSchema });
type TrainParams = z.infer<typeof trainParams>;
const ranSchema = z.object({ run: z.string(), name: z.string(), sharpe: z.number().nullable() });

function trainStep({ datasets, runs }: FlowServices): Step<TrainParams, typeof ranSchema> {
  return step({
    id: 'train',
    title: 'Walk forward and fit',
    resource: 'cpu',
    output: ranSchema,
    cacheKey: async ({ params: { config } }) => ({ config, content: datasets.find(config.data.dataset).contentHash }),
    stillThere: ({ run }) => exists(() => runs.show(run)),
    enqueue: ({ params }) => runs.start(params.config).job,
    perform: async (_context, job) => {
      const { id, name, headline } = runs.show(job?.subject ?? '');
      return () => ({ run: id, name, sharpe: headline?.sharpe.value ?? null });
    },
  });
}

export function modelTrainFlow(services: FlowServices): FlowDefinition<TrainParams> {
  return {
    flow: 'model-train',
    title: 'Train',
    summary:
      'Runs an experiment on the newest version of its dataset; the same data and configuration are not run twice.',
    atOnce: 1,
    params: trainParams,
    steps: [trainStep(services)],
  };
}

const rebalanceParams = trainParams.extend({
  staleDays: z.int().gte(0).lte(400).default(7).meta({
    title: 'Data may be old by',
    unit: 'calendar days',
    description: 'Older prices give no weights. 400 for history.',
  }),
});
type RebalanceParams = z.infer<typeof rebalanceParams>;
const DAY_MS = 86_400_000;

export function rebalanceFlow(services: FlowServices): FlowDefinition<RebalanceParams> {
  const { datasets, portfolios, reports } = services;
  const freshSchema = z.object({ dataset: z.string(), lastDate: z.string(), ageDays: z.number() });
  const fresh = step<RebalanceParams, typeof freshSchema>({
    id: 'freshness',
    title: 'Check how old the data is',
    output: freshSchema,
    perform: async ({ params, now }) => {
      const { id, manifest } = datasets.find(params.config.data.dataset);
      const ageDays = Math.floor((now() - Date.parse(manifest.lastDate)) / DAY_MS);
      if (ageDays > params.staleDays) {
        throw new AppError(
          'INVALID_DATA',
          `Expected prices at most ${params.staleDays} days old, found a last day of ${manifest.lastDate} (${ageDays} days). Ingest newer files first.`,
          { data: { lastDate: manifest.lastDate, ageDays } },
        );
      }
      return () => ({ dataset: id, lastDate: manifest.lastDate, ageDays });
    },
  });
  const train = { ...(trainStep(services) as Step<RebalanceParams, typeof ranSchema>), needs: [fresh] }; // its parameters are a part of ours
  const weightsSchema = z.object({ portfolio: z.string(), assets: z.number(), satisfied: z.boolean() });
  const weights = step<RebalanceParams, typeof weightsSchema>({
    id: 'weights',
    title: 'Check the target weights',
    needs: [train],
    output: weightsSchema,
    perform: async ({ outputOf, log }) => {
      const { id, weights: targets, checks } = portfolios.show(outputOf(train).run);
      const broken = checks.filter(({ satisfied }) => !satisfied);
      for (const { constraint, value } of broken) log('warn', `${constraint} does not hold: ${value}.`);
      return () => ({ portfolio: id, assets: targets.length, satisfied: broken.length === 0 });
    },
  });
  const reportSchema = z.object({ report: z.string() });
  const report = step<RebalanceParams, typeof reportSchema>({
    id: 'report',
    title: 'Write the rebalance report',
    needs: [train, weights],
    resource: 'cpu',
    retries: THREE_TIMES,
    output: reportSchema,
    enqueue: ({ outputOf }) =>
      reports.request(reportRequestSchema.parse({ kind: 'rebalance', run: outputOf(train).run })).job,
    perform: async (_context, job) => () => ({ report: job?.subject ?? '' }),
  });
  return {
    flow: 'rebalance',
    title: 'Rebalance',
    summary: 'Fresh data, a run, target weights with their constraints, and the report to sign off. Nothing is traded.',
    atOnce: 1,
    params: rebalanceParams,
    steps: [fresh, train, weights, report],
  };
}
