/** The guesses of the import wizard: names the contract accepts, roles a person would give. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { guessRole, suggestName } from './import-store';

describe('suggestName', () => {
  it('always gives a name that the contract accepts', () => {
    fc.assert(
      fc.property(fc.string(), (file) => {
        expect(suggestName(file)).toMatch(/^[a-z0-9][a-z0-9._-]{0,59}$/);
      }),
    );
  });

  it('drops folders and endings', () => {
    expect(suggestName('/data/All Stocks 5yr.csv.gz')).toBe('all-stocks-5yr');
  });
});

describe('guessRole', () => {
  it('tells the files of a market apart by name', () => {
    expect(guessRole('sp500_stocks.csv')).toBe('prices');
    expect(guessRole('sp500_companies.csv')).toBe('companies');
    expect(guessRole('sp500_index.csv')).toBe('index');
    expect(guessRole('membership.csv')).toBe('membership');
  });
});
