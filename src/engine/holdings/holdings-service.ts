/** Books of accounts: read from files, kept by day and version, never changed. The newest day counts; of one day the newest version. */
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import { holdingsSchema, type Holdings, type HoldingsImport } from '#contract/holdings';
import type { DatasetService } from '../datasets/dataset-service';
import { inTransaction, type Database } from '../store/database';
import { sha256 } from '../store/sha256';
import { createUlid } from '../store/ulid';
import { readHoldings, type ReadHoldings } from './holdings-file';
import { createHoldingsTable, type HoldingsRow } from './holdings-table';

const documentSchema = holdingsSchema.pick({ currency: true, cash: true, positions: true });

export interface NewBook extends Pick<Holdings, 'account' | 'asOf' | 'currency' | 'cash' | 'source'> {
  readonly positions: readonly Holdings['positions'][number][];
  readonly actor: string;
}

export interface HoldingsServiceOptions {
  readonly database: Database;
  readonly datasets: Pick<DatasetService, 'index'>;
  now(): number;
  onChange(id: string): void;
}

export function createHoldingsService({ database, datasets, now, onChange }: HoldingsServiceOptions) {
  const table = createHoldingsTable(database);

  function toHoldings(row: HoldingsRow): Holdings {
    return {
      id: row.id,
      account: row.account,
      version: row.version,
      asOf: row.as_of,
      ...documentSchema.parse(JSON.parse(row.document)),
      source: row.source,
      contentHash: row.content_hash,
      createdAt: new Date(row.created_at).toISOString(),
      createdBy: row.created_by,
    };
  }

  function find(account: string, on?: string): Holdings | null {
    const row = table.newest(account, on);
    return row === undefined ? null : toHoldings(row);
  }

  /** Part of the caller's transaction where one is open. */
  function write({ account, asOf, currency, cash, positions, source, actor }: NewBook): Holdings {
    const at = now();
    const document = canonicalJson({ currency, cash, positions });
    const id = createUlid(at);
    inTransaction(database, () => {
      const version = table.nextVersion(account);
      const hash = sha256(canonicalJson({ account, asOf, document }));
      table.insert({
        id,
        account,
        version,
        as_of: asOf,
        content_hash: hash,
        created_at: at,
        created_by: actor,
        source,
        document,
      });
    });
    onChange(id);
    const row = table.find(id);
    if (row === undefined) throw new AppError('INTERNAL', `Expected the holdings ${id} that were written, found none.`);
    return toHoldings(row);
  }

  async function read({ text, currency, short, dataset, unknown }: HoldingsImport): Promise<ReadHoldings> {
    const known = dataset === undefined || unknown === 'keep' ? null : new Set((await datasets.index(dataset)).assets);
    return readHoldings(text, { currency, short, known });
  }

  return {
    find,
    write,
    show(account: string, on?: string): Holdings {
      const found = find(account, on);
      if (found !== null) return found;
      throw new AppError(
        'NOT_FOUND',
        `Expected holdings of the account ${account}${on === undefined ? '' : ` on ${on} or before`}, found none. ` +
          'Import them with: sextant holdings import --account … --as-of … --file holdings.csv',
      );
    },
    list(account: string | undefined, limit: number, offset: number) {
      const { rows, total } = table.list(account, limit, offset);
      return {
        holdings: rows.map((row) => {
          const { positions, ...heading } = toHoldings(row);
          void positions;
          return heading;
        }),
        total,
      };
    },
    async check(input: HoldingsImport) {
      const { positions, cash, problems } = await read(input);
      const before = new Map(find(input.account)?.positions.map(({ asset, shares }) => [asset, shares]) ?? []);
      const after = new Map(positions.map(({ asset, shares }) => [asset, shares]));
      const assets = [...new Set([...before.keys(), ...after.keys()])].sort();
      const changes = assets
        .map((asset) => ({ asset, before: before.get(asset) ?? 0, after: after.get(asset) ?? 0 }))
        .filter((change) => change.before !== change.after);
      return { problems: [...problems], positions: positions.length, cash, changes };
    },
    /** Errors: INVALID_DATA with every problem and its line. */
    async import(input: HoldingsImport, actor: string): Promise<Holdings> {
      const { positions, cash, problems } = await read(input);
      if (problems.length > 0) {
        const told = problems.slice(0, 5).map(({ line, reason }) => `line ${line}: ${reason}`);
        throw new AppError(
          'INVALID_DATA',
          `Expected holdings without problems, found ${problems.length}. Nothing was stored. ${told.join(' ')}`,
          { data: { problems } },
        );
      }
      const { account, asOf, currency } = input;
      return write({ account, asOf, currency, cash, positions, source: input.source || 'imported file', actor });
    },
  };
}
export type HoldingsService = ReturnType<typeof createHoldingsService>;
