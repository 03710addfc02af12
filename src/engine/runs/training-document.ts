/** The learning curves of a stored run. */
import { z } from 'zod';
import { type TrainingCurves, trainingCurvesSchema } from '#contract/run-plan';
import { decodeBundle } from '../store/array-bundle';

type Network = TrainingCurves['networks'][number];

const storedSchema = z.object({
  training: z.array(trainingCurvesSchema.shape.networks.element.omit({ validationIc: true })).default([]),
});

export function decodeTraining(bytes: Uint8Array): TrainingCurves {
  const { training } = storedSchema.parse(decodeBundle(bytes).document);
  return { networks: training.map((network) => ({ ...network, validationIc: summaryOf(network.fits) })) };
}

function summaryOf(fits: Network['fits']): Network['validationIc'] {
  const perFit = fits.map(({ members }) =>
    members.map(({ epochs, bestEpoch }) => epochs[bestEpoch]?.validationIc).filter((ic) => typeof ic === 'number'),
  );
  const all = perFit.flat();
  const spreads = perFit.filter((ics) => ics.length > 1).map((ics) => deviation(ics));
  return {
    mean: all.length > 0 ? average(all) : null,
    deviationBetweenSeeds: spreads.length > 0 ? average(spreads) : null,
  };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const mean = average(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
