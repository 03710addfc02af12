/** An import that continues a history: its files fill what the history lacks, and the result is described and checked as a whole. */
import { backfill } from '#quant/prices/backfill';
import { scanQuality } from '#quant/prices/quality';
import { QUALITY_DEFAULTS, type QualityFinding } from '#quant/prices/quality-report';
import { isoDayNumber } from '#quant/calendar/iso-day';
import type { Panel } from '#quant/panel';
import type { ImportedPrices, ImportManifest } from './import-types';

/** The history that is continued, as it is stored. */
export interface ImportBase {
  readonly panel: Panel;
  readonly benchmark: ImportedPrices['benchmark'];
  readonly manifest: Pick<ImportManifest, 'layout' | 'dateFormat' | 'adjustment' | 'sources' | 'outsideSpan'>;
}

/** Errors: those of `backfill`. */
export function backfillHistory(base: ImportBase, imported: ImportedPrices): ImportedPrices {
  const { panel, filled, kept } = backfill(base.panel, imported.panel);
  const benchmark = benchmarkOn(panel.dates, base, imported);
  const finding = (
    kind: string,
    severity: QualityFinding['severity'],
    title: string,
    count: number,
    action: string,
  ) => ({
    kind,
    severity,
    title,
    count,
    samples: [],
    action,
  });
  const quality = scanQuality({
    panel,
    days: Int32Array.from(panel.dates, isoDayNumber),
    hasBenchmark: benchmark !== null,
    hasMembership: panel.membership !== undefined,
    fromReading: [
      finding('backfilled', 'info', 'Values filled in', filled, 'Taken from the files of the back-fill.'),
      finding('backfill-conflict', 'warning', 'Values that the files contradict', kept, 'The known value was kept.'),
    ],
    options: QUALITY_DEFAULTS,
  });
  const { manifest } = imported;
  const joined = (a: string, b: string): string => [...new Set([...a.split(' + '), ...b.split(' + ')])].join(' + ');
  return {
    ...imported,
    panel,
    benchmark,
    quality,
    manifest: {
      ...manifest,
      rows: panel.fields.close.reduce((count, price) => count + (Number.isNaN(price) ? 0 : 1), 0),
      assets: panel.assets.length,
      firstDate: panel.dates[0],
      lastDate: panel.dates[panel.dates.length - 1],
      layout: joined(base.manifest.layout, manifest.layout),
      dateFormat: joined(base.manifest.dateFormat, manifest.dateFormat),
      adjustment: `${base.manifest.adjustment}; back-filled: ${manifest.adjustment}`,
      fields: Object.keys(panel.fields),
      sources: [...base.manifest.sources, ...manifest.sources],
      hasSectors: panel.sectors !== undefined,
      hasMembership: panel.membership !== undefined,
      benchmark: benchmark?.name ?? null,
    },
  };
}

/** Levels of one index only: two indices under one name would be a jump that nobody traded. */
function benchmarkOn(
  dates: readonly string[],
  base: ImportBase,
  imported: ImportedPrices,
): ImportedPrices['benchmark'] {
  const main = base.benchmark ?? imported.benchmark;
  if (main === null) return null;
  const known = new Map<string, number>();
  for (const { panel, benchmark } of [imported, base]) {
    if (benchmark?.name !== main.name) continue;
    panel.dates.forEach((date, t) => {
      if (!Number.isNaN(benchmark.levels[t])) known.set(date, benchmark.levels[t]);
    });
  }
  return { name: main.name, levels: Float64Array.from(dates, (date) => known.get(date) ?? NaN) };
}
