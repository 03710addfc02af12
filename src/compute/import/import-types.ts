/** What an import is asked and what it answers. Plain, cloneable data: it crosses process borders. */
import type { Panel } from '#quant/panel';
import type { ColumnRole } from '#quant/prices/column-roles';
import type { DateFormat } from '#quant/prices/date-reader';
import type { ConflictRule } from '#quant/prices/dense-panel';
import type { Delimiter } from '#quant/prices/dialect';
import type { DecimalMark } from '#quant/prices/number-reader';
import type { PersonalDataPolicy } from '#quant/prices/personal-data';
import type { QualityReport } from '#quant/prices/quality-report';

/** Paths of the files. Price paths may be folders; then their files are sorted by name and told apart by their headers. */
export interface ImportSource {
  readonly prices: readonly string[];
  readonly companies?: string | undefined;
  readonly index?: string | undefined;
  readonly membership?: string | undefined;
}

export interface ImportLimits {
  /** Bytes of one file, uncompressed. */
  readonly fileBytes: number;
  /** Price rows of all files together; in wide tables, cells with a value. */
  readonly rows: number;
  /** Columns of a table. */
  readonly columns: number;
  readonly tickers: number;
  /** Dates × tickers of the panel. */
  readonly cells: number;
  /** Uncompressed over compressed bytes. */
  readonly compressionRatio: number;
  readonly files: number;
}

export const DEFAULT_LIMITS: ImportLimits = {
  fileBytes: 4 * 2 ** 30,
  rows: 20_000_000,
  columns: 5_000,
  tickers: 20_000,
  cells: 60_000_000,
  compressionRatio: 100,
  files: 10_000,
};

export interface ImportOptions {
  /** `single`, `long`, `wide-close` or a vendor layout; left out: detected. */
  readonly layout?: string | undefined;
  readonly mapping?: Partial<Record<ColumnRole, string>> | undefined;
  /** Ticker of a file that holds one and does not say which. */
  readonly symbol?: string | undefined;
  readonly delimiter?: Delimiter | undefined;
  readonly decimal?: DecimalMark | undefined;
  readonly dateFormat?: DateFormat | 'ISO' | undefined;
  /** Rows of one ticker and date that differ. Default: refuse. */
  readonly conflicts?: ConflictRule | undefined;
  /** Share of bad rows above which the import is refused. Default 0.01. */
  readonly maxBadShare?: number | undefined;
  /** ISO days, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** What is done about personal data in lines that are kept. Default: remove. */
  readonly personalData?: PersonalDataPolicy | undefined;
  /** ISO day; later rows are rejected. Left out: not checked. */
  readonly today?: string | undefined;
  /** `adjusted` (default): open, high, low and close are scaled by adjusted close / close where the file has both. */
  readonly prices?: 'adjusted' | 'raw' | undefined;
  readonly jumpSigmas?: number | undefined;
  readonly staleRun?: number | undefined;
  readonly limits?: Partial<ImportLimits> | undefined;
}

export interface ImportProgress {
  readonly stage: 'reading' | 'arranging' | 'checking';
  /** File in hand. */
  readonly detail: string;
  /** Rows taken so far. */
  readonly step: number;
  /** Rows expected, as far as sizes tell. */
  readonly of: number;
}

export interface ImportContext {
  readonly signal?: AbortSignal;
  /** Called at least once per chunk read: also a sign of life. */
  readonly emit?: (progress: ImportProgress) => void;
}

export interface ImportReject {
  readonly file: string;
  /** Line of the file, from 1; record number in JSON and Parquet. */
  readonly line: number | null;
  readonly column: string | null;
  readonly reason: string;
  readonly text: string;
}

/** Rejects that are kept with their text; all are counted. */
export const REJECTS_KEPT = 10_000;

interface SourceFile {
  readonly name: string;
  readonly role: 'prices' | 'companies' | 'index' | 'membership';
  /** Bytes of the file as it lies there, and their SHA-256. */
  readonly bytes: number;
  readonly sha256: string;
}

export interface ImportManifest {
  readonly rows: number;
  readonly rejectedRows: number;
  readonly assets: number;
  readonly firstDate: string;
  readonly lastDate: string;
  /** Layout of the price files; several are joined by ` + `. */
  readonly layout: string;
  readonly mapping: Readonly<Partial<Record<ColumnRole, string>>>;
  /** Price fields of the panel. */
  readonly fields: readonly string[];
  readonly dateFormat: string;
  /** How prices were adjusted, in words. */
  readonly adjustment: string;
  readonly sources: readonly SourceFile[];
  readonly ignoredFiles: readonly string[];
  readonly equalDuplicates: number;
  readonly conflictingDuplicates: number;
  readonly outsideSpan: number;
  readonly hasSectors: boolean;
  readonly hasMembership: boolean;
  readonly benchmark: string | null;
}

export interface ImportedPrices {
  readonly panel: Panel;
  readonly benchmark: { readonly name: string; readonly levels: Float64Array } | null;
  readonly manifest: ImportManifest;
  readonly rejects: readonly ImportReject[];
  readonly quality: QualityReport;
}

export interface PreviewProblem {
  readonly severity: 'warning' | 'error';
  readonly message: string;
}

export interface SourcePreview {
  readonly layout: string | null;
  readonly delimiter: string | null;
  readonly decimal: string | null;
  readonly dateFormat: string | null;
  readonly columns: readonly string[];
  readonly mapping: Readonly<Partial<Record<ColumnRole, string>>>;
  /** First rows as text, one cell per column. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Every file with what it was taken for. */
  readonly files: readonly { readonly name: string; readonly role: string; readonly layout: string | null }[];
  readonly problems: readonly PreviewProblem[];
}
