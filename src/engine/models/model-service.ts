/** Models: kept with the run that fitted them, sealed, and handed out only after hash and seal were verified on the same bytes. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import { modelManifestSchema, type ModelManifest } from '#contract/model-manifest';
import type { Model, ModelSummary } from '#contract/models';
import type { ObjectStore } from '../store/object-store';
import type { Workspace } from '../store/workspace';
import { createUlid } from '../store/ulid';
import type { ModelRow, ModelTable } from './model-table';

export interface ModelServiceOptions {
  readonly table: ModelTable;
  readonly objects: ObjectStore;
  /** HMAC by a key of the workspace. */
  readonly seal: Workspace['seal'];
}

/** A bundle as its worker made it. */
export interface NewBundle {
  readonly strategy: string;
  readonly manifest: ModelManifest;
  readonly bytes: Uint8Array;
  /** Where it was fitted elsewhere: as it was named there, and when that was (UTC milliseconds). */
  readonly origin?: { readonly id: string; readonly createdAt: number };
}

/** What is to be written with the run, in its transaction. */
export type StoredBundle = (run: string, now: number) => void;

export function createModelService({ table, objects, seal }: ModelServiceOptions) {
  function find(ref: string): ModelRow {
    const row = table.find(ref);
    if (row !== undefined) return row;
    throw new AppError(
      'NOT_FOUND',
      `Expected a model named or numbered "${ref}", found none. List them with: sextant models list.`,
    );
  }

  const sealOf = ({ id, run, name, hash }: Pick<ModelRow, 'id' | 'run' | 'name' | 'hash'>): string =>
    seal('model', canonicalJson({ id, run, name, hash }));

  return {
    find,
    /** Whether a model of this identifier is here. */
    has: (id: string): boolean => table.find(id) !== undefined,
    list(run: string | null, limit: number, offset: number) {
      const { rows, total } = table.list(run, limit, offset);
      return { models: rows.map(toSummary), total };
    },
    show: (ref: string): Model => toModel(find(ref)),
    /** Stores the bytes; the returned function writes the row, synchronously. */
    async store({ strategy, manifest, bytes, origin }: NewBundle): Promise<StoredBundle> {
      const object = await objects.putObject([bytes]);
      return (run, now) => {
        const id = origin?.id ?? createUlid(now);
        const { cutoff } = manifest.trained;
        const name = `${manifest.model}-${manifest.label.horizon}d-${cutoff}-${id}`;
        const row = { id, run, name, hash: object.hash };
        table.insert({
          ...row,
          strategy,
          created_at: origin?.createdAt ?? now,
          cutoff,
          bytes: object.bytes,
          seal: sealOf(row),
          manifest: canonicalJson(manifest),
        });
      };
    },
    /** The verified bytes of a bundle. Errors: NOT_FOUND, WORKSPACE_DAMAGED where bytes, row or seal were exchanged. */
    async bundle(ref: string): Promise<{ readonly model: Model; readonly bytes: Uint8Array<ArrayBuffer> }> {
      const row = find(ref);
      if (!sameText(sealOf(row), row.seal)) throw damaged(row.name, 'a row whose seal does not fit');
      const bytes = await objects.getObject(row.hash);
      const hash = createHash('sha256').update(bytes).digest('hex');
      if (!sameText(hash, row.hash)) throw damaged(row.name, 'other bytes');
      return { model: toModel(row), bytes };
    },
  };
}
export type ModelService = ReturnType<typeof createModelService>;

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function damaged(name: string, found: string): AppError {
  return new AppError(
    'WORKSPACE_DAMAGED',
    `Expected the sealed model ${name}; found ${found}. It was not loaded. Restore it from a backup, or run it again.`,
    { data: { model: name } },
  );
}

export function toSummary(row: ModelRow): ModelSummary {
  const { manifest: _, ...summary } = toModel(row);
  return summary;
}

function toModel(row: ModelRow): Model {
  const manifest = modelManifestSchema.parse(JSON.parse(row.manifest));
  return {
    id: row.id,
    name: row.name,
    run: row.run,
    runName: row.run_name,
    strategy: row.strategy,
    model: manifest.model,
    createdAt: new Date(row.created_at).toISOString(),
    cutoff: row.cutoff,
    horizon: manifest.label.horizon,
    device: manifest.device,
    hash: row.hash,
    bytes: row.bytes,
    manifest,
  };
}
