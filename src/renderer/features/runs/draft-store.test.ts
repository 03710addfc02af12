/** The form writes into the YAML text without disturbing what the person wrote there. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import fc from 'fast-check';

beforeAll(() => {
  vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: () => undefined });
});

const store = () => import('./draft-store');

describe('withValue', () => {
  it('is read back by writtenIn, wherever it was written', async () => {
    const { withValue, writtenIn } = await store();
    const key = fc.stringMatching(/^[a-z]{1,8}$/);
    const value = fc.oneof(fc.integer(), fc.boolean(), fc.string(), fc.constant(null));
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 4 }), value, (path, wanted) => {
        expect(writtenIn(withValue('# note\nother: 1\n', ['root', ...path], wanted))(['root', ...path])).toEqual(
          wanted,
        );
      }),
    );
  });

  it('keeps comments and everything else', async () => {
    const { withValue } = await store();
    const text = '# why\ndata:\n  dataset: sample # the demo\nmodel:\n  horizon: 21\n';
    expect(withValue(text, ['model', 'horizon'], 5)).toBe(text.replace('21', '5'));
  });

  it('removes with undefined', async () => {
    const { withValue, writtenIn } = await store();
    expect(writtenIn(withValue('a: { b: 1, c: 2 }\n', ['a', 'b'], undefined))(['a'])).toEqual({ c: 2 });
  });

  it('starts a document where the text is not one', async () => {
    const { withValue, writtenIn } = await store();
    expect(writtenIn(withValue('', ['data', 'dataset'], 'x'))(['data', 'dataset'])).toBe('x');
  });
});
