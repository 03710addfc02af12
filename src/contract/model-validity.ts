/** Whether a sealed model may speak about a day: one rule for every road that asks one. */
import type { ModelManifest } from './model-manifest';

export interface AskedDay {
  /** Last day that the inputs know. */
  readonly decidedOn: string;
  /** Trading days after the cut-off up to that day. */
  readonly sinceCutoff: number;
  /** Trading days from there to the day for which a signal is wanted. */
  readonly behind: number;
}

/** Inputs of yesterday's close are those of today's decision; older ones are stale. */
const MOST_SESSIONS_BEHIND = 1;

/** @returns why there is no signal, or null */
export function whySilent(
  { trained, validFor }: Pick<ModelManifest, 'trained' | 'validFor'>,
  { decidedOn, sinceCutoff, behind }: AskedDay,
): string | null {
  if (behind > MOST_SESSIONS_BEHIND) {
    return `The data end on ${decidedOn}, ${behind} trading days before the day asked about: they are stale. Import newer prices.`;
  }
  if (decidedOn < trained.cutoff) {
    return `The data end on ${decidedOn}, before the model was fitted (${trained.cutoff}).`;
  }
  if (sinceCutoff <= validFor) return null;
  return `The model was fitted on ${trained.cutoff}, ${sinceCutoff} trading days ago, and speaks for ${validFor}: it has expired. Train it again.`;
}
