/** Datasets: found by identifier, name or `latest`; written whole in one transaction when their job has succeeded. */
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import {
  manifestSchema,
  qualityReportSchema,
  type Dataset,
  type Manifest,
  type QualityReport,
} from '#contract/datasets';
import type { Host } from '../host';
import { inTransaction, type Database } from '../store/database';
import type { ObjectStore } from '../store/object-store';
import { sha256 } from '../store/sha256';
import { createDatasetTable, type DatasetRow, type Page, type RejectRow } from './dataset-table';
import type { Publish } from '../topics/outbox';
import { createHistoryReader, putHistory, type PriceHistory } from './panel-objects';

export interface NewDataset {
  readonly id: string;
  readonly name: string;
  readonly job: string;
  readonly history: PriceHistory;
  readonly manifest: Manifest;
  readonly quality: QualityReport;
  readonly rejects: readonly RejectRow[];
}

export interface DatasetServiceOptions {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly host: Pick<Host, 'now'>;
  readonly publish: Publish;
}

function toDataset(row: DatasetRow): Dataset {
  return {
    id: row.id,
    name: row.name,
    version: row.version,
    contentHash: row.content_hash,
    createdAt: new Date(row.created_at).toISOString(),
    manifest: manifestSchema.parse(JSON.parse(row.manifest)),
    findings: { error: row.errors, warning: row.warnings, info: row.infos },
  };
}

export function createDatasetService({ database, objects, host, publish }: DatasetServiceOptions) {
  const table = createDatasetTable(database);

  function row(ref: string): DatasetRow {
    const found = table.find(ref);
    if (found === undefined) {
      throw new AppError(
        'NOT_FOUND',
        `Expected a dataset named or numbered "${ref}", found none. List them with: sextant datasets list.`,
      );
    }
    return found;
  }

  const reader = (ref: string) => createHistoryReader(objects, table.objects(row(ref).id));

  /** Stores the arrays first; the returned function makes the dataset visible and belongs into the job's last transaction. */
  async function store(dataset: NewDataset): Promise<() => void> {
    const stored = await putHistory(objects, dataset.history);
    const contentHash = sha256(canonicalJson(stored.map(({ role, hash }) => [role, hash])));
    const count = (severity: string) =>
      dataset.quality.findings.filter((finding) => finding.severity === severity).length;
    return () => {
      const version = table.nextVersion(dataset.name);
      table.insert(
        {
          id: dataset.id,
          name: dataset.name,
          version,
          content_hash: contentHash,
          job: dataset.job,
          created_at: host.now(),
          manifest: canonicalJson(dataset.manifest),
          quality: canonicalJson(dataset.quality),
          errors: count('error'),
          warnings: count('warning'),
          infos: count('info'),
        },
        stored,
      );
      table.insertRejects(dataset.id, dataset.rejects);
      const { firstDate, lastDate, assets, rows } = dataset.manifest;
      publish('data.refreshed', {
        dataset: dataset.id,
        name: dataset.name,
        version,
        contentHash,
        firstDate,
        lastDate,
        assets,
        rows,
      });
    };
  }

  function remove(ref: string): string {
    const { id, name } = row(ref);
    const runs = table.runsOf(id);
    if (runs > 0) {
      throw new AppError(
        'CONFLICT',
        `Expected a dataset without runs, found ${runs} that use ${name}. A run keeps its data.`,
        {
          data: { runs },
        },
      );
    }
    inTransaction(database, () => table.remove(id));
    return id;
  }

  return {
    find: (ref: string): Dataset => toDataset(row(ref)),
    /** The newest dataset of this content; null where there is none. */
    withContent(hash: string): Dataset | null {
      const found = table.withContent(hash);
      return found === undefined ? null : toDataset(found);
    },
    list({ limit, offset }: Page) {
      const { rows, total } = table.list({ limit, offset });
      return { datasets: rows.map(toDataset), total };
    },
    quality: (ref: string): QualityReport => qualityReportSchema.parse(JSON.parse(row(ref).quality)),
    /** Rejects of a dataset; a refused import has rejects and no dataset, and is found by its identifier. */
    rejects: (ref: string, page: Page) => table.rejects(table.find(ref)?.id ?? ref, page),
    index: (ref: string) => reader(ref).index(),
    field: (ref: string, name: Parameters<ReturnType<typeof reader>['field']>[0]) => reader(ref).field(name),
    history: (ref: string): Promise<PriceHistory> => reader(ref).history(),
    insertRejects: (id: string, rejects: readonly RejectRow[]): void =>
      inTransaction(database, () => table.insertRejects(id, rejects)),
    store,
    remove,
  };
}
export type DatasetService = ReturnType<typeof createDatasetService>;
