/**
 * A sealed model ready to answer: the bytes are hashed and parsed in one reading, and the golden rows replayed on the device that will
 * answer. A model that does not give its own answers back is not used.
 */
import { createHash } from 'node:crypto';
import { AppError } from '#base/errors';
import type { ModelManifest } from '#contract/model-manifest';
import type { FittedNetwork } from '#quant/models/panel-model';
import type { DeviceChoice } from '#quant/nn/training';
import type { Trainer } from '../training/trainer';
import { decodeBundle, type ModelBundle } from './bundle';
import { loadModel } from './load-model';

export interface OpenModel {
  readonly manifest: ModelManifest;
  readonly fitted: FittedNetwork;
}

export interface SealedBytes {
  readonly bytes: Uint8Array;
  /** SHA-256 that the registry has on record. */
  readonly hash: string;
}

/** Errors: WORKSPACE_DAMAGED for other bytes, INVALID_DATA for a bundle that is not sound or answers differently. */
export async function openModel(
  sealed: SealedBytes,
  networks: Pick<Trainer, 'engineFor'>,
  choice: DeviceChoice,
): Promise<OpenModel> {
  const found = createHash('sha256').update(sealed.bytes).digest('hex');
  if (found !== sealed.hash) {
    throw new AppError(
      'WORKSPACE_DAMAGED',
      `Expected a model of hash ${sealed.hash}, found ${found}. It was not loaded.`,
    );
  }
  const replayed = await loadModel(sealed.bytes, await networks.engineFor(choice));
  replayed.dispose();
  const bundle = decodeBundle(sealed.bytes);
  return { manifest: bundle.manifest, fitted: fittedOf(bundle, choice) };
}

function fittedOf({ manifest, members, golden }: ModelBundle, choice: DeviceChoice): FittedNetwork {
  const { features, network, input, output, device, validation } = manifest;
  return {
    features: features.map(({ name }) => name),
    network,
    members,
    scaler: { mean: features.map(({ mean }) => mean), deviation: features.map(({ deviation }) => deviation) },
    range: { minimum: features.map(({ minimum }) => minimum), maximum: features.map(({ maximum }) => maximum) },
    output,
    input,
    choice,
    device,
    validation,
    golden,
  };
}
