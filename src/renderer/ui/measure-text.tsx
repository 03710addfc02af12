/** A measured number in a table: value and interval, or the reason why there is none. */
import type { Measure } from '#contract/fields';

export interface MeasureTextProps {
  readonly measure: Measure | undefined;
  readonly format: (value: number) => string;
  readonly interval?: boolean;
}

export function MeasureText({ measure, format, interval = false }: MeasureTextProps) {
  if (measure === undefined) return <span className="faint">–</span>;
  if (measure.value === null) {
    return (
      <span className="faint" title={measure.reason}>
        not computable
      </span>
    );
  }
  const { value, low, high } = measure;
  return (
    <>
      {format(value)}
      {interval && low !== undefined && high !== undefined && (
        <span className="small">
          {format(low)} … {format(high)}
        </span>
      )}
    </>
  );
}
