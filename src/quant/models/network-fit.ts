/**
 * What every network does in a fit: several seeds on the same purged split, forecasts in units of the label, golden rows for the seal.
 * Losses that know no scale (correlations, Sharpe) are calibrated by Grinold's rule: forecast = IC × deviation × score (Grinold 1994).
 */
import { AppError } from '#base/errors';
import { deriveSeed } from '../array/random';
import { mean, standardDeviation } from '../array/stats';
import { dailyRankIc } from '../nn/batch-units';
import type { Batch, InputTable } from '../nn/engine';
import { parameterCount, type Network } from '../nn/network';
import type { TrainedNetwork, TrainingRecipe } from '../nn/training';
import { deviceOf, type NetworkParams } from './network-params';
import type { FittedNetwork, PanelContext, PanelInput, PanelTraining, TrainingReport } from './panel-model';
import { featureRange, type PanelInputs } from './panel-inputs';

/** A correlation below this would make all forecasts equal: rankings are kept, at little weight. */
const LEAST_IC = 0.005;

export interface NetworkFit {
  readonly data: PanelTraining;
  readonly params: NetworkParams;
  readonly recipe: TrainingRecipe;
  readonly network: Network;
  readonly inputs: PanelInputs;
  readonly input: PanelInput;
  /** With targets in units of the label's deviation. */
  readonly units: readonly Batch[];
  readonly validation: readonly Batch[];
  readonly golden: Batch;
}

/** Errors: what the trainer reports; INVALID_CONFIG for a pretrained model of another network or other features. */
export async function fitNetwork(
  fit: NetworkFit,
  context: PanelContext,
): Promise<{ readonly fitted: FittedNetwork; readonly report: TrainingReport }> {
  const { data, params, network, inputs, validation } = fit;
  const starts = startsOf(fit, context);
  const trained: TrainedNetwork[] = [];
  const seeds: number[] = [];
  for (let member = 0; member < params.seeds; member++) {
    const seed = deriveSeed(context.seed, `member/${member}`);
    const start = starts?.[member % starts.length];
    seeds.push(seed);
    trained.push(
      await context.networks.train({
        key: `${context.key}/${member}`,
        title: `${context.title}, seed ${member + 1} of ${params.seeds}`,
        network,
        inputs: inputs.table,
        features: data.names,
        units: fit.units,
        validation,
        recipe: fit.recipe,
        seed,
        ...(start && { start }),
      }),
    );
  }
  const members = trained.map(({ parameters }) => parameters);
  const answer = async (batches: readonly Batch[]) =>
    context.networks.predict({ network, members, inputs: inputs.table, batches, device: deviceOf(params) });
  const judged = validation.length > 0 ? validation : fit.units.slice(-21).filter(({ kind }) => kind !== 'sequences');
  const answers = await answer(judged);
  const output = outputOf(fit, judged, answers);
  const [goldenOutputs] = await answer([fit.golden]);
  return {
    fitted: {
      features: data.names,
      network,
      members,
      scaler: data.scaler,
      range: featureRange(data),
      output,
      input: fit.input,
      choice: deviceOf(params),
      device: trained[0].device,
      validation: validationOf(trained),
      golden: { ...goldenInputs(inputs.table, fit.golden), outputs: goldenOutputs },
    },
    report: {
      device: trained[0].device,
      members: trained.map(({ bestEpoch, epochs, stopped }, m) => ({ seed: seeds[m], bestEpoch, epochs, stopped })),
    },
  };
}

function startsOf({ data, params, network }: NetworkFit, { previous, pretrained }: PanelContext) {
  if (params.warmStart && previous) return previous.members;
  if (params.pretrained === null) return undefined;
  const { features, network: theirs, members } = pretrained(params.pretrained);
  if (features.join('\n') !== data.names.join('\n')) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected a pretrained model of the features ${data.names.join(', ')} in this order, found ${features.join(', ')}. Choose the same features, or another model.`,
      { data: { expected: data.names, found: features } },
    );
  }
  const size = parameterCount(network);
  if (theirs.kind !== network.kind || members.some(({ length }) => length !== size)) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected a pretrained ${network.kind} of ${size} parameters, found ${theirs.kind} of ${members[0].length}. Use the sizes it was trained with.`,
      { data: { expected: size, found: members[0].length } },
    );
  }
  return members;
}

