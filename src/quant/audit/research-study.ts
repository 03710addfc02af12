/** The product's pipeline as an experiment that guards can run: the real one, recorded, with nothing replaced. */
import { AppError } from '#base/errors';
import { prepareMarket } from '../backtest/market';
import type { Panel } from '../panel';
import type { ResearchConfig } from '../research/config';
import { type ResearchPieces, productPieces } from '../research/pieces';
import { runResearch } from '../research/run-research';
import type { PriceData } from '../research/select-data';
import { universeAt } from '../research/universe';
import { recordingPieces } from './recording-pieces';
import type { AuditContext, Study, Trace, TraceOptions } from './study';
import { completeTrace, partialTrace } from './trace-result';

/** Bootstrap replications decide intervals only, never a weight: a guard needs none of them. */
const FEWEST_REPLICATIONS = 100;

export interface StudySeams {
  readonly pieces?: ResearchPieces;
  /** What is done to prices before the pipeline gets them; nothing in the product. */
  readonly prepare?: (data: PriceData) => PriceData;
}

export function researchStudy(config: ResearchConfig, context: AuditContext, seams: StudySeams = {}): Study {
  const { pieces = productPieces, prepare = (data: PriceData) => data } = seams;
  const { backtest, model } = config;
  const signal = context.signal ? { signal: context.signal } : {};
  const inScope = (panel: Panel): Panel => {
    if (backtest.universe === 'point-in-time') return panel;
    const { membership: _, ...unrestricted } = panel;
    return unrestricted;
  };
  const needsForecast = ({ id, params } = model.optimizer) => pieces.optimizer(id, params).spec.needsForecast;
  const forecasts = needsForecast() || config.experiment.compare.some(({ optimizer }) => needsForecast(optimizer));

  async function trace(data: PriceData, options: TraceOptions = {}): Promise<Trace> {
    const { panel, benchmark } = prepare(data);
    const recording = recordingPieces(pieces, options.shuffleForecasts);
    const { experiment } = config;
    const varied: ResearchConfig = {
      ...config,
      experiment: {
        ...experiment,
        bootstrap: { ...experiment.bootstrap, replications: FEWEST_REPLICATIONS },
        ...(options.primaryOnly ? { compare: [], baselines: false } : {}),
      },
    };
    try {
      const result = await runResearch(
        varied,
        panel,
        benchmark,
        {
          emit: (progress) => recording.hear(progress),
          breathe: () => context.breathe(),
          ...(context.networks && { networks: context.networks }),
          ...signal,
        },
        recording.pieces,
      );
      return completeTrace(panel, result, recording, backtest.lag);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'CANCELLED' || error.code === 'INTERNAL') throw error;
      return partialTrace(panel, recording, error);
    }
  }

  return {
    labelReach: needsForecast() ? model.horizon + backtest.lag : 0,
    async features(data) {
      if (!forecasts) return null;
      return (await pieces.features(model.features, inScope(prepare(data).panel), () => context.breathe())).table;
    },
    universe(data, rows) {
      const panel = inScope(prepare(data).panel);
      const market = prepareMarket(panel);
      const rules = { lookback: backtest.lookback, membership: panel.membership };
      return rows.map((row) => universeAt(market, row, rules));
    },
    trace,
  };
}
