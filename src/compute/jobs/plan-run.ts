/** What a configuration will do and take: the schedule of the real pipeline, and a memory plan and a probe batch per network. */
import { createHash } from 'node:crypto';
import type { NetworkPlan, RunPlan } from '#contract/run-plan';
import type { RunConfig } from '#contract/runs';
import { beforeHoldout } from '#quant/audit/holdout-seal/withheld';
import { isPanelModel } from '#quant/models/panel-model';
import { productPieces } from '#quant/research/pieces';
import { prepareResearch, type ResearchStage } from '#quant/research/prepare-research';
import { planFits } from '#quant/research/schedule';
import { selectData, type PriceData } from '#quant/research/select-data';
import type { StrategyPlan } from '#quant/research/strategies';
import type { JobContext } from '../job';
import { planSearch } from '../training/network-plan';
import { withNetworks } from '../training/job-networks';

export interface PlanJobInput extends PriceData {
  readonly config: RunConfig;
}

/** The engine knows the ledger: it gets the names of the trials and counts. */
export type PlannedRun = Omit<RunPlan, 'trials'> & { readonly trials: readonly string[] };

export async function run({ config, ...data }: PlanJobInput, context: JobContext): Promise<PlannedRun> {
  const { data: selection, ...research } = config;
  const { panel } = selectData(data, beforeHoldout(selection));
  const stage = await prepareResearch(research, panel, context, productPieces);
  return withNetworks(context, { resumes: false }, async ({ networks: trainer }) => {
    const networks: NetworkPlan[] = [];
    const seen = new Set<string>();
    for (const plan of stage.plans) {
      const { forecast } = plan;
      if (forecast === null || seen.has(forecast.key) || !isPanelModel(forecast.model)) continue;
      seen.add(forecast.key);
      const fits = fitsOf(stage, plan);
      const features = stage.prepared.get(forecast.key)?.table.names.length ?? 0;
      const { train, mode } = config.backtest.window;
      const days = mode === 'rolling' ? train : fits[fits.length - 1].lastTrainRow - fits[0].firstTrainRow + 1;
      const shape = { assets: panel.assets.length, days, features };
      networks.push({
        strategy: plan.name,
        model: forecast.spec.id,
        ...(await planSearch(forecast.model, forecast, shape, fits.length, trainer)),
      });
    }
    const { decisionRows, finalRow } = stage.schedule;
    const primary = stage.plans[0].forecast === null ? [] : fitsOf(stage, stage.plans[0]);
    return {
      folds: primary.length,
      decisions: decisionRows.length,
      firstDecision: panel.dates[decisionRows[0]],
      lastDate: panel.dates[finalRow],
      trainRows: rowsOf(stage, primary),
      strategies: stage.plans.map(({ name }) => name),
      networks,
      trials: stage.plans.map(({ key }) => createHash('sha256').update(key).digest('hex')),
    };
  });
}

function fitsOf({ market, schedule, config, prepared }: ResearchStage, { forecast }: StrategyPlan) {
  const known = forecast && prepared.get(forecast.key);
  if (!known) return [];
  return planFits(market.dates, schedule, config.backtest, { warmUp: known.warmUp, horizon: known.plan.horizon });
}

function rowsOf({ plans, prepared }: ResearchStage, fits: ReturnType<typeof fitsOf>): RunPlan['trainRows'] {
  const key = plans[0].forecast?.key;
  const ledger = key === undefined ? undefined : prepared.get(key)?.ledger;
  if (!ledger || fits.length === 0) return { first: 0, last: 0 };
  const count = ({ firstTrainRow, lastTrainRow, fitRow }: (typeof fits)[number]) =>
    ledger.between(firstTrainRow, lastTrainRow, fitRow).rows;
  return { first: count(fits[0]), last: count(fits[fits.length - 1]) };
}
