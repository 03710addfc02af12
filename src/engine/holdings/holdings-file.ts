/**
 * Reads a custodian's CSV of positions and cash. Every problem is told with its line, none is repaired in silence: a file with one
 * problem gives no book.
 */
import { parseCsv } from '#base/csv';
import type { HoldingsProblem } from '#contract/holdings';

export interface FileRules {
  readonly currency: string;
  readonly short: boolean;
  /** Assets that have prices; null where nothing is known of them. */
  readonly known: ReadonlySet<string> | null;
}

export interface ReadHoldings {
  readonly positions: readonly { readonly asset: string; readonly shares: number; readonly line: number }[];
  readonly cash: number;
  readonly problems: readonly HoldingsProblem[];
}

/** Names of the columns that custodians use, compared without case, spaces and underscores. */
const COLUMNS = {
  asset: ['asset', 'symbol', 'ticker', 'security', 'instrument'],
  shares: ['shares', 'quantity', 'qty', 'position', 'amount'],
  currency: ['currency', 'ccy'],
} as const;

const CASH = /^\$?cash$/i;
const NUMBER = /^[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][+-]?\d+)?$/;
const MOST_SHARES = 1e12;
const MOST_PROBLEMS = 100;

export function readHoldings(text: string, { currency, short, known }: FileRules): ReadHoldings {
  const problems: HoldingsProblem[] = [];
  const report = (line: number, column: string | null, reason: string) => {
    if (problems.length < MOST_PROBLEMS) problems.push({ line, column, reason });
  };
  const [heading, ...rows] = parseCsv(text);
  if (heading === undefined) {
    report(1, null, 'Expected a heading with asset and shares, found an empty file.');
    return { positions: [], cash: 0, problems };
  }
  const names = heading.cells.map((name) => name.toLowerCase().replaceAll(/[\s_]/g, ''));
  const find = (column: keyof typeof COLUMNS) =>
    names.findIndex((name) => COLUMNS[column].some((known) => known === name));
  const at = { asset: find('asset'), shares: find('shares'), currency: find('currency') };
  for (const column of ['asset', 'shares'] as const) {
    if (at[column] < 0) {
      report(
        heading.line,
        column,
        `Expected a column ${COLUMNS[column].join(', ')}; found ${heading.cells.join(', ')}.`,
      );
    }
  }
  if (problems.length > 0) return { positions: [], cash: 0, problems };

  const positions: { asset: string; shares: number; line: number }[] = [];
  const seen = new Map<string, number>();
  let cash = 0;
  for (const { line, cells } of rows) {
    if (cells.length !== heading.cells.length) {
      report(line, null, `Expected ${heading.cells.length} cells as in the heading, found ${cells.length}.`);
      continue;
    }
    const asset = cells[at.asset];
    const written = cells[at.shares];
    const shares = written !== '' && NUMBER.test(written) ? Number(written.replaceAll(',', '')) : NaN;
    const isCash = CASH.test(asset);
    if (asset === '' || asset.length > 64) report(line, 'asset', 'Expected a ticker of at most 64 characters.');
    else if (!Number.isFinite(shares) || Math.abs(shares) > MOST_SHARES) {
      report(line, 'shares', `Expected a number up to ${MOST_SHARES}, found "${written.slice(0, 40)}".`);
    } else if (shares < 0 && !short) {
      report(
        line,
        'shares',
        `Expected no ${isCash ? 'negative cash' : 'short position'}, found ${shares} of ${asset}. Allow them with short.`,
      );
    }
    const before = seen.get(isCash ? 'CASH' : asset);
    if (before !== undefined) report(line, 'asset', `Expected ${asset} once, found it on line ${before} too.`);
    seen.set(isCash ? 'CASH' : asset, line);
    const ccy = at.currency < 0 ? '' : cells[at.currency];
    if (ccy !== '' && ccy !== currency) {
      report(line, 'currency', `Expected ${currency}, the currency of the account, found ${ccy.slice(0, 10)}.`);
    }
    if (!isCash && asset !== '' && known !== null && !known.has(asset)) {
      report(line, 'asset', `Expected an asset of the dataset, found ${asset.slice(0, 64)}.`);
    }
    if (isCash) cash = shares;
    else if (shares !== 0) positions.push({ asset, shares, line });
  }
  if (rows.length === 0) report(heading.line, null, 'Expected a line for each position and for CASH, found none.');
  return { positions, cash, problems };
}
