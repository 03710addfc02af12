/**
 * The canary scan: a workspace lives through imports, runs, reports, backups, a restore, another key and another passphrase, and is killed
 * at random points in between. Everything that it stores carries a mark, and afterwards no byte of workspace, temporary folder,
 * configuration or backup holds the mark in any spelling. Other users can read none of it. 2 kills, or 60 with SEXTANT_LONG=1.
 */
import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { buildScript } from '../support/build-script';
import { startChild } from '../support/child';
import { draws, filesBelow, scratchFolder } from '../support/scratch';

const KILLS = process.env.SEXTANT_LONG === '1' ? 60 : 2;

/** Upper case and digits, as a ticker: nothing that could be there by chance. */
function newMark(): string {
  return `Q${randomBytes(6).toString('hex').toUpperCase()}Z`;
}

/** The mark as bytes in every spelling in which something might leave it behind. */
function spellings(mark: string): Record<string, Buffer> {
  const lower = Object.entries(spellingsOf(mark.toLowerCase())).map(([name, bytes]) => [`${name}, lower case`, bytes]);
  return { ...spellingsOf(mark), ...Object.fromEntries(lower) };
}

function spellingsOf(mark: string): Record<string, Buffer> {
  const utf8 = Buffer.from(mark);
  const wide = Buffer.from(mark, 'utf16le');
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), utf8]).toString('base64');
    // The first and last characters depend on what stands beside the mark.
    return Buffer.from(text.slice(shift === 0 ? 0 : shift + 1, Math.floor(((shift + utf8.length) * 8) / 6)));
  });
  return {
    utf8,
    utf16le: wide,
    utf16be: Buffer.from(wide).swap16(),
    hex: Buffer.from(utf8.toString('hex')),
    'upper hex': Buffer.from(utf8.toString('hex').toUpperCase()),
    'base64 at 0': base64[0],
    'base64 at 1': base64[1],
    'base64 at 2': base64[2],
    reversed: Buffer.from(utf8).reverse(),
  };
}

function contentsOf(file: string): Buffer[] {
  const bytes = readFileSync(file);
  const isGzip = bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip) return [bytes];
  try {
    return [bytes, gunzipSync(bytes)];
  } catch {
    return [bytes]; // it only begins like one
  }
}

/** Where the mark is: file and spelling; names of files count as well. */
function hits(folder: string, mark: string): string[] {
  const looks = Object.entries(spellings(mark));
  return filesBelow(folder).flatMap((file) => {
    const found = looks.filter(([, look]) => contentsOf(file).some((bytes) => bytes.includes(look)));
    const named = relative(folder, file).includes(mark) ? ['name'] : [];
    return [...found.map(([spelling]) => spelling), ...named].map((what) => `${relative(folder, file)}: ${what}`);
  });
}

interface Life {
  readonly root: string;
  readonly mark: string;
  /** What the scan found after each kill and recovery, and at the end. */
  readonly found: string[];
  readonly stages: ReadonlySet<string>;
}

/** Lives, is killed at random, lives on; scanned after every start and at the end. */
async function live(script: string, kills: number, seed: number): Promise<Life> {
  const root = scratchFolder();
  const temporary = join(root, 'tmp');
  mkdirSync(temporary);
  const mark = newMark();
  const draw = draws(seed);
  let found: string[] = [];
  const stages = new Set<string>();
  const env = { TMPDIR: temporary, SQLITE_TMPDIR: temporary, HOME: root, XDG_CACHE_HOME: join(root, 'cache') };
  const scan = (): void => {
    for (const place of readdirSync(root)) {
      if (place !== 'exports') found.push(...hits(join(root, place), mark).map((hit) => `${place}/${hit}`));
    }
  };
  // A file that somebody uploads is what it is until it is imported; what a crash leaves of it goes with the next start.
  const isUpload = (hit: string): boolean => /^workspace\/(incoming|uploading)\//.test(hit);
  for (let life = 0; life <= kills; life++) {
    const child = startChild(script, [root, mark], env);
    await child.line(/^opened$/);
    if (life < kills) {
      await child.count(1 + draw(9));
      // Somewhere in the middle of the next stage.
      await new Promise((resolve) => setTimeout(resolve, draw(200)));
      await child.kill();
    } else {
      await child.line(/^closed$/);
      await child.closed;
    }
    for (const line of child.lines) stages.add(line);
    scan();
    if (life < kills) found = found.filter((hit) => !isUpload(hit));
  }
  return { root, mark, found, stages };
}

it(`nothing readable is left by a whole life with ${KILLS} kills in it`, { timeout: 1_800_000 }, async () => {
  const script = await buildScript('tests/durability/canary-scenario.ts');
  const { root, mark, found, stages } = await live(script, KILLS, 5);
  expect([...stages].at(-1)).toBe('closed');
  expect(stages.size).toBe(11);
  expect(found).toEqual([]);
  expect(filesBelow(join(root, 'workspace')).length).toBeGreaterThan(10);
  // The scan can see: what a person asked for in the clear holds the mark.
  expect(hits(join(root, 'exports'), mark)).toContain('weights.csv: utf8');
  expect(readdirSync(root).filter((name) => name.startsWith('core'))).toEqual([]);

  // Other users: nothing that was made can be read by the group or by the world.
  const open = [...filesBelow(join(root, 'workspace')), ...filesBelow(join(root, 'tmp'))].filter(
    (file) => (statSync(file).mode & 0o077) !== 0,
  );
  expect(open).toEqual([]);
  if (process.getuid?.() !== 0) return;
  for (const folder of [root, join(root, 'workspace')]) chmodSync(folder, 0o755); // the files must be closed by themselves
  const readable = spawnSync('find', [join(root, 'workspace'), '-type', 'f', '-readable'], {
    uid: 65534,
    gid: 65534,
    cwd: '/',
  });
  expect(String(readable.stdout)).toBe('');
});

it('finds what one kind of data without encryption leaves behind (the twin)', { timeout: 300_000 }, async () => {
  const script = await buildScript('tests/durability/canary-scenario.ts', {
    'src/engine/store/sealed-file.ts': 'tests/durability/plain-objects.ts',
  });
  const { found } = await live(script, 0, 5);
  expect(found.filter((hit) => hit.includes('objects/') && hit.endsWith('utf8')).length).toBeGreaterThan(0);
});

it('knows every spelling', () => {
  const mark = newMark();
  for (const [spelling, bytes] of Object.entries(spellings(mark))) {
    expect(bytes.length, spelling).toBeGreaterThanOrEqual(14);
  }
  for (let before = 0; before < 3; before++) {
    const text = Buffer.concat([randomBytes(before), Buffer.from(mark), randomBytes(5)]).toString('base64');
    const look = spellings(mark)[`base64 at ${before}`];
    expect(text.includes(String(look))).toBe(true);
  }
});
