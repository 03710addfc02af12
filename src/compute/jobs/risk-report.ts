/** The risk of one strategy of a finished run: the same part of the dataset that the run used, and what the run stored. */
import type { RunConfig } from '#contract/runs';
import { beforeHoldout } from '#quant/audit/holdout-seal/withheld';
import { riskReport } from '#quant/risk/risk-report';
import type { RiskReport, RiskReportInput } from '#quant/risk/report-types';
import { selectData, type PriceData } from '#quant/research/select-data';
import type { JobContext } from '../job';

export interface RiskReportJobInput extends PriceData {
  readonly selection: RunConfig['data'];
  readonly strategy: RiskReportInput['strategy'];
  /** By asset of the run; the panel's own may be absent. */
  readonly sectors: readonly string[];
}

export async function run(input: RiskReportJobInput, context: JobContext): Promise<RiskReport> {
  context.emit({ stage: 'risk', detail: input.strategy.name, step: 0, of: 1 });
  await context.breathe();
  const { panel, benchmark } = selectData(input, beforeHoldout(input.selection));
  return riskReport(
    {
      dates: panel.dates,
      assets: panel.assets,
      sectors: input.sectors,
      close: panel.fields.close,
      benchmark,
      strategy: input.strategy,
    },
    { breathe: () => context.breathe() },
  );
}
