/** Quality findings about rows and cells that did not reach the panel: rejects, duplicates, cells left missing, companions that do not match. */
import { formatIsoDay } from '#quant/calendar/iso-day';
import type { DensePanel, DuplicateRow } from '#quant/prices/dense-panel';
import type { FindingSample, QualityFinding } from '#quant/prices/quality-report';
import type { Companions } from './companions';
import type { PricesRead } from './price-files';

const REASON_TITLES: Readonly<Record<string, string>> = {
  truncated_row: 'Rows with too few fields',
  extra_fields: 'Rows with too many fields',
  bad_quote: 'Rows with a quote that is not closed, or closed too early',
  bad_date: 'Rows without a readable date',
  future_date: 'Rows dated in the future',
  no_ticker: 'Rows without a ticker',
  not_a_number: 'Rows with text in place of a number',
  infinite: 'Rows with an infinite price',
  non_positive_price: 'Rows with a zero or negative price',
  negative_volume: 'Rows with a negative volume',
};

/** Findings of reading, in the order of the report's kinds. */
export function readingFindings(read: PricesRead, dense: DensePanel, companions: Companions): QualityFinding[] {
  return [
    ...rejectFindings(read),
    ...noteFindings(read),
    ...duplicateFindings(read, dense),
    ...companionFindings(dense, companions),
    ...remarkFindings(read),
    personalFinding(read),
  ];
}

function rejectFindings(read: PricesRead): QualityFinding[] {
  return [...read.rejects.byReason].map(([reason, { count, samples }]) => ({
    kind: reason,
    severity: 'warning',
    title: REASON_TITLES[reason] ?? reason,
    count,
    samples: samples.map(({ date, note }) => ({ asset: '', date, value: null, note })),
    action: 'Rejected; listed with line and column.',
  }));
}

function personalFinding({ personalColumns }: PricesRead): QualityFinding {
  return {
    kind: 'personal_data',
    severity: 'warning',
    title: 'Columns with personal data',
    count: personalColumns.length,
    samples: personalColumns.map(({ file, column, kind }) => ({
      asset: '',
      date: '',
      value: null,
      note: `${file}, column ${column}: ${kind}`,
    })),
    action: 'The columns are not stored; in refused lines the privacy configuration holds.',
  };
}

function noteFindings(read: PricesRead): QualityFinding[] {
  const titles = {
    placeholder: 'Cells with a placeholder such as N/A',
    not_a_number: 'Cells with text in place of a number',
    zero_price: 'Zero open, high, low or adjusted close',
  };
  return [...read.notes].map(([kind, { count, samples }]) => ({
    kind: `${kind}_cells`,
    severity: 'warning',
    title: titles[kind],
    count,
    samples: samples.map(({ symbol, day, field, text }) => ({
      asset: symbol,
      date: formatIsoDay(day),
      value: null,
      note: `${field}: ${text}`,
    })),
    action: 'The cell is left missing; the row is kept.',
  }));
}

function duplicateFindings(read: PricesRead, dense: DensePanel): QualityFinding[] {
  const close = read.rows.columns.get('close');
  const sample = ({ asset, date, first, second }: DuplicateRow): FindingSample => ({
    asset,
    date,
    value: close?.[second] ?? null,
    note: `lines ${read.rows.line[first]} and ${read.rows.line[second]}`,
  });
  return [
    {
      kind: 'duplicates_equal',
      severity: 'info',
      title: 'Repeated rows',
      count: dense.equalDuplicates,
      samples: dense.equalSamples.map(sample),
      action: 'One of each was kept.',
    },
    {
      kind: 'duplicates_conflicting',
      severity: 'error',
      title: 'Rows of one ticker and date that differ',
      count: dense.conflictingDuplicates,
      samples: dense.conflictSamples.map(sample),
      action: 'Settled as asked by the option for conflicts.',
    },
  ];
}

function companionFindings(dense: DensePanel, { sectors, membership, index }: Companions): QualityFinding[] {
  const named = (assets: readonly string[]): FindingSample[] =>
    assets.slice(0, 20).map((asset) => ({ asset, date: '', value: null }));
  const noSector = sectors === null ? [] : dense.assets.filter((asset) => !sectors.get(asset));
  const known = new Set(dense.assets);
  const strangers =
    membership === null
      ? []
      : [...new Set(membership.map(({ ticker }) => ticker))].filter((ticker) => !known.has(ticker));
  const missing = index === null ? [] : Array.from(dense.days).filter((day) => !index.levels.has(day));
  return [
    {
      kind: 'missing_sectors',
      severity: 'info',
      title: 'Assets without a sector',
      count: noSector.length,
      samples: named(noSector),
      action: 'Left without a sector.',
    },
    {
      kind: 'members_without_prices',
      severity: 'warning',
      title: 'Index members without prices',
      count: strangers.length,
      samples: named(strangers),
      action: 'Not investable; results exclude them.',
    },
    {
      kind: 'benchmark_gaps',
      severity: 'warning',
      title: 'Dates without an index level',
      count: missing.length,
      samples: missing.slice(0, 20).map((day) => ({ asset: index?.name ?? '', date: formatIsoDay(day), value: null })),
      action: 'Left missing.',
    },
  ];
}

function remarkFindings(read: PricesRead): QualityFinding[] {
  return [
    {
      kind: 'empty_rows',
      severity: 'info',
      title: 'Rows with a date and no value',
      count: read.emptyRecords,
      samples: [],
      action: 'Left out.',
    },
    {
      kind: 'ambiguous_date_format',
      severity: 'error',
      title: 'Dates that could be month first or day first',
      count: read.undecidedDates.length,
      samples: read.undecidedDates.map((name) => ({ asset: '', date: '', value: null, note: name })),
      action: 'Read as MM/DD/YYYY. State the date format to be sure.',
    },
  ];
}
