/** Shapes of the quality report: findings with samples and what was done about them, and coverage per year. */
import type { DefectPanel } from './defects';

export type Severity = 'info' | 'warning' | 'error';

export interface FindingSample {
  readonly asset: string;
  readonly date: string;
  readonly value: number | null;
  readonly note?: string;
}

export interface QualityFinding {
  readonly kind: string;
  readonly severity: Severity;
  readonly title: string;
  readonly count: number;
  readonly samples: readonly FindingSample[];
  /** What the import did about it, in words. */
  readonly action: string;
}

export interface YearCoverage {
  readonly year: number;
  /** Assets with at least one row. */
  readonly assets: number;
  readonly rows: number;
  /** Rows over dates × assets of that year. */
  readonly share: number;
}

export interface QualityReport {
  readonly findings: readonly QualityFinding[];
  readonly coverageByYear: readonly YearCoverage[];
}

export interface QualityOptions {
  /** A return beyond this many robust standard deviations of its asset is a jump. */
  readonly jumpSigmas: number;
  /** Identical closes in a row from which a price counts as stale. */
  readonly staleRun: number;
}

export const QUALITY_DEFAULTS: QualityOptions = { jumpSigmas: 12, staleRun: 5 };

export interface QualityInput {
  readonly panel: DefectPanel;
  /** Day numbers of the panel's dates. */
  readonly days: Int32Array;
  readonly hasBenchmark: boolean;
  readonly hasMembership: boolean;
  /** Findings about rows that did not reach the panel. */
  readonly fromReading: readonly QualityFinding[];
  readonly options: QualityOptions;
}

/** Samples kept per finding. */
export const SAMPLE_LIMIT = 20;
