/** What the engine hands over to a report: plain data, read and frozen when the job starts. */
import type { Dataset, QualityReport } from '#contract/datasets';
import type { Portfolio } from '#contract/portfolios';
import type { ReportKind, ReportTemplate } from '#contract/reports';
import type { Run } from '#contract/runs';
import type { RiskReport } from '#quant/risk/report-types';

export interface RunSeries {
  readonly dates: readonly string[];
  readonly strategies: readonly {
    readonly name: string;
    readonly role: Run['strategies'][number]['role'];
    readonly equity: readonly number[];
    readonly gross: readonly number[];
    readonly drawdown: readonly number[];
    readonly rollingSharpe: readonly (number | null)[];
    readonly exposure: readonly number[];
    readonly rebalances: readonly {
      readonly decided: string;
      readonly filled: string;
      readonly turnover: number;
      readonly cost: number;
      readonly holdings: number;
    }[];
  }[];
}

/** Another finished run on data of the same content. */
export interface PeerRun {
  readonly id: string;
  readonly name: string;
  readonly seed: number;
  /** Hash of everything that decides the strategies but the seed. */
  readonly computation: string;
  readonly sharpes: readonly { readonly strategy: string; readonly sharpe: number | null }[];
}

export interface AuditEntry {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
}

/** Daily net asset values that were recorded as they happened. */
export interface LiveRecord {
  readonly source: string;
  readonly dates: readonly string[];
  readonly values: readonly number[];
}

export interface RunFacts {
  readonly run: Run;
  readonly series: RunSeries;
  readonly portfolio: Portfolio | null;
  /** Target weights of the last rebalance of the backtest, by asset; null where they were not stored. */
  readonly lastWeights: {
    readonly decided: string;
    readonly weights: Readonly<Record<string, number>>;
    readonly sectors: Readonly<Record<string, string>>;
  } | null;
  readonly peers: readonly PeerRun[];
  /** Null where the kind does not need it; a text says why it could not be computed. */
  readonly risk: RiskReport | string | null;
  readonly live: LiveRecord | null;
  /** Hash of everything that decides the strategies but the seed. */
  readonly computation: string;
}

export interface ReportFacts {
  readonly kind: ReportKind;
  readonly generatedAt: string;
  readonly locale: 'en' | 'de';
  readonly currency: string;
  readonly paper: 'a4' | 'letter';
  readonly template: ReportTemplate;
  readonly workspace: string;
  readonly version: { readonly app: string; readonly gitCommit: string | null; readonly lockHash: string };
  readonly dataset: Dataset;
  readonly quality: QualityReport;
  readonly rejectedRows: number;
  readonly run: RunFacts | null;
  /** Newest first. */
  readonly audit: readonly AuditEntry[];
}
