/** The range of a dataset that a run with a sealed holdout may see. */
import { AppError } from '#base/errors';

export interface SealedRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** First sealed day. */
  readonly holdout?: string | undefined;
}

/** The same range, ended on the day before the holdout. Errors: INVALID_CONFIG where nothing would be left. */
export function beforeHoldout<Selection extends SealedRange>(selection: Selection): Selection {
  const { holdout, from, to } = selection;
  if (holdout === undefined) return selection;
  if (from !== undefined && from >= holdout) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected data.holdout after data.from, found ${holdout} and ${from}. Seal a later period or start earlier.`,
      { data: { path: 'data.holdout', holdout, from } },
    );
  }
  const [year, month, day] = holdout.split('-').map(Number);
  const last = new Date(Date.UTC(year, month - 1, day - 1)).toISOString().slice(0, 10);
  return { ...selection, to: to === undefined || to > last ? last : to };
}
