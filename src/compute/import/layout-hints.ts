/** Options of an import in the terms of the layout detector. */
import { isoDayNumber } from '#quant/calendar/iso-day';
import type { LayoutHints } from '#quant/prices/layouts';
import type { ImportLimits, ImportOptions } from './import-types';

export function layoutHints(options: ImportOptions, limits: ImportLimits): LayoutHints {
  const { dateFormat, mapping, delimiter, decimal, symbol, layout } = options;
  return {
    maxColumns: limits.columns,
    ...(mapping && Object.keys(mapping).length > 0 && { mapping }),
    ...(delimiter && { delimiter }),
    ...(decimal && { decimal }),
    ...(symbol && { symbol }),
    ...(layout && { layout }),
    ...(dateFormat && { dateFormat: dateFormat === 'ISO' ? 'YYYY-MM-DD' : dateFormat }),
  };
}

/** Day number of an optional ISO day. Errors: INVALID_DATA for a malformed one. */
export function optionalDay(day: string | undefined): number | null {
  return day === undefined ? null : isoDayNumber(day);
}
