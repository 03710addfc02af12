/** What a person reads for a number: never NaN, true minus sign, unit, no negative zero. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { ago, bytes, decimal, duration, integer, percent, plural, probability, shortName, sourceText } from './format';

describe('numbers on screen', () => {
  it('never show NaN, Infinity or a hyphen as minus', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.constant(null)), (value) => {
        const texts = [
          decimal(value),
          percent(value),
          integer(value),
          probability(value),
          bytes(value),
          duration(value),
        ];
        for (const text of texts) expect(text).not.toMatch(/NaN|∞|Infinity|undefined|-/);
      }),
    );
  });

  it('carry sign and unit', () => {
    expect(percent(-0.1834)).toBe('−18.3\u202f%');
    expect(decimal(0.124, 2, true)).toBe('+0.12');
    expect(decimal(-0.0001)).toBe('0.00');
    expect(integer(1510)).toBe('1,510');
    expect(bytes(11 * 2 ** 30)).toBe('11.0\u202fGiB');
    expect(probability(0.0004)).toBe('< 0.001');
    expect(duration(130_000)).toBe('02:10');
    expect(plural(1, 'trial')).toBe('1 trial');
    expect(plural(1200, 'trial')).toBe('1,200 trials');
  });

  it('name a file as the person knows it', () => {
    expect(sourceText('Expected a table in 01M7YD94NFXK2PARW6EBB3ZA2F-notes.csv.')).toBe(
      'Expected a table in notes.csv.',
    );
    expect(sourceText('ridge-21d-2026-11-21-01M7YD94NFXK2PARW6EBB3ZA2F')).toContain('01M7YD94NFXK2PARW6EBB3ZA2F');
    expect(shortName('ridge-21d-2026-11-21-01M7YD94NFXK2PARW6EBB3ZA2F')).toBe('ridge-21d-2026-11-21-…ZA2F');
  });

  it('tell how long ago something was', () => {
    const now = Date.parse('2026-11-20T12:00:00Z');
    expect(ago('2026-11-20T11:46:00Z', now)).toBe('14 minutes ago');
    expect(ago('2026-11-20T11:59:50Z', now)).toBe('just now');
  });
});
