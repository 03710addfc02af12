/** Reads current holdings as a person pastes them: `asset,shares` lines, from a spreadsheet or typed. */
import { AppError } from '#base/errors';

export interface Holding {
  readonly asset: string;
  readonly shares: number;
}

const SEPARATOR = /[,;\t]|\s{2,}/;

function unquote(cell: string): string {
  const text = cell.trim();
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replaceAll('""', '"')
    : text;
}

/**
 * Comma, semicolon or tab; a first line without a number is a heading. An asset named twice is an error.
 * Errors: BAD_REQUEST with the line number.
 */
export function parseHoldings(text: string): Holding[] {
  const holdings = new Map<string, number>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [asset = '', shares = ''] = line.split(SEPARATOR).map(unquote);
    const count = Number(shares.replaceAll(/[\s_']/g, ''));
    if (asset === '' || shares === '' || !Number.isFinite(count)) {
      if (index === 0) continue;
      throw new AppError(
        'BAD_REQUEST',
        `Expected "asset,shares" on line ${index + 1}, found "${line.slice(0, 60)}". Correct the line or remove it.`,
      );
    }
    if (holdings.has(asset)) {
      throw new AppError('BAD_REQUEST', `${asset} is listed twice (line ${index + 1}). Keep one line per asset.`);
    }
    holdings.set(asset, count);
  }
  return [...holdings].map(([asset, shares]) => ({ asset, shares }));
}
