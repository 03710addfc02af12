/** Encrypted objects: what goes in comes out or is reported, whatever happens to the files. */
import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openObjectStore } from '#engine/store/object-store';
import { draws, filesBelow, modeOf, scratchFolder } from '../support/scratch';
import { OTHER_KEY, TEST_KEY } from '../support/store-schemas';

const MEBIBYTE = 1024 * 1024;

function open(folder = join(scratchFolder(), 'objects'), key: Uint8Array = TEST_KEY) {
  return { folder, store: openObjectStore(folder, key) };
}

function pathOf(folder: string, hash: string): string {
  return join(folder, hash.slice(0, 2), hash);
}

it('gives back any sequence of chunks, joined, under the SHA-256 of the whole', async () => {
  const { store } = open();
  const chunks = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(chunks, async (parts) => {
      const whole = Buffer.concat(parts);
      const { hash, bytes } = await store.putObject(parts);
      expect(hash).toBe(createHash('sha256').update(whole).digest('hex'));
      expect(bytes).toBe(whole.length);
      expect(Buffer.from(await store.getObject(hash)).equals(whole)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

it.each([0, 1, 8 * MEBIBYTE - 1, 8 * MEBIBYTE, 8 * MEBIBYTE + 1, 17 * MEBIBYTE])(
  'keeps %i bytes, across segments and from unaligned chunks',
  async (size) => {
    const { store } = open();
    const whole = randomBytes(size);
    const cut = Math.floor(size / 3);
    const { hash } = await store.putObject([whole.subarray(0, cut), whole.subarray(cut)]);
    const back = await store.getObject(hash);
    expect(back.byteOffset).toBe(0);
    expect(Buffer.from(back.buffer).equals(whole)).toBe(true);
  },
);

it('takes typed arrays by their bytes', async () => {
  const { store } = open();
  const array = Float64Array.from({ length: 1000 }, (_, i) => Math.sqrt(i));
  const { hash } = await store.putObject([array.subarray(10)]);
  expect(new Float64Array((await store.getObject(hash)).buffer)).toEqual(array.slice(10));
});

it('writes 0600 files in 0700 folders that hold nothing readable', async () => {
  process.umask(0o077);
  const { folder, store } = open();
  const { hash } = await store.putObject([Buffer.from('CANARY-in-an-object'.repeat(1000))]);
  expect(modeOf(pathOf(folder, hash))).toBe(0o600);
  expect(modeOf(join(folder, hash.slice(0, 2)))).toBe(0o700);
  expect(readFileSync(pathOf(folder, hash)).includes('CANARY')).toBe(false);
});

describe('damage', () => {
  const FLIPS = 200;

  it(`is found in ${FLIPS} of ${FLIPS} flipped bits, or the content is right all the same`, async () => {
    const { folder, store } = open();
    const whole = randomBytes(20_000);
    const { hash } = await store.putObject([whole]);
    const path = pathOf(folder, hash);
    const sealed = readFileSync(path);
    const draw = draws(11);
    for (let i = 0; i < FLIPS; i++) {
      const flipped = Buffer.from(sealed);
      // The first 64 bytes (header and the start of the content) get more than their share.
      flipped[i < 40 ? draw(64) : draw(sealed.length)] ^= 1 << draw(8);
      writeFileSync(path, flipped);
      await expect(store.getObject(hash)).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED', data: { object: hash } });
    }
    writeFileSync(path, sealed);
    expect(Buffer.from(await store.getObject(hash)).equals(whole)).toBe(true);
  });

  it('by truncation, growth or exchange of two files is found', async () => {
    const { folder, store } = open();
    const [a, b] = await Promise.all([store.putObject([randomBytes(5000)]), store.putObject([randomBytes(5000)])]);
    copyFileSync(pathOf(folder, a.hash), pathOf(folder, b.hash));
    await expect(store.getObject(b.hash)).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
    for (const size of [0, 10, 32, 4000]) {
      truncateSync(pathOf(folder, a.hash), size);
      await expect(store.getObject(a.hash)).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
    }
  });

  it('is found for another key too', async () => {
    const { folder, store } = open();
    const { hash } = await store.putObject([Buffer.from('content')]);
    await expect(open(folder, OTHER_KEY).store.getObject(hash)).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
  });

  it('is repaired when the same content is stored again', async () => {
    const { folder, store } = open();
    const content = randomBytes(100);
    const { hash } = await store.putObject([content]);
    truncateSync(pathOf(folder, hash), 50);
    await store.putObject([content]);
    expect(Buffer.from(await store.getObject(hash)).equals(content)).toBe(true);
  });
});

it.each(['..', '../../etc/passwd', 'A'.repeat(64), `${'a'.repeat(62)}/x`, `${'a'.repeat(64)}\n`, '', 'a'.repeat(63)])(
  'refuses the name %j',
  async (name) => {
    const { store } = open();
    await expect(store.getObject(name)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(store.remove(name)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  },
);

it('says which object is missing', async () => {
  await expect(open().store.getObject('a'.repeat(64))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('sweeps what nothing refers to and what a crash left, and touches nothing else', async () => {
  const { folder, store } = open();
  const [kept, orphan] = await Promise.all([
    store.putObject([Buffer.from('kept')]),
    store.putObject([Buffer.from('orphan')]),
  ]);
  writeFileSync(join(folder, kept.hash.slice(0, 2), '.tmp-0123456789abcdef'), 'half');
  mkdirSync(join(folder, 'notes'));
  writeFileSync(join(folder, 'notes', 'readme.txt'), 'mine');
  writeFileSync(join(folder, 'stray.txt'), 'mine');
  expect(store.sweep(new Set([kept.hash]))).toEqual({ removed: 2 });
  expect(filesBelow(folder)).toEqual(
    [pathOf(folder, kept.hash), join(folder, 'notes', 'readme.txt'), join(folder, 'stray.txt')].sort(),
  );
  await expect(store.getObject(orphan.hash)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
