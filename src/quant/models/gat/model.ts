/** Graph attention on a panel: one graph per date from the trailing returns of the assets that can be judged on it. */
import type { z } from 'zod';
import { AppError } from '#base/errors';
import { associations } from '#quant/graphs/association';
import {
  compressedRows,
  nearestNeighbors,
  type Pairs,
  sectorNeighbors,
  triangulatedGraph,
} from '#quant/graphs/filtered-graph';
import type { GraphBatch } from '#quant/nn/engine';
import type { GatNetwork } from '#quant/nn/network';
import { fitNetwork, notEnough, scaledTarget, splitRows } from '../network-fit';
import { recipeOf } from '../network-params';
import { isUsable, panelInputs, type PanelInputs } from '../panel-inputs';
import type { FittedNetwork, PanelContext, PanelInput, PanelModel, PanelSlice, PanelTraining } from '../panel-model';
import { type params as schema, spec } from './spec';

type Params = z.infer<typeof schema>;

const NEGATIVE_SLOPE = 0.2;
const GOLDEN_NODES = 32;

export const model: PanelModel<Params> = {
  kind: 'panel',
  // A window of W returns needs W rows; the first row of a panel has none.
  history: ({ graphWindow }) => ({ features: 1, returns: graphWindow }),

  async fit(data, params, context) {
    if (params.loss === 'sharpe' && params.dropout > 0) {
      throw new AppError(
        'INVALID_CONFIG',
        `Expected dropout 0 with the Sharpe loss on graphs, found ${params.dropout}: its gradient joins dates and is exact only without. Set dropout: 0.`,
        { data: { path: 'dropout', found: params.dropout } },
      );
    }
    const inputs = panelInputs(data, data.scaler);
    const { train, validate } = splitRows(data, params.validationShare);
    const units = await graphsAt(strided(train, params.stride), inputs, data, params, context);
    const validation = await graphsAt(strided(validate, params.stride), inputs, data, params, context);
    if (units.length < 2) {
      throw notEnough(spec.title, 'at least 2 training dates of 2 assets with returns and features', `${units.length}`);
    }
    if (params.validationShare > 0 && validation.length === 0) {
      throw notEnough(spec.title, 'at least one validation date', 'none');
    }
    const last = units[units.length - 1];
    const rows = units.reduce((sum, unit) => sum + unit.series.length, 0);
    const { fitted, report } = await fitNetwork(
      {
        data,
        params,
        recipe: recipeOf(params, params.batch * Math.max(...units.map((unit) => unit.series.length))),
        network: networkOf(params, data.columns.length),
        inputs,
        input: inputOf(params),
        units,
        validation,
        golden: firstNodes(last, Math.min(GOLDEN_NODES, last.series.length)),
      },
      context,
    );
    return { fitted: params.endToEnd ? { ...fitted, output: { shift: 0, scale: 1 } } : fitted, report, rows };
  },

  async forecast(fitted, slice, networks) {
    const input = graphInputOf(fitted);
    const inputs = panelInputs(slice, fitted.scaler);
    const row = slice.dates.length - 1;
    const values = new Float64Array(slice.assets.length).fill(NaN);
    const asked = usableAt(inputs, slice, row, input.window);
    if (asked.length === 0) return values;
    const batch = graphOf(slice, row, asked, input);
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
    const dates = Math.max(1, Math.floor((days * (1 - params.validationShare)) / params.stride));
    const degree =
      (params.filter === 'tmfg' ? 6 : 2 * params.neighbors) + (params.sectorEdges ? 2 * params.neighbors : 0);
    return {
      kind: 'graph',
      network: networkOf(params, features),
      recipe: recipeOf(params, params.batch * assets),
      members: params.seeds,
      table: { series: assets, days: days + params.graphWindow },
      largest: { rows: assets, steps: 1, edges: Math.min(assets * assets, assets * (degree + 1)) },
      updates: Math.ceil(dates / params.batch),
    };
  },
};

type GraphInput = Extract<PanelInput, { kind: 'graph' }>;

