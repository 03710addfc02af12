/** G8: what the engine knows about the sealed period, and the model's result on it once it is opened. */
import { mean, standardDeviation } from '#quant/array/stats';
import { PERIODS_PER_YEAR } from '#quant/research/statistics';
import type { PriceData } from '#quant/research/select-data';
import { type Figure, type Finding, figure, notRun } from '../guard';
import type { AuditContext, AuditSubject } from '../study';

export interface HoldoutRecord {
  /** First day of the sealed period. */
  readonly from: string;
  /** Openings by this model on record, the one of this audit included. */
  readonly openings: number;
  /** Earlier runs on the same data whose range reached into the period. */
  readonly peeks: number;
  /** The whole data, where this audit opens the period. */
  readonly opened: PriceData | null;
}

export async function checkHoldoutSeal(
  { config, data, study: make }: AuditSubject,
  record: HoldoutRecord | null,
  context: AuditContext,
): Promise<Finding> {
  if (record === null)
    return notRun('No holdout: name its first day in data.holdout, and the days from there on are sealed.');
  const { from, openings, peeks, opened } = record;
  const figures: Figure[] = [
    figure('openings by this model', openings),
    figure('earlier runs that saw the period', peeks),
  ];
  const notes: string[] = [];
  if (opened) {
    context.emit({ stage: 'holdout', detail: from, step: 0, of: 1 });
    const trace = await make(config).trace(opened, { primaryOnly: true });
    if (trace.stopped !== null) notes.push(`The model stops in the sealed period: ${trace.stopped}`);
    else {
      const first = trace.dates.findIndex((date) => date >= from) - trace.strategies[0].fills[0].decisionRow - 1;
      for (const { name, net } of trace.strategies) {
        const inside = net.subarray(Math.max(0, first));
        const sharpe = (mean(inside) / standardDeviation(inside)) * Math.sqrt(PERIODS_PER_YEAR);
        figures.push(figure(`days of ${name} in the period`, inside.length));
        figures.push(figure(`Sharpe ratio of ${name} in the period`, sharpe));
        figures.push(figure(`return of ${name} in the period`, inside.reduce((growth, r) => growth * (1 + r), 1) - 1));
      }
    }
  }
  const withheld = data.panel.dates.every((date) => date < from);
  const broken = [
    ...(withheld ? [] : ['the run saw days of the period']),
    ...(peeks > 0 ? [`${peeks} earlier ${peeks === 1 ? 'run' : 'runs'} on this data saw it`] : []),
    ...(openings > 1 ? [`this model opened it ${openings} times`] : []),
  ];
  return {
    status: broken.length > 0 ? 'failed' : 'passed',
    summary:
      broken.length > 0
        ? `The period from ${from} on is not untouched: ${broken.join('; ')}.`
        : `The period from ${from} on was ${openings === 0 ? 'never opened' : 'opened once, on record'}.`,
    figures,
    table: null,
    notes: [
      ...notes,
      'The seal is kept by the engine and the audit log; the days are encrypted with the workspace, not with a key of their own.',
    ],
  };
}
