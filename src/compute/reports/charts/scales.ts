/** Axes: round ticks, linear or logarithmic, and curves with no more points than can be seen. */

export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly logarithmic: boolean;
  /** 0 at the low end, 1 at the high end. */
  position(value: number): number;
}

/** About `count` round numbers between the ends. */
export function axisTicks({ low, high, logarithmic }: Scale, count: number): number[] {
  if (logarithmic && high / low > 20) {
    const ticks: number[] = [];
    for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
      for (const factor of high / low > 2000 ? [1] : [1, 2, 5]) {
        if (factor * power >= low && factor * power <= high) ticks.push(factor * power);
      }
    }
    if (ticks.length > 1) return ticks;
  }
  const raw = (high - low) / count;
  if (!(raw > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(low / step - 1e-9) * step;
  const number = Math.floor((high - first) / step + 1e-9) + 1;
  // Rounded to the step, so that 0.30000000000000004 is 0.3 and no zero has a sign.
  return Array.from({ length: number }, (_, i) => Number(((Math.round(first / step) + i) * step).toPrecision(12)) + 0);
}

type Point = readonly [row: number, value: number];

/** At most about `most` points; of every stretch the lowest and the highest stay, so that no spike is lost. */
export function thinned(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most * 2) return points;
  const size = points.length / most;
  const kept: Point[] = [points[0]];
  for (let bucket = 0; bucket < most; bucket++) {
    const from = Math.floor(bucket * size);
    const to = Math.min(points.length, Math.floor((bucket + 1) * size));
    let lowest = from;
    let highest = from;
    for (let i = from; i < to; i++) {
      if (points[i][1] < points[lowest][1]) lowest = i;
      if (points[i][1] > points[highest][1]) highest = i;
    }
    const pair = lowest <= highest ? [lowest, highest] : [highest, lowest];
    for (const i of new Set(pair)) if (i > 0 && i < points.length - 1) kept.push(points[i]);
  }
  kept.push(points[points.length - 1]);
  return kept;
}
