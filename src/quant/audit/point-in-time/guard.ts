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
  const isBlended = config.backtest.tranches > 1;
  const misheld = [
    ...offeredOutside(data, base, isRestricted),
    ...(isBlended ? [] : heldOutside(data, base, isRestricted)),
  ];
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
      ...(isBlended
        ? ['Tranches hold assets until their own next decision, so that only what they may buy was checked.']
        : []),
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

/** Why an asset must not be held after a decision on a row; null where it may. */
function whyOutside({ panel }: AuditSubject['data'], isRestricted: boolean, row: number, i: number): string | null {
  const cell = row * panel.assets.length + i;
  if (isRestricted && panel.membership !== undefined && panel.membership[cell] !== 1) return 'not a member';
  return panel.fields.close[cell] > 0 ? null : 'no price';
}

function offeredOutside(data: AuditSubject['data'], base: Trace, isRestricted: boolean): Misheld[] {
  const columns = new Map(data.panel.assets.map((asset, i) => [asset, i]));
  return base.offered.flatMap(({ row, assets }) =>
    assets.flatMap((asset) => {
      const why = whyOutside(data, isRestricted, row, columns.get(asset) ?? -1);
      return why === null ? [] : [{ strategy: 'offered to the optimizer', date: data.panel.dates[row], asset, why }];
    }),
  );
}

function heldOutside(data: AuditSubject['data'], base: Trace, isRestricted: boolean): Misheld[] {
  const { assets, dates } = data.panel;
  const n = assets.length;
  return base.strategies.flatMap(({ name, fills, weights }) =>
    fills.flatMap(({ decisionRow }, k) =>
      assets.flatMap((asset, i) => {
        if (Math.abs(weights[k * n + i]) < 1e-12) return [];
        const why = whyOutside(data, isRestricted, decisionRow, i);
        return why === null ? [] : [{ strategy: name, date: dates[decisionRow], asset, why }];
      }),
    ),
  );
}
