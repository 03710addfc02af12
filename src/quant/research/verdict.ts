/** The one sentence about the primary strategy that stands above all numbers. */
import { probabilityText, signed } from './comparisons';
import type { Comparison, StrategyOutcome } from './result';

/** States the Sharpe ratio with its interval and, per reference, whether the difference can be told from luck. */
export function verdictOf(primary: StrategyOutcome, comparisons: readonly Comparison[]): string {
  const sharpe = primary.metrics.sharpe;
  if (sharpe.value === null) return `${primary.name} has no Sharpe ratio. ${sharpe.reason}`;
  const interval =
    sharpe.low === undefined || sharpe.high === undefined ? '' : ` (${plain(sharpe.low)} to ${plain(sharpe.high)})`;
  const parts = comparisons.map((comparison) => {
    const { sharpeDifference: difference, pValue, against, distinguishable } = comparison;
    if (difference.value === null || pValue === null) return `not comparable with ${against}`;
    const numbers = `(${signed(difference.value)}, ${probabilityText(pValue)})`;
    if (!distinguishable) return `not distinguishable from ${against} ${numbers}`;
    return `${difference.value > 0 ? 'better' : 'worse'} than ${against} ${numbers}`;
  });
  return `${primary.name}: Sharpe ratio ${plain(sharpe.value)} a year${interval}, ${parts.join(' and ')}.`;
}

/** Two decimals with a true minus sign, as the differences beside it are written. */
function plain(value: number): string {
  return value.toFixed(2).replace('-', '−');
}
