/** G2: the whole experiment, label code included, on markets of noise; and on its own market with permuted forecasts. */
import { deriveSeed } from '#quant/array/random';
import type { ResearchConfig } from '#quant/research/config';
import { PERIODS_PER_YEAR } from '#quant/research/statistics';
import { type Figure, type Finding, figure, notRun } from '../guard';
import { noisePrices, type NoiseShape } from '../noise-prices';
import type { AuditContext, AuditSubject, Trace } from '../study';
import { rankIcScore, returnScore, type Score } from './scores';

export interface NoiseOptions {
  readonly fewestSeeds: number;
  readonly mostSeeds: number;
  /** Noise markets have at most this many assets and this many rows behind the first decision. */
  readonly assets: number;
  readonly rowsTested: number;
  /** Runs with permuted forecasts. */
  readonly permutations: number;
  readonly seed: number;
}

const MOST_Z = 4;
const MOST_RANK_IC = 0.02;

export async function checkNoiseMarket(
  subject: AuditSubject,
  base: Trace,
  options: NoiseOptions,
  context: AuditContext,
): Promise<Finding> {
  const overlap = labelOverlap(subject, base);
  const noise = await noiseTraces(subject, base, { ...options, overlap }, context);
  if ('stopped' in noise) return notRun(`The experiment does not run on a noise market: ${noise.stopped}`);
  const rankIc = rankIcScore(noise.traces, overlap);
  const strategies = base.strategies.map(({ name }, k) => ({
    name,
    score: returnScore(noise.traces.map(({ strategies: made }) => made[k].gross)),
  }));
  const permuted = rankIc === null ? null : await permutedScore(subject, options, context);
  const limit = rankIc && Math.max(MOST_RANK_IC, MOST_Z * rankIc.standardError);
  const broken = [
    ...(rankIc && limit && (Math.abs(rankIc.value) >= limit || Math.abs(rankIc.z) >= MOST_Z)
      ? [`rank IC ${rankIc.value.toFixed(3)} (z ${rankIc.z.toFixed(1)})`]
      : []),
    ...strategies.flatMap(({ name, score }) =>
      score && Math.abs(score.z) >= MOST_Z
        ? [`${name} earns a Sharpe ratio before costs with z ${score.z.toFixed(1)}`]
        : [],
    ),
    ...(permuted && Math.abs(permuted.z) >= MOST_Z ? [`permuted forecasts score z ${permuted.z.toFixed(1)}`] : []),
  ];
  const size = `${noise.traces.length} noise markets of ${noise.shape.assets} assets`;
  return {
    status: broken.length > 0 ? 'failed' : 'passed',
    summary:
      broken.length > 0
        ? `Skill where there is none, on ${size}: ${broken.join('; ')}.`
        : `No skill on ${size}: ${rankIc ? `mean rank IC ${rankIc.value.toFixed(4)} (z ${rankIc.z.toFixed(1)})` : 'no forecast to score'}.`,
    figures: figuresOf(noise.traces.length, rankIc, limit, permuted),
    table: {
      columns: ['strategy', 'Sharpe before costs', 'z'],
      rows: strategies.map(({ name, score }) => [
        name,
        score && Number((score.sharpe * Math.sqrt(PERIODS_PER_YEAR)).toFixed(3)),
        score && Number(score.z.toFixed(2)),
      ]),
    },
    notes: [
      'Labels are recomputed from the noise by the code of the run. Forecasts permuted within each date are a second, weaker check: ' +
        'they test the measuring code and cannot see overlapping labels.',
      ...(rankIc === null ? ['No strategy of this run forecasts, so that only returns were tested.'] : []),
    ],
  };
}

/** How many decisions look into the same days: labels of successive decisions are not independent then. */
function labelOverlap({ config }: AuditSubject, base: Trace): number {
  const rows = base.strategies[0].fills.map(({ decisionRow }) => decisionRow);
  const step = rows.length < 2 ? config.model.horizon : (rows[rows.length - 1] - rows[0]) / (rows.length - 1);
  return Math.max(1, config.model.horizon / step);
}

/** Seeds are added until a rank IC of 0.02 would be four standard errors, within the limits. */
async function noiseTraces(
  { config, data, study: make }: AuditSubject,
  base: Trace,
  options: NoiseOptions & { readonly overlap: number },
  context: AuditContext,
): Promise<{ readonly traces: Trace[]; readonly shape: NoiseShape } | { readonly stopped: string }> {
  // Delisting losses and interest are certain, not skill.
  const { backtest } = config;
  const rates = { borrowBps: 0, cashRate: 0, financingSpread: 0 };
  const fair: ResearchConfig = { ...config, backtest: { ...backtest, rates, delistingReturn: 0 } };
  const study = make(fair);
  const firstDecision = base.strategies[0].fills[0].decisionRow;
  const rows = firstDecision + options.rowsTested;
  const sizes = [...new Set([Math.min(options.assets, base.assets.length), base.assets.length])];
  let stopped = '';
  for (const assets of sizes) {
    const shape = { assets, rows };
    const traces: Trace[] = [];
    for (let k = 0; k < options.mostSeeds; k++) {
      context.emit({ stage: 'noise market', detail: `seed ${k + 1}`, step: k, of: options.mostSeeds });
      const trace = await study.trace(noisePrices(data, shape, deriveSeed(options.seed, `noise/${k}`)));
      if (trace.stopped !== null) {
        stopped = trace.stopped;
        break;
      }
      traces.push({ ...trace, features: null });
      if (k + 1 >= options.fewestSeeds && isPrecise(rankIcScore(traces, options.overlap))) return { traces, shape };
    }
    if (traces.length === options.mostSeeds) return { traces, shape };
  }
  return { stopped };
}

function isPrecise(score: Score | null): boolean {
  return score === null || score.standardError * MOST_Z <= MOST_RANK_IC;
}

async function permutedScore(
  { config, data, study: make }: AuditSubject,
  { permutations, seed }: NoiseOptions,
  context: AuditContext,
): Promise<Score | null> {
  const study = make(config);
  const traces: Trace[] = [];
  for (let k = 0; k < permutations; k++) {
    context.emit({ stage: 'permuted forecasts', detail: `${k + 1}`, step: k, of: permutations });
    const shuffleForecasts = deriveSeed(seed, `permutation/${k}`);
    const trace = await study.trace(data, { primaryOnly: true, shuffleForecasts });
    if (trace.stopped === null) traces.push(trace);
  }
  return rankIcScore(traces, 1);
}

function figuresOf(seeds: number, rankIc: Score | null, limit: number | null, permuted: Score | null): Figure[] {
  return [
    figure('noise markets', seeds),
    ...(rankIc
      ? [
          figure('mean rank IC', rankIc.value),
          figure('standard error', rankIc.standardError),
          figure('z', rankIc.z),
          figure('limit of |mean rank IC|', limit ?? NaN),
        ]
      : []),
    ...(permuted ? [figure('permuted mean rank IC', permuted.value), figure('permuted z', permuted.z)] : []),
  ];
}
