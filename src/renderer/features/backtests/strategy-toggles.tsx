/** Switches strategies on and off: a button each, with its color as a line. */
import { useComputedColorScheme } from '@mantine/core';
import { useMemo } from 'react';
import type { RunSeries } from '../runs/runs-store';
import { seriesColors } from './series-colors';

export interface StrategyTogglesProps {
  readonly strategies: RunSeries['strategies'];
  readonly shown: ReadonlySet<string>;
  readonly setShown: (shown: ReadonlySet<string>) => void;
}

export function StrategyToggles({ strategies, shown, setShown }: StrategyTogglesProps) {
  const scheme = useComputedColorScheme('light');
  const colors = useMemo(
    () => (scheme === 'light' || scheme === 'dark' ? seriesColors(strategies) : new Map<string, string>()),
    [strategies, scheme],
  );
  const toggle = (name: string) => {
    const next = new Set(shown);
    if (!next.delete(name)) next.add(name);
    if (next.size > 0) setShown(next);
  };
  return (
    <span className="row wrap" role="group" aria-label="Strategies shown">
      {strategies.map(({ name }) => (
        <button key={name} type="button" className="toggle" aria-pressed={shown.has(name)} onClick={() => toggle(name)}>
          <i className="swatch" style={{ background: colors.get(name) }} />
          {name}
        </button>
      ))}
    </span>
  );
}
