/**
 * A price panel as content-addressed objects, one per role ('index', 'close', 'membership', …), so that a reader takes
 * only what it needs. The hashes by role are the dataset's content; their hash is its content hash.
 */
import { z } from 'zod';
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import { PRICE_FIELDS, type Panel, type PriceField } from '#quant/panel';
import type { ObjectStore } from '../store/object-store';

export interface Benchmark {
  readonly name: string;
  /** Index level per date of the panel, NaN where missing; length T. */
  readonly levels: Float64Array;
}

export interface PriceHistory {
  readonly panel: Panel;
  readonly benchmark: Benchmark | null;
}

export interface PanelObject {
  readonly role: string;
  readonly hash: string;
  readonly bytes: number;
}

const indexSchema = z.object({
  dates: z.array(z.string()),
  assets: z.array(z.string()),
  sectors: z.array(z.string()).optional(),
  benchmark: z.string().nullable(),
});
export type PanelIndex = z.infer<typeof indexSchema>;

const bytesOf = (array: Float64Array | Uint8Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** A Float64Array over the bytes, copied only where they are not aligned. */
function floatsOf(bytes: Uint8Array): Float64Array {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  return new Float64Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 8);
}

/** Stores every array of a history; the objects are in a fixed order of roles. */
export async function putHistory(objects: ObjectStore, { panel, benchmark }: PriceHistory): Promise<PanelObject[]> {
  const { dates, assets, sectors } = panel;
  const index = canonicalJson({ dates, assets, sectors, benchmark: benchmark?.name ?? null });
  const arrays: [role: string, bytes: Uint8Array][] = [['index', new TextEncoder().encode(index)]];
  for (const field of PRICE_FIELDS) {
    const values = panel.fields[field];
    if (values !== undefined) arrays.push([field, bytesOf(values)]);
  }
  if (panel.membership !== undefined) arrays.push(['membership', bytesOf(panel.membership)]);
  if (benchmark !== null) arrays.push(['benchmark', bytesOf(benchmark.levels)]);
  const stored: PanelObject[] = [];
  for (const [role, bytes] of arrays) stored.push({ role, ...(await objects.putObject([bytes])) });
  return stored;
}

/** Reads the arrays of one stored dataset. */
export function createHistoryReader(objects: ObjectStore, stored: readonly PanelObject[]) {
  const byRole = new Map(stored.map(({ role, hash }) => [role, hash]));

  async function read(role: string): Promise<Uint8Array | undefined> {
    const hash = byRole.get(role);
    return hash === undefined ? undefined : objects.getObject(hash);
  }

  async function index(): Promise<PanelIndex> {
    const bytes = await read('index');
    if (bytes === undefined) throw missing('index');
    return indexSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  }

  async function field(name: PriceField): Promise<Float64Array | undefined> {
    const bytes = await read(name);
    return bytes === undefined ? undefined : floatsOf(bytes);
  }

  async function history(): Promise<PriceHistory> {
    const { dates, assets, sectors, benchmark } = await index();
    const fields: Partial<Record<PriceField, Float64Array>> = {};
    for (const name of PRICE_FIELDS) {
      const values = await field(name);
      if (values !== undefined) fields[name] = values;
    }
    const { close, ...others } = fields;
    if (close === undefined) throw missing('close');
    const membership = await read('membership');
    const levels = await read('benchmark');
    return {
      panel: {
        dates,
        assets,
        fields: { ...others, close },
        ...(sectors && { sectors }),
        ...(membership && { membership }),
      },
      benchmark: benchmark === null || levels === undefined ? null : { name: benchmark, levels: floatsOf(levels) },
    };
  }

  return { index, field, history };
}

function missing(role: string): AppError {
  return new AppError('WORKSPACE_DAMAGED', `Expected a stored "${role}" array, found none. Import the dataset again.`);
}
