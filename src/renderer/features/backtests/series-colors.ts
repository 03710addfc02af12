/** Colors of strategies: ours, baseline and benchmark have their own; the others follow the categorical order. */
import { CATEGORICAL, token } from '#renderer/plotly';
import type { RunSeries, StrategySeries } from '../runs/runs-store';

type Role = StrategySeries['role'];

const OWN: Partial<Record<Role, string>> = {
  primary: 'series-ours',
  baseline: 'series-baseline',
  benchmark: 'series-benchmark',
};

/** Blue and yellow are left out: too close to ours, too pale on white. */
const OTHERS = CATEGORICAL.filter((color) => color !== '#0072B2' && color !== '#F0E442');

/** Strategy name → color; read again when the theme changes. */
export function seriesColors(strategies: RunSeries['strategies']): ReadonlyMap<string, string> {
  let next = 0;
  return new Map(
    strategies.map(({ name, role }) => {
      const own = OWN[role];
      return [name, own === undefined ? OTHERS[next++ % OTHERS.length] : token(own)];
    }),
  );
}