/** Squared and Huber losses learn the scaled label itself; the others a score. */
function outputOf({ data, params }: NetworkFit, judged: readonly Batch[], answers: readonly Float32Array[]) {
  const { mean: shift, deviation } = data.target;
  if (params.loss === 'mse' || params.loss === 'huber') return { shift, scale: deviation };
  const scores = Float64Array.from(answers.flatMap((values) => Array.from(values)));
  const ics = judged.flatMap((batch, k) => dailyRankIc(batch, answers[k]));
  const spread = scores.length > 1 ? standardDeviation(scores) : 0;
  if (!(spread > 0)) return { shift, scale: 0 };
  const scale = (Math.max(LEAST_IC, ics.length > 0 ? mean(ics) : 0) * deviation) / spread;
  return { shift: shift - scale * mean(scores), scale };
}

function validationOf(trained: readonly TrainedNetwork[]): FittedNetwork['validation'] {
  const best = trained.map(({ epochs, bestEpoch }) => epochs[bestEpoch]);
  const known = (values: readonly (number | null | undefined)[]) => values.filter((value) => typeof value === 'number');
  const ics = known(best.map((epoch) => epoch?.validationIc));
  const losses = known(best.map((epoch) => epoch?.validationLoss));
  return {
    ic: ics.length > 0 ? mean(ics) : null,
    icDeviation: ics.length > 1 ? standardDeviation(ics) : null,
    loss: losses.length > 0 ? mean(losses) : null,
  };
}

/** The inputs that a batch of windows or one graph reads, row by row. */
function goldenInputs({ values, days, inputs: K }: InputTable, batch: Batch): Omit<FittedNetwork['golden'], 'outputs'> {
  const steps = batch.kind === 'windows' ? batch.lookback : 1;
  const gathered = new Float32Array(batch.series.length * steps * K);
  batch.series.forEach((series, row) => {
    const last = batch.kind === 'windows' ? batch.end[row] : batch.kind === 'graph' ? batch.day : 0;
    const from = (series * days + last - steps + 1) * K;
    gathered.set(values.subarray(from, from + steps * K), row * steps * K);
  });
  if (batch.kind !== 'graph') return { inputs: gathered };
  return { inputs: gathered, graph: { rowStart: batch.rowStart, columns: batch.columns } };
}

/** Scaled label; NaN stays. */
export function scaledTarget(data: PanelTraining, row: number, asset: number, loss: NetworkParams['loss']): number {
  const label = data.labels[row * data.assets.length + asset];
  // The Sharpe loss is about money: its targets keep their sign and their zero.
  if (loss === 'sharpe') return label / (data.target.deviation || 1);
  return data.target.deviation > 0 ? (label - data.target.mean) / data.target.deviation : label - data.target.mean;
}

/** Rows with labels to train and to validate on; between them nothing whose label reaches into the validation. */
export function splitRows(
  { dates, assets, labels, firstTrainRow, reach }: PanelTraining,
  share: number,
): { train: number[]; validate: number[] } {
  const N = assets.length;
  const rows = Array.from({ length: dates.length - firstTrainRow }, (_, k) => firstTrainRow + k).filter((row) =>
    labels.subarray(row * N, (row + 1) * N).some(Number.isFinite),
  );
  const held = Math.floor(rows.length * share);
  const kept = rows.length - held - (held > 0 ? reach : 0);
  return { train: rows.slice(0, Math.max(0, kept)), validate: held > 0 ? rows.slice(-held) : [] };
}

export function notEnough(title: string, needed: string, found: string): AppError {
  return new AppError(
    'NOT_ENOUGH_DATA',
    `Expected ${needed} for ${title}, found ${found}. Lengthen backtest.window.train, shorten the look-back or import more assets.`,
    { data: { needed, found } },
  );
}
