/** Computes the features of a panel as a run would, and says from when and how completely each is known. */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { computeFeatureTable } from '#quant/features/feature-table';
import { selectFeatures } from '#quant/features/named-features';
import type { Panel } from '#quant/panel';
import type { featureSetSchema } from '#quant/research/config';
import type { JobContext } from '../job';

export interface BuildFeaturesInput {
  readonly panel: Panel;
  readonly features: z.infer<typeof featureSetSchema>;
}

export interface BuiltFeatures {
  /** SHA-256 over all values, in order. */
  readonly hash: string;
  readonly features: readonly {
    readonly name: string;
    /** First day on which an asset has a value. */
    readonly firstDate: string | null;
    /** Share of the cells from then on that have one. */
    readonly coverage: number;
  }[];
}

export async function run({ panel, features }: BuildFeaturesInput, context: JobContext): Promise<BuiltFeatures> {
  const { features: chosen } = selectFeatures(features.set, panel);
  const table = computeFeatureTable(panel, chosen, features, (done, of) => {
    context.emit({ stage: 'features', detail: chosen[done - 1]?.name ?? '', step: done, of });
  });
  const hash = createHash('sha256');
  const assets = panel.assets.length;
  const summaries: BuiltFeatures['features'][number][] = [];
  for (const [k, column] of table.columns.entries()) {
    await context.breathe();
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
    const first = column.findIndex((value) => Number.isFinite(value));
    const known = column.reduce((count, value) => count + (Number.isFinite(value) ? 1 : 0), 0);
    const row = Math.floor(first / assets);
    const cells = column.length - row * assets;
    summaries.push({
      name: table.names[k],
      firstDate: first < 0 ? null : table.dates[row],
      coverage: first < 0 ? 0 : known / cells,
    });
  }
  return { hash: hash.digest('hex'), features: summaries };
}
