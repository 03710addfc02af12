/** Top weights as bars on one scale, with the tick of the upper bound. */
import { Link } from '@tanstack/react-router';
import type { Portfolio } from '#contract/portfolios';
import { percent, plural } from '#renderer/format';
import { BoundsBar } from './bounds-bar';

export interface WeightBarsProps {
  readonly portfolio: Portfolio;
  readonly most: number;
}

export function WeightBars({ portfolio, most }: WeightBarsProps) {
  const held = portfolio.weights.filter(({ weight }) => weight !== 0);
  const top = [...held].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, most);
  const scale = Math.max(...top.map(({ weight, upper }) => Math.max(Math.abs(weight), Math.min(upper, 0.4))), 1e-9);
  const rest = held.length - top.length;
  return (
    <div className="stack tight">
      <ul className="plain-list weight-bars">
        {top.map((row) => (
          <li key={row.asset}>
            <span className="clip" title={row.sector}>
              {row.asset}
            </span>
            <BoundsBar weight={row.weight} lower={row.lower} upper={row.upper} scale={scale} />
            <span className="num">{percent(row.weight)}</span>
          </li>
        ))}
      </ul>
      <p className="caption">
        {plural(held.length, 'holding')}
        {rest > 0 && `, ${rest} more not shown`} · cash {percent(portfolio.cash)} · decided on {portfolio.decidedOn},{' '}
        <Link to="/research/$run" params={{ run: portfolio.run }}>
          {portfolio.strategy}
        </Link>
      </p>
    </div>
  );
}
