/** The future-invariance guard on networks: an honest one passes bit for bit, one that reaches past its slice is caught. */
import { expect, it } from 'vitest';
import { checkFutureInvariance } from '#quant/audit/future-invariance/guard';
import { researchStudy, type StudySeams } from '#quant/audit/research-study';
import type { AuditSubject } from '#quant/audit/study';
import { isPanelModel, type PanelModel } from '#quant/models/panel-model';
import { researchConfigSchema } from '#quant/research/config';
import { productPieces } from '#quant/research/pieces';
import { testTrainer } from '../nn/small-market';
import { baseOf, quiet, zooConfig, zooMarket } from './zoo-market';

const CUTS = { randomCuts: 5, pipelineCuts: 3, mostEdges: 4, seed: 7 };
const PARAMS = { lookback: 5, hidden: 3, layers: 1, seeds: 1, epochs: 1, stride: 10, dropout: 0, device: 'wasm' };

function subject(seams: StudySeams = {}): AuditSubject {
  const config = researchConfigSchema.parse({
    ...zooConfig,
    model: { ...zooConfig.model, forecast: { id: 'lstm', params: PARAMS } },
    backtest: { ...zooConfig.backtest, window: { ...zooConfig.backtest.window, refit: 'quarter' } },
    experiment: { ...zooConfig.experiment, compare: [], baselines: false },
  });
  const context = { ...quiet, networks: testTrainer() };
  return { config, data: zooMarket(1), study: (varied) => researchStudy(varied, context, seams) };
}

/** Adds what the feature will be some days later: a slice is a view, and its buffer holds the whole market. */
function peeking(model: PanelModel): PanelModel {
  return {
    ...model,
    async forecast(fitted, slice, networks) {
      const values = await model.forecast(fitted, slice, networks);
      const [column] = slice.columns;
      const N = slice.assets.length;
      const end = column.byteOffset / 8 + column.length;
      const later = new Float64Array(column.buffer).subarray(end + 9 * N, end + 10 * N);
      return values.map((value, i) => value + (Number.isFinite(later[i]) ? later[i] : 0));
    },
  };
}

it('an LSTM in the product pipeline decides nothing with what comes later', { timeout: 60_000 }, async () => {
  const honest = subject();
  const finding = await checkFutureInvariance(honest, await baseOf(honest), CUTS, quiet);
  expect(`${finding.status}: ${finding.summary}`).toMatch(/^passed: /);
});

it('sabotage: one that reads past its slice is caught', { timeout: 60_000 }, async () => {
  const cheat = subject({
    pieces: {
      ...productPieces,
      async model(id) {
        const { spec, model } = await productPieces.model(id);
        return { spec, model: isPanelModel(model) ? peeking(model) : model };
      },
    },
  });
  const finding = await checkFutureInvariance(cheat, await baseOf(cheat), CUTS, quiet);
  expect(finding.status).toBe('failed');
});
