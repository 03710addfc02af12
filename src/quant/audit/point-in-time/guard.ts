/**
 * G5: holdings against the members and prices of their day, and the run against other later delistings and members.
 * A dataset without membership dates cannot be called point-in-time, and the finding says so.
 */
import { deriveSeed } from '#quant/array/random';
import { alteredFuture } from '../altered-future';
import { type Finding, figure } from '../guard';
import { stepDifference } from '../future-invariance/differences';
import type { AuditContext, AuditSubject, Trace } from '../study';

export interface PointInTimeOptions {
  readonly cuts: number;
  readonly seed: number;
}

interface Misheld {
  readonly strategy: string;
  readonly date: string;
  readonly asset: string;
  readonly why: string;
}

const MOST_LISTED = 10;

export async function checkPointInTime(
  { config, data, study: make }: AuditSubject,
  base: Trace,
  { cuts, seed }: PointInTimeOptions,
  context: AuditContext,
): Promise<Finding> {
  const { panel } = data;
  const isRestricted = config.backtest.universe === 'point-in-time';
  const misheld = heldOutside(data, base, isRestricted);
  const study = make(config);
  const decisions = base.strategies[0].fills.map(({ decisionRow }) => decisionRow);
  let differing = 0;
  let compared = 0;
  for (let k = 0; k < cuts && decisions.length > 2; k++) {
    const row = decisions[2 + Math.floor(((decisions.length - 2) * (k + 1)) / (cuts + 1))];
    context.emit({ stage: 'point in time', detail: base.dates[row], step: k, of: cuts });
    const other = await study.trace(
      alteredFuture(data, { lastKnown: row, seed: deriveSeed(seed, `existence/${k}`), channel: 'existence' }),
    );
    const { steps, difference } = stepDifference(base, other, row);
    compared += steps;
    if (difference) differing += 1;
  }
  const n = panel.assets.length;
  const last = panel.dates.length - 1;
  const ended = panel.assets.filter((_, i) => !(panel.fields.close[last * n + i] > 0)).length;
  const reservations = reservationsOf(panel.membership !== undefined, isRestricted);
  const failed = misheld.length > 0 || differing > 0;
  return {
    status: failed ? 'failed' : reservations.length > 0 ? 'warning' : 'passed',
    summary: failed
      ? misheld.length > 0
        ? `${misheld.length} holdings were not members, or had no price, on the day of their decision.`
        : `Later delistings and members change earlier decisions at ${differing} of ${cuts} cuts.`
      : (reservations[0] ??
        `Every holding was a member with a price on its day; ${ended} of ${n} assets end within the data.`),
    figures: [
      figure('holdings outside their universe', misheld.length),
      figure('cuts of delistings and members', cuts),
      figure('cuts that changed the past', differing),
      figure('steps compared', compared),
      figure('assets', n),
      figure('assets that end within the data', ended),
    ],
    table:
      misheld.length === 0
        ? null
        : {
            columns: ['strategy', 'date', 'asset', 'why'],
            rows: misheld.slice(0, MOST_LISTED).map(({ strategy, date, asset, why }) => [strategy, date, asset, why]),
          },
    notes: [
      ...reservations.slice(failed ? 0 : 1),
      'Prices carry no date on which they became known: a vendor’s later corrections cannot be seen here.',
    ],
  };
}

function reservationsOf(hasMembership: boolean, isRestricted: boolean): string[] {
  if (!hasMembership) {
    return [
      'The dataset has no membership dates: its assets are those known at the import, so this run is not point-in-time.',
    ];
  }
  return isRestricted ? [] : ['The run ignores the membership dates (universe: all), so it is not point-in-time.'];
}

function heldOutside({ panel }: AuditSubject['data'], base: Trace, isRestricted: boolean): Misheld[] {
  const n = panel.assets.length;
  const { close } = panel.fields;
  const found: Misheld[] = [];
  for (const { name, fills, weights } of base.strategies) {
    for (const [k, { decisionRow }] of fills.entries()) {
      for (let i = 0; i < n; i++) {
        if (Math.abs(weights[k * n + i]) < 1e-12) continue;
        const cell = decisionRow * n + i;
        const member = !isRestricted || panel.membership === undefined || panel.membership[cell] === 1;
        if (member && close[cell] > 0) continue;
        const why = member ? 'no price' : 'not a member';
        found.push({ strategy: name, date: panel.dates[decisionRow], asset: panel.assets[i], why });
      }
    }
  }
  return found;
}
