/** The primary strategy of a run on every day of its rebalance period: the same part of the dataset that the run used. */
import type { TimingLuck } from '#contract/run-luck';
import type { RunConfig } from '#contract/runs';
import { beforeHoldout } from '#quant/audit/holdout-seal/withheld';
import { timingLuck } from '#quant/research/timing-luck';
import { selectData, type PriceData } from '#quant/research/select-data';
import type { JobContext } from '../job';
import { withNetworks } from '../training/job-networks';

export interface TimingLuckJobInput extends PriceData {
  readonly config: RunConfig;
}

export async function run({ config, ...history }: TimingLuckJobInput, context: JobContext): Promise<TimingLuck> {
  const { data, ...research } = config;
  const { panel } = selectData(history, beforeHoldout(data));
  const report = await withNetworks(context, { resumes: false }, async ({ networks }) =>
    timingLuck(research, panel, {
      networks,
      signal: context.signal,
      breathe: () => context.breathe(),
      emit: (progress) => context.emit(progress),
    }),
  );
  const { offset: _all, ...tranched } = report.tranched;
  return {
    strategy: report.strategy,
    rebalance: config.backtest.rebalance,
    from: report.firstDate,
    to: panel.dates[panel.dates.length - 1],
    days: report.days,
    verdict:
      `${report.verdict} Compare the offsets with each other, not with the figures of the run: ` +
      `they all start on ${report.firstDate} and share their fits.`,
    sharpe: report.sharpe,
    cagr: report.cagr,
    maxDrawdown: report.maxDrawdown,
    tranched,
    offsets: report.offsets.map((outcome) => ({ ...outcome })),
  };
}
