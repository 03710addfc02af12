/** The operations of `contract/datasets.ts`. */
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '#base/errors';
import { datasetDiffSchema } from '#contract/dataset-versions';
import { previewSchema, type Dataset } from '#contract/datasets';
import type { HandlersOf } from '../api/handlers';
import type { Host } from '../host';
import type { Queue } from '../jobs/queue';
import { createUlid } from '../store/ulid';
import { coverageOf } from './dataset-assets';
import type { DatasetService } from './dataset-service';
import type { DatasetVersions } from './dataset-versions';

export interface DatasetHandlerOptions {
  readonly datasets: DatasetService;
  readonly versions: DatasetVersions;
  readonly queue: Pick<Queue, 'enqueue' | 'runOnce'>;
  readonly host: Pick<Host, 'now' | 'workspace'>;
}

/** Folder of uploaded source files; emptied when their import ends and at every start. */
export const INCOMING = 'incoming';

const numberOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

export function createDatasetHandlers({
  datasets,
  versions,
  queue,
  host,
}: DatasetHandlerOptions): HandlersOf<'datasets'> {
  async function prices(input: { dataset: string; asset: string; from?: string | undefined; to?: string | undefined }) {
    const { dates, assets } = await datasets.index(input.dataset);
    const column = assets.indexOf(input.asset);
    if (column < 0) {
      throw new AppError(
        'NOT_FOUND',
        `Expected an asset of this dataset, found "${input.asset}". List them with: sextant datasets assets ${input.dataset}.`,
      );
    }
    const rows = dates.flatMap((date, t) =>
      (input.from === undefined || date >= input.from) && (input.to === undefined || date <= input.to) ? [t] : [],
    );
    const pick = async (field: 'open' | 'high' | 'low' | 'close' | 'volume') => {
      const values = await datasets.field(input.dataset, field);
      return rows.map((t) => (values === undefined ? null : numberOrNull(values[t * assets.length + column])));
    };
    return {
      dates: rows.map((t) => dates[t]),
      open: await pick('open'),
      high: await pick('high'),
      low: await pick('low'),
      close: await pick('close'),
      volume: await pick('volume'),
    };
  }

  return {
    list: async (input) => datasets.list(input),
    show: async ({ dataset }) => datasets.find(dataset),
    preview: async ({ options, ...source }, { signal }) =>
      previewSchema.parse(await queue.runOnce('preview-source', { source, options }, { signal })),
    import: async ({ name, options, ...source }) => {
      const dataset = createUlid(host.now());
      const job = queue.enqueue({
        kind: 'import-dataset',
        subject: dataset,
        title: name,
        payload: { name, source, options },
      });
      return { job, dataset };
    },
    backfill: async ({ dataset, options, ...source }) => {
      const { id: base, name } = datasets.find(dataset);
      const subject = createUlid(host.now());
      const job = queue.enqueue({
        kind: 'import-dataset',
        subject,
        title: `${name} (back-fill)`,
        payload: { name, source, options, base },
      });
      return { job, dataset: subject };
    },
    upload: async ({ file }) => {
      // A folder of its own keeps the file's name as the person knows it in every message.
      const folder = join(host.workspace, INCOMING, createUlid(host.now()));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const name = basename(file.name)
        .replaceAll(/[\0/\\]/g, '_')
        .slice(-120);
      const path = join(folder, /^\.*$/.test(name) ? 'upload' : name);
      try {
        await pipeline(Readable.fromWeb(file.stream()), createWriteStream(path, { mode: 0o600, flags: 'wx' }));
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
      return { path, name: file.name, bytes: (await stat(path)).size };
    },
    generate: async ({ name, preset, seed }) => {
      const dataset = createUlid(host.now());
      const job = queue.enqueue({
        kind: 'generate-dataset',
        subject: dataset,
        title: name,
        payload: { name, preset, seed },
      });
      return { job, dataset };
    },
    quality: async ({ dataset }) => datasets.quality(dataset),
    rejects: async ({ dataset, limit, offset }) => {
      const { rows, total } = datasets.rejects(dataset, { limit, offset });
      return { rejects: rows.map(({ column_name: column, ...row }) => ({ ...row, column })), total };
    },
    assets: async ({ dataset }) => {
      const { dates, assets, sectors } = await datasets.index(dataset);
      const close = (await datasets.field(dataset, 'close')) ?? new Float64Array(0);
      const { assets: rows, months, coverage } = coverageOf({ dates, assets, sectors, close });
      return { assets: [...rows], months: [...months], coverage: [...coverage] };
    },
    prices,
    remove: async ({ dataset }) => ({ removed: datasets.remove(dataset) }),
    diff: async ({ dataset, against }, { signal }) => {
      const [before, after] = [datasets.find(against), datasets.find(dataset)];
      const [{ panel: older }, { panel: newer }] = [
        await datasets.history(before.id),
        await datasets.history(after.id),
      ];
      const answer = await queue.runOnce('dataset-diff', { before: older, after: newer }, { signal });
      const head = ({ id, name, version, contentHash }: Dataset) => ({ id, name, version, contentHash });
      return { before: head(before), after: head(after), ...datasetDiffSchema.parse(answer) };
    },
    lineage: async ({ dataset }) => versions.lineage(dataset),
    versions: async ({ dataset }) => versions.versions(dataset),
    prune: async ({ dataset, keep, confirm }) => versions.prune(dataset, keep, confirm),
  };
}