function inputOf({ graphWindow, association, filter, neighbors, sectorEdges }: Params): GraphInput {
  return { kind: 'graph', window: graphWindow, association, filter, neighbors, sectorEdges };
}

function graphInputOf({ input }: FittedNetwork): GraphInput {
  if (input.kind === 'graph') return input;
  throw new AppError('INTERNAL', `Expected a fitted network of graphs, found one of ${input.kind}.`);
}

/** Heads side by side in every layer but the last, which averages them. */
function networkOf({ layers, heads, channels, dropout }: Params, features: number): GatNetwork {
  return {
    kind: 'gat',
    inputs: features,
    layers: Array.from({ length: layers }, (_, l) => ({ heads, channels, concat: l < layers - 1 })),
    negativeSlope: NEGATIVE_SLOPE,
    dropout,
  };
}

function strided(rows: readonly number[], stride: number): number[] {
  return rows.filter((_, k) => (rows.length - 1 - k) % stride === 0);
}

/** Graphs of the dates that have one, with targets. A date takes its time: the loop breathes. */
async function graphsAt(
  rows: readonly number[],
  inputs: PanelInputs,
  data: PanelTraining,
  params: Params,
  context: Pick<PanelContext, 'breathe'>,
): Promise<GraphBatch[]> {
  const graphs: GraphBatch[] = [];
  for (const row of rows) {
    await context.breathe();
    const asked = usableAt(inputs, data, row, params.graphWindow);
    const targets = Float32Array.from(asked, (i) => scaledTarget(data, row, i, params.loss));
    if (targets.filter((y) => !Number.isNaN(y)).length < 2) continue;
    graphs.push({ ...graphOf(data, row, asked, inputOf(params)), targets });
  }
  return graphs;
}

/** Assets with all features on the day and a return on most days of the window. */
function usableAt(inputs: PanelInputs, { returns, assets }: PanelSlice, row: number, window: number): number[] {
  const N = assets.length;
  if (row < window - 1) return [];
  return assets
    .map((_, i) => i)
    .filter((i) => {
      if (!isUsable(inputs, i, row, 1)) return false;
      let known = 0;
      for (let t = row - window + 1; t <= row; t++) if (Number.isFinite(returns[t * N + i])) known++;
      return known >= 0.95 * window;
    });
}

/** The graph of some assets from the returns that end at the row; a day without a price counts as no move. */
export function graphOf(
  { returns, assets, sectors }: PanelSlice,
  row: number,
  asked: readonly number[],
  { window: days, association, filter, neighbors, sectorEdges }: GraphInput,
): GraphBatch {
  const [N, n] = [assets.length, asked.length];
  const window = new Float64Array(days * n);
  for (let t = 0; t < days; t++) {
    asked.forEach((i, j) => {
      const value = returns[(row - days + 1 + t) * N + i];
      window[t * n + j] = Number.isFinite(value) ? value : 0;
    });
  }
  const similarity = associations(window, n, association);
  const pairs: Pairs = [
    ...(filter === 'tmfg' ? triangulatedGraph(similarity, n) : nearestNeighbors(similarity, n, neighbors)),
    ...(sectorEdges
      ? sectorNeighbors(
          similarity,
          asked.map((i) => sectors[i]),
          neighbors,
        )
      : []),
  ];
  return { kind: 'graph', series: Uint32Array.from(asked), day: row, ...compressedRows(pairs, n) };
}

/** The graph among the first nodes: small enough to be kept with the model. */
function firstNodes({ series, day, rowStart, columns }: GraphBatch, nodes: number): GraphBatch {
  const kept: number[] = [];
  const starts = [0];
  for (let i = 0; i < nodes; i++) {
    for (let e = rowStart[i]; e < rowStart[i + 1]; e++) if (columns[e] < nodes) kept.push(columns[e]);
    starts.push(kept.length);
  }
  return {
    kind: 'graph',
    series: series.slice(0, nodes),
    day,
    rowStart: Uint32Array.from(starts),
    columns: Uint32Array.from(kept),
  };
}
