/** JSON with one spelling per value (keys sorted, no white space): the text that hashes and identities are made from. */
import { AppError } from './errors';

/**
 * Canonical JSON of plain data. `undefined` properties are left out.
 * Errors: INVALID_DATA for NaN, infinities and anything that JSON cannot hold, since a hash over a silent null would lie.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) {
      throw new AppError(
        'INVALID_DATA',
        `Expected a finite number in a hashed document, found ${value}. Use null with a reason.`,
      );
    }
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
  }
  throw new AppError('INVALID_DATA', `Expected plain data in a hashed document, found ${typeof value}.`);
}
