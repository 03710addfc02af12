/** What changed between two versions of a dataset, cut to what a table shows. */
import type { Panel } from '#quant/panel';
import { versionDiff, type VersionDiff } from '#quant/prices/version-diff';

const MOST_LISTED = 500;

export async function run({ before, after }: { readonly before: Panel; readonly after: Panel }): Promise<VersionDiff> {
  const { dates, assets, changedAssets, ...diff } = versionDiff(before, after);
  const cut = ({ added, removed }: VersionDiff['dates']): VersionDiff['dates'] => ({
    added: added.slice(0, MOST_LISTED),
    removed: removed.slice(0, MOST_LISTED),
  });
  return { ...diff, dates: cut(dates), assets: cut(assets), changedAssets: changedAssets.slice(0, MOST_LISTED) };
}
