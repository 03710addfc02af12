/** The leakage audit of one finished run: its configuration on its own data, seen by every guard. */
import type { RunConfig } from '#contract/runs';
import { beforeHoldout } from '#quant/audit/holdout-seal/withheld';
import type { HoldoutRecord } from '#quant/audit/holdout-seal/guard';
import { researchStudy } from '#quant/audit/research-study';
import { type AuditReport, FULL_AUDIT, QUICK_AUDIT, runAudit } from '#quant/audit/run-audit';
import type { TrialLedger } from '#quant/audit/trial-count/guard';
import { type PriceData, selectData } from '#quant/research/select-data';
import type { JobContext } from '../job';
import { withNetworks } from '../training/job-networks';

export interface AuditJobInput extends PriceData {
  readonly config: RunConfig;
  readonly effort: 'full' | 'quick';
  readonly ledger: TrialLedger;
  /** Room on the card that networks may plan with. */
  readonly vramBytes: number;
  /** What is on record about the sealed period; null where the run has none. */
  readonly holdout: (Omit<HoldoutRecord, 'opened'> & { readonly open: boolean }) | null;
}

export async function run(input: AuditJobInput, context: JobContext): Promise<AuditReport> {
  const { config, effort, ledger, holdout, vramBytes, ...data } = input;
  const { data: selection, ...research } = config;
  return withNetworks(context, { resumes: false, vramBytes }, async ({ networks }) => {
    const subject = {
      config: research,
      data: selectData(data, beforeHoldout(selection)),
      study: (varied: typeof research) => researchStudy(varied, { ...context, networks }),
    };
    const opened = holdout?.open === true ? selectData(data, selection) : null;
    const sealed = holdout && { from: holdout.from, openings: holdout.openings, peeks: holdout.peeks, opened };
    return runAudit(subject, { ledger, holdout: sealed }, effort === 'full' ? FULL_AUDIT : QUICK_AUDIT, context);
  });
}
