/** The LSTM on a panel: windows or chunks of each asset's days; forecasts always from windows of the same look-back. */
import type { z } from 'zod';
import { AppError } from '#base/errors';
import type { Batch, SequenceBatch, WindowBatch } from '#quant/nn/engine';
import type { LstmNetwork } from '#quant/nn/network';
import { fitNetwork, notEnough, scaledTarget, splitRows } from '../network-fit';
import { recipeOf } from '../network-params';
import { isUsable, panelInputs, type PanelInputs } from '../panel-inputs';
import type { FittedNetwork, PanelInput, PanelModel, PanelTraining } from '../panel-model';
import { type params as schema, spec } from './spec';

type Params = z.infer<typeof schema>;

/** Days that a chunk predicts in sequence mode. */
const CHUNK_DAYS = 63;
const GOLDEN_ROWS = 32;

export const model: PanelModel<Params> = {
  kind: 'panel',
  history: ({ lookback }) => ({ features: lookback, returns: 0 }),

  async fit(data, params, context) {
    const { lookback } = params;
    const inputs = panelInputs(data, data.scaler);
    const { train, validate } = splitRows(data, params.validationShare);
    const rowsOf = (rows: readonly number[]) =>
      rows.map((row) => windowsAt(inputs, data, row, params)).filter((unit) => unit.series.length >= 2);
    const windows = rowsOf(train.filter((_, k) => (train.length - 1 - k) % params.stride === 0));
    const units: Batch[] = params.mode === 'windows' ? windows : chunks(inputs, data, train, params);
    const validation = rowsOf(validate.filter((_, k) => (validate.length - 1 - k) % params.stride === 0));
    const count = windows.reduce((sum, unit) => sum + unit.series.length, 0);
    if (windows.length < 2 || units.length === 0) {
      throw notEnough(
        spec.title,
        `at least 2 training dates with ${lookback} days of history and 2 assets each`,
        `${windows.length}`,
      );
    }
    if (params.validationShare > 0 && validation.length === 0) {
      throw notEnough(spec.title, 'at least one validation date', 'none');
    }
    const golden = windows[windows.length - 1];
    const result = await fitNetwork(
      {
        data,
        params,
        recipe: recipeOf(params, params.batch),
        network: networkOf(params, data.columns.length),
        inputs,
        input: { kind: 'windows', lookback },
        units,
        validation,
        golden: firstRows(golden, Math.min(GOLDEN_ROWS, golden.series.length)),
      },
      context,
    );
    return { ...result, rows: count };
  },

  async forecast(fitted, slice, networks) {
    const { lookback } = windowsOf(fitted);
    const inputs = panelInputs(slice, fitted.scaler);
    const row = slice.dates.length - 1;
    const asked = slice.assets.map((_, i) => i).filter((i) => isUsable(inputs, i, row, lookback));
    const values = new Float64Array(slice.assets.length).fill(NaN);
    if (asked.length === 0) return values;
    const batch: WindowBatch = {
      kind: 'windows',
      series: Uint32Array.from(asked),
      end: new Uint32Array(asked.length).fill(row),
      lookback,
      groups: Uint32Array.of(0, asked.length),
    };
    const { network, members, output, choice } = fitted;
    const [answers] = await networks.predict({
      network,
      members,
      inputs: inputs.table,
      batches: [batch],
      device: choice,
    });
    asked.forEach((i, j) => {
      values[i] = output.shift + output.scale * answers[j];
    });
    return values;
  },

  work(params, { assets, days, features }) {
    const { lookback, batch, mode, stride, seeds } = params;
    const dates = Math.max(1, Math.floor(days * (1 - params.validationShare)));
    const isWindows = mode === 'windows';
    const units = isWindows ? Math.ceil(dates / stride) * assets : Math.ceil(dates / CHUNK_DAYS) * assets;
    return {
      kind: mode,
      network: networkOf(params, features),
      recipe: recipeOf(params, batch),
      members: seeds,
      table: { series: assets, days: days + lookback },
      largest: {
        rows: Math.min(units, isWindows ? Math.max(batch, assets) : batch),
        steps: isWindows ? lookback : lookback - 1 + CHUNK_DAYS,
        edges: 0,
      },
      updates: Math.ceil(units / batch),
    };
  },
};

function windowsOf({ input }: FittedNetwork): Extract<PanelInput, { kind: 'windows' }> {
  if (input.kind === 'windows') return input;
  throw new AppError('INTERNAL', `Expected a fitted network of windows, found one of ${input.kind}.`);
}

function networkOf({ hidden, layers, dropout, layerNorm }: Params, features: number): LstmNetwork {
  return { kind: 'lstm', inputs: features, hidden, layers, dropout, layerNorm };
}

/** One date's cross-section with targets. */
function windowsAt(inputs: PanelInputs, data: PanelTraining, row: number, { lookback, loss }: Params): WindowBatch {
  const N = data.assets.length;
  const asked = data.assets
    .map((_, i) => i)
    .filter((i) => Number.isFinite(data.labels[row * N + i]) && isUsable(inputs, i, row, lookback));
  return {
    kind: 'windows',
    series: Uint32Array.from(asked),
    end: new Uint32Array(asked.length).fill(row),
    lookback,
    targets: Float32Array.from(asked, (i) => scaledTarget(data, row, i, loss)),
    groups: Uint32Array.of(0, asked.length),
  };
}

/** Every asset's training days in chunks, each day predicted once; chunks of one asset without a label are left out. */
function chunks(inputs: PanelInputs, data: PanelTraining, train: readonly number[], params: Params): SequenceBatch[] {
  const { lookback, loss } = params;
  const N = data.assets.length;
  const days = Math.min(CHUNK_DAYS, train.length);
  const burnIn = lookback - 1;
  const units: SequenceBatch[] = [];
  const last = train[train.length - 1];
  const next = (row: number) => train.find((known) => known >= row) ?? Infinity;
  for (let from = next(0); from <= last; from = next(from + days)) {
    // The last chunk ends with the last day; what the one before has predicted already has no target in it.
    const first = Math.min(from, last - days + 1);
    const targetsOf = (i: number) =>
      Float32Array.from({ length: days }, (_, d) => {
        const row = first + d;
        return row >= from && isUsable(inputs, i, row, lookback) ? scaledTarget(data, row, i, loss) : NaN;
      });
    for (let i = 0; i < N; i++) {
      const targets = targetsOf(i);
      if (targets.every(Number.isNaN)) continue;
      units.push({
        kind: 'sequences',
        series: Uint32Array.of(i),
        start: Uint32Array.of(first - burnIn),
        length: burnIn + days,
        burnIn,
        targets,
      });
    }
  }
  return units;
}

function firstRows(batch: WindowBatch, rows: number): WindowBatch {
  return {
    kind: 'windows',
    lookback: batch.lookback,
    series: batch.series.slice(0, rows),
    end: batch.end.slice(0, rows),
    groups: Uint32Array.of(0, rows),
  };
}
