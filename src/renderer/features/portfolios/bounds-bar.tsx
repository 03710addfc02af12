/** A weight drawn between its bounds: bar for the weight, ticks for the bounds, all on a shared scale. */
import { percent } from '#renderer/format';

export interface BoundsBarProps {
  readonly weight: number;
  readonly lower: number;
  readonly upper: number;
  /** Weight at the right end. */
  readonly scale: number;
}

const css = (share: number) => `${(Math.min(Math.max(share, 0), 1) * 100).toFixed(2)}%`;

export function BoundsBar({ weight, lower, upper, scale }: BoundsBarProps) {
  const start = lower < 0 ? -scale : 0;
  const width = scale - start;
  const at = (value: number) => (value - start) / width;
  const from = Math.min(at(weight), at(0));
  const length = Math.abs(at(weight) - at(0));
  return (
    <div className="bar-cell" title={`Bounds ${percent(lower)} … ${percent(upper)}`}>
      <i style={{ left: css(from), width: css(length) }} />
      {lower > start && <b style={{ left: css(at(lower)) }} />}
      {upper <= scale && <b style={{ left: `calc(${css(at(upper))} - 1px)` }} />}
    </div>
  );
}
