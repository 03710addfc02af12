/** Holdings as people paste them: what is read, and what is refused with its line. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { parseHoldings } from './parse-holdings';

describe('parseHoldings', () => {
  it('reads what was written, for any separator', () => {
    const row = fc.record({ asset: fc.stringMatching(/^[A-Z]{1,5}$/), shares: fc.integer({ min: -1e6, max: 1e6 }) });
    const rows = fc.uniqueArray(row, { selector: ({ asset }) => asset, minLength: 1 });
    fc.assert(
      fc.property(rows, fc.constantFrom(',', ';', '\t'), (holdings, separator) => {
        const text = holdings.map(({ asset, shares }) => `${asset}${separator}${shares}`).join('\n');
        expect(parseHoldings(text)).toEqual(holdings);
      }),
    );
  });

  it('skips a heading and empty lines', () => {
    expect(parseHoldings('asset,shares\n\nAAPL,10\n')).toEqual([{ asset: 'AAPL', shares: 10 }]);
  });

  it('keeps a ticker that looks like a formula as text', () => {
    expect(parseHoldings('"=cmd()",3')).toEqual([{ asset: '=cmd()', shares: 3 }]);
  });

  it('names the line it cannot read', () => {
    expect(() => parseHoldings('AAPL,10\nMSFT,ten')).toThrow(/line 2/);
  });

  it('refuses an asset that is listed twice', () => {
    expect(() => parseHoldings('AAPL,10\nAAPL,11')).toThrow(/AAPL is listed twice \(line 2\)/);
  });
});
