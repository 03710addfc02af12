/**
 * The survivorship meter: the same strategy on the members of each day and on those of the last day, as if these had always been
 * the index. The difference is what survivors would have flattered the result by.
 */
import { mean, standardDeviation } from '../array/stats';
import type { ResearchConfig } from '../research/config';
import { PERIODS_PER_YEAR } from '../research/statistics';
import type { PriceData } from '../research/select-data';
import type { AuditContext, AuditSubject, Trace } from './study';

export interface UniverseOutcome {
  /** Per year, net of costs. */
  readonly sharpe: number | null;
  readonly cagr: number | null;
}

export interface SurvivorshipMeter {
  readonly pointInTime: UniverseOutcome;
  readonly today: UniverseOutcome;
  /** Today's members minus those of each day; null where either side is not defined. */
  readonly sharpeDifference: number | null;
  readonly cagrDifference: number | null;
  /** Members on the last day, and assets that were a member on any day. */
  readonly members: number;
  readonly everMembers: number;
  readonly summary: string;
}

/** Null where the dataset has no membership dates: then every result is one of survivors, by an amount that nobody can tell. */
export async function measureSurvivorship(
  { config, data, study: make }: AuditSubject,
  context: AuditContext,
): Promise<SurvivorshipMeter | null> {
  if (data.panel.membership === undefined) return null;
  const restricted: ResearchConfig = { ...config, backtest: { ...config.backtest, universe: 'point-in-time' } };
  const study = make(restricted);
  context.emit({ stage: 'survivorship', detail: 'members of each day', step: 0, of: 2 });
  const dated = outcomeOf(await study.trace(data, { primaryOnly: true }));
  context.emit({ stage: 'survivorship', detail: 'members of the last day', step: 1, of: 2 });
  const survivors = todaysMembers(data);
  const today = outcomeOf(await study.trace(survivors, { primaryOnly: true }));
  const n = data.panel.assets.length;
  const { membership } = data.panel;
  return {
    pointInTime: dated,
    today,
    sharpeDifference: difference(today.sharpe, dated.sharpe),
    cagrDifference: difference(today.cagr, dated.cagr),
    members: survivors.panel.membership?.subarray(-n).reduce((sum, member) => sum + member, 0) ?? 0,
    everMembers: data.panel.assets.filter((_, i) => membership.some((member, cell) => member === 1 && cell % n === i))
      .length,
    summary: sentence(today, dated),
  };
}

/** The same prices with the membership of the last day on every day; assets without a price that day are nobody's member. */
export function todaysMembers({ panel, benchmark }: PriceData): PriceData {
  const n = panel.assets.length;
  const last = panel.fields.close.length - n;
  const membership = panel.fields.close.map((_, cell) => {
    const at = last + (cell % n);
    return panel.fields.close[at] > 0 && panel.membership?.[at] === 1 ? 1 : 0;
  });
  return { panel: { ...panel, membership: Uint8Array.from(membership) }, benchmark };
}

function outcomeOf({ strategies }: Trace): UniverseOutcome {
  if (strategies.length === 0) return { sharpe: null, cagr: null };
  const { net, cagr } = strategies[0];
  const sharpe = (mean(net) / standardDeviation(net)) * Math.sqrt(PERIODS_PER_YEAR);
  return { sharpe: Number.isFinite(sharpe) ? sharpe : null, cagr };
}

function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

function sentence(today: UniverseOutcome, dated: UniverseOutcome): string {
  const sharpe = difference(today.sharpe, dated.sharpe);
  const cagr = difference(today.cagr, dated.cagr);
  if (sharpe === null) return 'The strategy does not run on both universes, so that survivorship has no number here.';
  const percent = cagr === null ? '' : ` and its yearly return by ${(cagr * 100).toFixed(2)} percentage points`;
  return `Today’s members would change the Sharpe ratio by ${sharpe >= 0 ? '+' : ''}${sharpe.toFixed(2)}${percent}.`;
}
