/**
 * Learning curves of a job while it runs, from its events: each epoch of each network once, whatever is told twice after an
 * interruption. However long the job, what is kept is bounded: the oldest curves lose points between their ends, never the newest.
 */
import type { TrainedEpoch } from '#contract/jobs';

export type LearningPoint = Omit<TrainedEpoch, 'network' | 'title'>;

export interface LearningCurve {
  readonly network: string;
  readonly title: string;
  /** In the order of epochs. */
  readonly points: readonly LearningPoint[];
}

/** Over all networks of a job. */
export const MOST_POINTS = 20_000;

/** What further epochs make of the curves of a job. */
export function addEpochs(
  curves: readonly LearningCurve[],
  epochs: readonly TrainedEpoch[],
  most = MOST_POINTS,
): readonly LearningCurve[] {
  const next = [...curves];
  for (const { network, title, ...point } of epochs) {
    const at = next.findLastIndex((curve) => curve.network === network);
    if (at < 0) next.push({ network, title, points: [point] });
    else next[at] = { ...next[at], points: withPoint(next[at].points, point) };
  }
  return within(next, most);
}

function withPoint(points: readonly LearningPoint[], point: LearningPoint): readonly LearningPoint[] {
  const before = points.findLastIndex(({ epoch }) => epoch < point.epoch) + 1;
  const same = before < points.length && points[before].epoch === point.epoch ? 1 : 0;
  return [...points.slice(0, before), point, ...points.slice(before + same)];
}

function within(curves: readonly LearningCurve[], most: number): readonly LearningCurve[] {
  let left = curves.reduce((sum, { points }) => sum + points.length, 0);
  if (left <= most) return curves;
  let kept = curves;
  while (left > most && kept.slice(0, -1).some(({ points }) => points.length > 2)) {
    kept = kept.map((curve, k) => {
      if (left <= most || k === kept.length - 1 || curve.points.length <= 2) return curve;
      const points = curve.points.filter((_, i) => i % 2 === 0 || i === curve.points.length - 1);
      left -= curve.points.length - points.length;
      return { ...curve, points };
    });
  }
  let first = 0;
  while (left > most && first < kept.length - 1) left -= kept[first++].points.length;
  return kept.slice(first);
}
