import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBundle, encodeBundle } from './array-bundle';

const arrays = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,8}$/),
  fc.oneof(fc.float64Array({ maxLength: 50 }), fc.int32Array({ maxLength: 50 }), fc.uint8Array({ maxLength: 50 })),
);

test('a bundle decodes to the document and the very bits that were encoded', () => {
  fc.assert(
    fc.property(arrays, fc.dictionary(fc.string(), fc.string()), (input, document) => {
      const decoded = decodeBundle(encodeBundle({ document, arrays: input }));
      expect(decoded.document).toEqual(document);
      expect(Object.keys(decoded.arrays).sort()).toEqual(Object.keys(input).sort());
      for (const [name, array] of Object.entries(input))
        expect(Object.is(decoded.arrays[name].constructor, array.constructor)).toBe(true);
      for (const [name, array] of Object.entries(input)) expect(decoded.arrays[name]).toEqual(array);
    }),
  );
});

test('the same content gives the same bytes whatever the order of the names', () => {
  const a = Float64Array.of(1, Number.NaN, -0);
  const b = Uint8Array.of(1, 2, 3);
  expect(encodeBundle({ document: { x: 1, y: 2 }, arrays: { a, b } })).toEqual(
    encodeBundle({ document: { y: 2, x: 1 }, arrays: { b, a } }),
  );
});

test('other bytes are refused as damage', () => {
  expect(() => decodeBundle(new Uint8Array(64))).toThrow(/Expected a stored result bundle/);
});
