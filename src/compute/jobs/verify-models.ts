/** Sealed models from elsewhere: parsed and made to answer their golden rows here, before anybody keeps them. Nothing in them is run. */
import type { ModelManifest } from '#contract/model-manifest';
import type { JobContext } from '../job';
import { openModel, type SealedBytes } from '../models/open-model';
import { withNetworks } from '../training/job-networks';

export interface VerifyModelsInput {
  readonly models: readonly SealedBytes[];
}

/** The manifests, in the same order. Errors: INVALID_DATA for a bundle that is not sound or answers differently. */
export async function run({ models }: VerifyModelsInput, context: JobContext): Promise<readonly ModelManifest[]> {
  return withNetworks(context, { resumes: false }, async ({ networks }) => {
    const manifests: ModelManifest[] = [];
    for (const sealed of models) {
      await context.breathe();
      manifests.push((await openModel(sealed, networks, { device: 'wasm', precision: 'f32', strict: false })).manifest);
    }
    return manifests;
  });
}
