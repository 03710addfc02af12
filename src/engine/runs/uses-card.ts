/** Whether a run may train on the graphics card, and so needs its lease: some forecast's parameters name a device other than the processor. */
import type { RunConfig } from '#contract/runs';
import { findModelSpec } from '#quant/models/registry';

/** `auto` takes the best device that works, which may be the card. */
const ON_CARD: ReadonlySet<unknown> = new Set(['auto', 'wgsl', 'tf']);

export function usesCard({ model, experiment }: Pick<RunConfig, 'model' | 'experiment'>): boolean {
  return [model, ...experiment.compare].some(({ forecast }) => {
    if (forecast === null || forecast === undefined) return false;
    const parsed = findModelSpec(forecast.id)?.params.safeParse(forecast.params);
    // What does not parse fails when the run is prepared, with its reason.
    const params: unknown = parsed?.data;
    return typeof params === 'object' && params !== null && 'device' in params && ON_CARD.has(params.device);
  });
}
