/**
 * The quality report of an import: what was rejected or dropped, and what remains in the panel that a person should know, each kind with
 * severity, count, samples and what was done about it. Nothing here changes data.
 */
import { barFindings, calendarFindings, jumpFindings, lifeFindings, staleFindings } from './quality-findings';
import { presentRows, type DefectPanel } from './defects';
import type { QualityInput, QualityReport, Severity, YearCoverage } from './quality-report';

const SEVERITY_ORDER: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Scans a panel. Findings come worst first; kinds without occurrences are left out. */
export function scanQuality(input: QualityInput): QualityReport {
  const { panel, options } = input;
  const present = presentRows(panel);
  const findings = [
    ...input.fromReading,
    ...barFindings(panel, present),
    ...jumpFindings(panel, present, options.jumpSigmas),
    ...staleFindings(panel, present, options.staleRun),
    ...calendarFindings(panel, present, input.days),
    ...lifeFindings(panel, present, input),
  ].filter(({ count }) => count > 0);
  findings.sort((a, b) => SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity]);
  return { findings, coverageByYear: coverageByYear(panel, present) };
}

function coverageByYear(panel: DefectPanel, present: readonly Int32Array[]): YearCoverage[] {
  const yearOf = panel.dates.map((date) => Number(date.slice(0, 4)));
  const dates = new Map<number, number>();
  for (const year of yearOf) dates.set(year, (dates.get(year) ?? 0) + 1);
  const years = [...dates.keys()];
  const rows = new Map<number, number>();
  const assets = new Map<number, number>();
  for (const list of present) {
    let last = -1;
    for (const t of list) {
      const year = yearOf[t];
      rows.set(year, (rows.get(year) ?? 0) + 1);
      if (year !== last) assets.set(year, (assets.get(year) ?? 0) + 1);
      last = year;
    }
  }
  return years.map((year) => {
    const count = rows.get(year) ?? 0;
    const names = assets.get(year) ?? 0;
    return { year, assets: names, rows: count, share: names === 0 ? 0 : count / (names * (dates.get(year) ?? 1)) };
  });
}
