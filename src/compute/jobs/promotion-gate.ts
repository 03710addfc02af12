/** The computed part of a promotion: the candidate is replayed on its data and tested against the champion and its own family. */
import type { RunConfig } from '#contract/runs';
import { beforeHoldout } from '#quant/audit/holdout-seal/withheld';
import type { EquityCurve, GateCheck, GoldenRow, PromotionPolicy } from '#quant/promotion/gate';
import { replayChecks } from '#quant/promotion/replay';
import { significanceCheck } from '#quant/promotion/significance';
import { type PriceData, selectData } from '#quant/research/select-data';
import type { JobContext } from '../job';

export interface PromotionGateInput extends PriceData {
  readonly config: RunConfig;
  readonly golden: readonly GoldenRow[];
  readonly stored: { readonly sharpe: number | null; readonly rankIc: number | null };
  readonly candidate: EquityCurve;
  readonly reference: EquityCurve;
  readonly role: string;
  readonly family: readonly EquityCurve[];
  readonly policy: PromotionPolicy;
}

export async function run(input: PromotionGateInput, context: JobContext): Promise<{ readonly checks: GateCheck[] }> {
  const { config, golden, stored, candidate, reference, role, family, policy, panel, benchmark } = input;
  const { data: selection, ...research } = config;
  const data = selectData({ panel, benchmark }, beforeHoldout(selection));
  const replayed = await replayChecks({ config: research, data, golden, stored, policy }, context);
  await context.breathe();
  const { seed } = research.experiment;
  return { checks: [...replayed, significanceCheck({ candidate, reference, role, family, seed, policy })] };
}
