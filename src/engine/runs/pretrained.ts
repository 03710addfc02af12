/** The sealed models that a configuration starts from: any forecast may name one as `pretrained`. */
import type { RunConfig } from '#contract/runs';
import type { ModelService } from '../models/model-service';

/** Verified bytes by the name that the configuration uses. Errors: NOT_FOUND, WORKSPACE_DAMAGED. */
export async function pretrainedOf(
  { model, experiment }: RunConfig,
  models: Pick<ModelService, 'bundle'>,
): Promise<Record<string, { bytes: Uint8Array; hash: string }>> {
  const forecasts = [model.forecast, ...experiment.compare.map(({ forecast }) => forecast)];
  const named = forecasts.map((forecast) => forecast?.params['pretrained']);
  const found: Record<string, { bytes: Uint8Array; hash: string }> = {};
  for (const ref of named) {
    if (typeof ref !== 'string' || ref in found) continue;
    const { bytes, model: sealed } = await models.bundle(ref);
    found[ref] = { bytes, hash: sealed.hash };
  }
  return found;
}
