/** Sealed bundles: what is written is read back; whatever else somebody makes of the bytes is refused before it is used. */
import { describe, expect, test } from 'vitest';
import { AppError } from '#base/errors';
import { canonicalJson } from '#base/canonical-json';
import type { ModelManifest } from '#contract/model-manifest';
import { createRandom } from '#quant/array/random';
import { parameterCount } from '#quant/nn/network';
import { decodeBundle, encodeBundle, featuresHash } from './bundle';
import { sampleBundle } from './sample-bundle.test-data';
import { decodeTensorFile, encodeTensorFile } from './safetensors';

const MUTATIONS = process.env['SEXTANT_LONG'] === '1' ? 5000 : 400;
const bundle = sampleBundle();
const bytes = encodeBundle(bundle);

function headerOf(file: Uint8Array): { text: string; body: Uint8Array } {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return { text: new TextDecoder().decode(file.subarray(8, 8 + length)), body: file.subarray(8 + length) };
}

function withHeader(text: string, body: Uint8Array): Uint8Array {
  const header = new TextEncoder().encode(text);
  const file = new Uint8Array(8 + header.length + body.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  file.set(body, 8 + header.length);
  return file;
}

/** The same file with another header object. */
function edited(change: (header: Record<string, never>) => void): Uint8Array {
  const { text, body } = headerOf(bytes);
  const header = JSON.parse(text);
  change(header);
  return withHeader(JSON.stringify(header), body);
}

function withManifest(change: (manifest: ModelManifest) => object): Uint8Array {
  return edited((header) => {
    const metadata: Record<string, string> = header['__metadata__'];
    metadata['manifest'] = canonicalJson(change(JSON.parse(metadata['manifest'])));
  });
}

const refusal = (file: Uint8Array) => {
  try {
    decodeBundle(file);
    return null;
  } catch (error) {
    return error instanceof AppError ? error.code : `not an AppError: ${String(error)}`;
  }
};

test('a bundle is read back to the last bit, and written the same way twice', () => {
  const back = decodeBundle(bytes);
  expect(back).toEqual(bundle);
  expect(encodeBundle(back)).toEqual(bytes);
  expect(back.members[0]).toHaveLength(parameterCount(bundle.manifest.network));
});

test('a bundle in the middle of a Node buffer is read alike', () => {
  const within = Buffer.concat([Buffer.from('abc'), bytes]).subarray(3);
  expect(decodeBundle(within)).toEqual(bundle);
});

describe('a file that is not a bundle to the letter is refused', () => {
  const { text, body } = headerOf(bytes);
  const first = text.indexOf('"member.0');
  const crafted: [string, Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    ['text', new TextEncoder().encode('not a model at all, but long enough')],
    ['a header length beyond the file', withHeader(text, body).fill(0xff, 0, 8)],
    ['a header of 100 MB', new Uint8Array(20).fill(0x7f, 4, 5)],
    ['a cut tail', bytes.slice(0, -1)],
    ['a longer tail', Uint8Array.from([...bytes, 0])],
    ['a duplicate key', withHeader(`${text.slice(0, first)}"golden.outputs":1,${text.slice(first)}`, body)],
    [
      'an overflowing shape',
      edited((h) => void Object.assign(h['golden.outputs'], { shape: [4194305, 4194305, 211106198978564] })),
    ],
    ['a negative size', edited((h) => void Object.assign(h['golden.outputs'], { shape: [-4] }))],
    [
      'a zero-size alias',
      edited((h) => void Object.assign(h, { alias: { dtype: 'F32', shape: [0], data_offsets: [0, 0] } })),
    ],
    ['overlapping tensors', edited((h) => void Object.assign(h['golden.outputs'], { data_offsets: [0, 16] }))],
    ['another dtype', edited((h) => void Object.assign(h['golden.outputs'], { dtype: 'F64' }))],
    ['a pickle by name', edited((h) => void Object.assign(h['golden.outputs'], { dtype: 'cos\nsystem' }))],
    ['a path as name', edited((h) => void Object.assign(h, { '../../etc/passwd': h['golden.outputs'] }))],
    ['a fractional shape', edited((h) => void Object.assign(h['golden.outputs'], { shape: [3.5] }))],
    ['metadata that is no text', edited((h) => void Object.assign(h, { __metadata__: { manifest: 1 } }))],
    ['more metadata', edited((h) => void Object.assign(h['__metadata__'], { code: 'import os' }))],
    ['no manifest', edited((h) => void Object.assign(h, { __metadata__: {} }))],
    ['another format', withManifest((m) => ({ ...m, format: 'sextant-model-2' }))],
    ['an unknown key', withManifest((m) => ({ ...m, run: 'rm' }))],
    ['a wider network', withManifest((m) => ({ ...m, network: { ...m.network, hidden: 5 } }))],
    ['another member count', withManifest((m) => ({ ...m, members: 2 }))],
    ['swapped features of equal dtype', withManifest((m) => ({ ...m, features: m.features.toReversed() }))],
    ['a renamed feature', withManifest((m) => ({ ...m, features: [{ ...m.features[0], name: 'x' }, m.features[1]] }))],
    ['a feature twice', withManifest((m) => ({ ...m, features: [m.features[0], m.features[0]] }))],
    [
      'a scaler without a number',
      withManifest((m) => ({ ...m, features: m.features.map((f) => ({ ...f, mean: null })) })),
    ],
    ['more golden rows than there are', withManifest((m) => ({ ...m, golden: { ...m.golden, rows: 5 } }))],
    ['a graph input for an LSTM', withManifest((m) => ({ ...m, input: { kind: 'graph' } }))],
  ];
  test.each(crafted)('%s', (_, file) => {
    expect(refusal(file)).toBe('INVALID_DATA');
  });

  test('a weight that is not finite', () => {
    const members = bundle.members.map((values) => values.slice());
    members[0][3] = NaN;
    expect(refusal(encodeBundle({ ...bundle, members }))).toBe('INVALID_DATA');
  });

  test('sabotage: an edit that keeps the meaning is accepted, so the refusals above are about their edit', () => {
    expect(refusal(edited(() => {}))).toBeNull();
    expect(refusal(withManifest((m) => m))).toBeNull();
  });
});

test(`${MUTATIONS} random mutations never crash the reader, and none changes the header unnoticed`, () => {
  const random = createRandom(7);
  const headerEnd = bytes.length - headerOf(bytes).body.length;
  let accepted = 0;
  for (let round = 0; round < MUTATIONS; round++) {
    const file = bytes.slice();
    const at = random.integer(round % 2 === 0 ? headerEnd : bytes.length);
    file[at] ^= 1 << random.integer(8);
    if (round % 7 === 0) file[random.integer(bytes.length)] = random.integer(256);
    const code = refusal(round % 5 === 0 ? file.slice(0, random.integer(file.length)) : file);
    if (code === null) accepted++;
    else expect(code).toBe('INVALID_DATA');
  }
  // Flipped weights and changed numbers of the manifest are well formed: hash and seal refuse those before they are parsed.
  expect(accepted).toBeLessThan(MUTATIONS);
});

test('the hash of features knows their order', () => {
  const { features } = bundle.manifest;
  expect(featuresHash(features)).not.toBe(featuresHash([...features].reverse()));
});

test('a file above the limit is refused before its header is read', () => {
  const file = encodeTensorFile({ metadata: {}, tensors: new Map() });
  expect(() => decodeTensorFile(file, 8)).toThrow(AppError);
  expect(decodeTensorFile(file, 1000).tensors.size).toBe(0);
});
