/**
 * An independent look at a walk-forward plan: does any label used for training reach into the window that it is tested on?
 * The audit trusts nothing that the planner computed except the rows themselves, and its outcome is stored with the run.
 */

/** One refit of a model, in rows of the panel. */
export interface AuditedFold {
  /** Row at whose close the model was fitted. */
  readonly fitRow: number;
  /** First and last training row used. */
  readonly firstTrainRow: number;
  readonly lastTrainRow: number;
  /** Decisions made with this fit: first and last row. */
  readonly firstTestRow: number;
  readonly lastTestRow: number;
}

interface FoldAudit extends AuditedFold {
  /** Last row that a training label reads: lastTrainRow + lag + horizon. */
  readonly lastLabelRow: number;
  /** Rows between the last training label and the first test decision; negative = overlap. */
  readonly clearance: number;
  readonly ok: boolean;
}

export interface SplitAudit {
  readonly horizon: number;
  readonly lag: number;
  readonly embargo: number;
  readonly folds: readonly FoldAudit[];
  /** Number of folds whose labels meet the test window, its embargo, or data after the fit. */
  readonly overlaps: number;
  readonly ok: boolean;
}

/**
 * The label of row s reads rows s + lag … s + lag + horizon. A fold is clean when the last label ends no later than the fit
 * (so it was known), and at least `embargo` rows before the first test decision.
 */
export function auditSplits(folds: readonly AuditedFold[], horizon: number, lag: number, embargo: number): SplitAudit {
  const audited = folds.map((fold): FoldAudit => {
    const lastLabelRow = fold.lastTrainRow + lag + horizon;
    const clearance = fold.firstTestRow - lastLabelRow;
    const ordered =
      fold.firstTrainRow >= 0 && fold.firstTrainRow <= fold.lastTrainRow && fold.firstTestRow <= fold.lastTestRow;
    return {
      ...fold,
      lastLabelRow,
      clearance,
      ok: ordered && lastLabelRow <= fold.fitRow && fold.fitRow <= fold.firstTestRow && clearance >= embargo,
    };
  });
  const overlaps = audited.filter((fold) => !fold.ok).length;
  return { horizon, lag, embargo, folds: audited, overlaps, ok: overlaps === 0 };
}
