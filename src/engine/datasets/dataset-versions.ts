/** Versions of datasets side by side: lineage by content hash, and the removal of those that nothing needs. */
import { z } from 'zod';
import { canonicalJson } from '#base/canonical-json';
import { runConfigSchema } from '#contract/runs';
import { inTransaction, type Database } from '../store/database';
import { sha256 } from '../store/sha256';
import type { DatasetService } from './dataset-service';
import { createDatasetTable } from './dataset-table';

interface UsingRun {
  readonly name: string;
  readonly config: string;
}

const rowsOf = (manifest: string): number => z.object({ rows: z.int() }).parse(JSON.parse(manifest)).rows;

export function createDatasetVersions(database: Database, datasets: DatasetService) {
  const table = createDatasetTable(database);
  const using = database.prepare<[string], UsingRun>(
    'SELECT name, config FROM runs WHERE dataset = ? ORDER BY created_at DESC, id DESC',
  );
  const ofName = database.prepare<
    [string],
    { id: string; version: number; content_hash: string; created_at: number; manifest: string; runs: number }
  >(
    `SELECT id, version, content_hash, created_at, manifest, (SELECT count(*) FROM runs WHERE runs.dataset = datasets.id) AS runs
     FROM datasets WHERE name = ? ORDER BY version DESC`,
  );

  function lineage(ref: string) {
    const { id, name, version, contentHash, createdAt, manifest } = datasets.find(ref);
    const features = new Map<string, { hash: string; description: string; runs: number; latestRun: string }>();
    for (const run of using.all(id)) {
      const { model } = runConfigSchema.parse(JSON.parse(run.config));
      if (model.forecast === null) continue;
      const { set, transform, winsorize } = model.features;
      const hash = sha256(canonicalJson({ contentHash, features: model.features }));
      const description = `${set === 'standard' ? 'the standard set' : set.join(', ')}; ${transform}, winsorized ${winsorize}`;
      const known = features.get(hash) ?? { hash, description, runs: 0, latestRun: run.name };
      features.set(hash, { ...known, runs: known.runs + 1 });
    }
    return {
      raw: manifest.sources.map(({ name: file, role, sha256: digest }) => ({ name: file, role, sha256: digest })),
      cleaned: {
        id,
        name,
        version,
        contentHash,
        createdAt,
        arrays: table.objects(id).map(({ role, hash, bytes }) => ({ role, sha256: hash, bytes })),
      },
      features: [...features.values()],
    };
  }

  function versions(ref: string) {
    const { name } = datasets.find(ref);
    return {
      versions: ofName.all(name).map((row) => ({
        id: row.id,
        name,
        version: row.version,
        contentHash: row.content_hash,
        createdAt: new Date(row.created_at).toISOString(),
        rows: rowsOf(row.manifest),
        runs: row.runs,
      })),
    };
  }

  /** The version that is removed last is never the newest: a later import would take its number again. */
  function prune(ref: string, keep: number, confirm: boolean) {
    return inTransaction(database, () => {
      const due = versions(ref)
        .versions.slice(keep)
        .filter(({ runs }) => runs === 0);
      if (confirm) for (const { id } of due) datasets.remove(id);
      return {
        removed: confirm,
        versions: due.map(({ id, name, version, contentHash }) => ({ id, name, version, contentHash })),
      };
    });
  }

  return { lineage, versions, prune };
}
export type DatasetVersions = ReturnType<typeof createDatasetVersions>;
