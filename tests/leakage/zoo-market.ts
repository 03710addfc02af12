/** A small market with everything that can go wrong in data: gaps, a late listing, a delisting, members that come and go. */
import { createRandom } from '#quant/array/random';
import type { AuditSubject, Study, Trace } from '#quant/audit/study';
import { researchStudy, type StudySeams } from '#quant/audit/research-study';
import { tradingDays } from '#quant/calendar/nyse';
import type { Panel } from '#quant/panel';
import { type ResearchConfig, researchConfigSchema } from '#quant/research/config';
import type { PriceData } from '#quant/research/select-data';

export const N = 10;
export const DAYS = tradingDays('2018-01-02', '2019-08-30');
const LISTED = 60;
const DELISTED = 330;

export function zooMarket(seed: number): PriceData {
  const random = createRandom(seed);
  const T = DAYS.length;
  const close = new Float64Array(T * N);
  const volume = new Float64Array(T * N);
  const membership = new Uint8Array(T * N).fill(1);
  const price = new Float64Array(N).fill(50);
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < N; i++) {
      price[i] *= Math.exp(0.012 * random.normal() + 0.0002);
      const gone = (i === 8 && t < LISTED) || (i === 9 && t >= DELISTED) || random.uniform() < 0.004;
      close[t * N + i] = gone ? NaN : price[i];
      volume[t * N + i] = gone ? NaN : Math.round(1e5 * (0.5 + random.uniform()));
      if ((i === 6 && t < 200) || (i === 7 && t >= 250)) membership[t * N + i] = 0;
    }
  }
  const panel: Panel = {
    dates: DAYS,
    assets: Array.from({ length: N }, (_, i) => `A${i}`),
    sectors: Array.from({ length: N }, (_, i) => `S${i % 3}`),
    fields: { close, volume },
    membership,
  };
  const levels = Float64Array.from(DAYS, (_, t) => 1000 * Math.exp(0.0003 * t + 0.01 * Math.sin(t)));
  return { panel, benchmark: { name: 'INDEX', levels } };
}

export const zooConfig: ResearchConfig = researchConfigSchema.parse({
  model: {
    forecast: { id: 'ridge' },
    horizon: 5,
    features: { set: ['return_5d', 'momentum_1m', 'volatility_20', 'volume_surprise_20'] },
    optimizer: { id: 'top-n', params: { count: 4 } },
  },
  backtest: { window: { train: 100 }, lookback: 40, rebalance: 'month' },
  experiment: { compare: [{ name: 'calm', forecast: null, optimizer: { id: 'inverse-volatility' } }] },
});

export const quiet = { emit() {}, breathe: () => Promise.resolve() };

/** The product's pipeline on a market, with a seam replaced. */
export function subjectWith(seams: StudySeams = {}, data = zooMarket(1), config = zooConfig): AuditSubject {
  return { config, data, study: (varied) => researchStudy(varied, quiet, seams) };
}

/** An experiment of another making on a market. */
export function subjectOf(study: Study, data = zooMarket(1), config = zooConfig): AuditSubject {
  return { config, data, study: () => study };
}

/** The same panel with other closing prices; other price fields go, so that nothing contradicts. */
export function withClose({ panel, benchmark }: PriceData, change: (close: Float64Array) => Float64Array): PriceData {
  return { panel: { ...panel, fields: { ...panel.fields, close: change(panel.fields.close) } }, benchmark };
}

/** The experiment once, as it is; a market on which it does not run is a mistake of the test. */
export async function baseOf(subject: AuditSubject): Promise<Trace> {
  const trace = await subject.study(subject.config).trace(subject.data);
  if (trace.stopped !== null) throw new Error(`The experiment does not run: ${trace.stopped}`);
  return trace;
}
