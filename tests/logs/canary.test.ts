/**
 * What a log file must never show (S1): names of strategies, notes, what is held, passphrases, keys. Canaries go through operations, jobs,
 * worker lines and errors; the files hold none of them, while the owner of the key reads the lines in full.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentLog } from '#base/log';
import { serveJob } from '#compute/serve-job';
import { inlineLauncher } from '#engine/jobs/inline-worker';
import { createLogContent } from '#engine/logs/log-content';
import { createLogbook, LOG_PROTECTION, type LogProtection } from '#engine/logs/logbook';
import { scrub, scrubText } from '#engine/logs/scrub';
import { writeRecoveryKey } from '#engine/keys/recovery-key';
import { createTestHost, openTestEngine } from '../support/engine-host';
import { openEngine } from '#engine/lasting-engine';
import { scratchFolder } from '../support/scratch';

const CANARIES = [
  'CANARY-strategy',
  'CANARY-note',
  'CANARY-passphrase',
  'CANARY-ticker',
  'CANARY-worker',
  'CANARY-stack',
];

function textIn(folder: string): string {
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('\n');
}

const shownIn = (folder: string): string[] => CANARIES.filter((canary) => textIn(folder).includes(canary));

/** Says everything that must not be seen in every way in which a log is used. */
function sayCanaries(protection: LogProtection): string {
  const folder = join(scratchFolder(), 'logs');
  const logbook = createLogbook({ folder, host: 'test', console: silentLog, now: Date.now, protection });
  logbook.log.info('Before it is open.', { name: 'CANARY-strategy', passphrase: 'CANARY-passphrase' });
  logbook.open({ current: new Uint8Array(32).fill(3), retired: [] });
  logbook.log.warn('A field.', { operation: 'CANARY-note with spaces', weights: { 'CANARY-ticker': 0.25 } });
  logbook.log.error('An error.', { error: new Error('CANARY-stack'), line: ['CANARY-worker'] });
  logbook.close();
  return folder;
}

it('no canary of operations, jobs, worker lines and errors is in the files; all lines can be read with the key', async () => {
  const workspace = mkdtempSync(join(tmpdir(), 'sextant-canary-'));
  try {
    await using test = await openTestEngine({
      workspace,
      spawnWorker: inlineLauncher((port) =>
        serveJob(port, async () => async (_input, context) => {
          context.log('warn', 'looks at CANARY-worker of CANARY-ticker');
          throw new Error('CANARY-stack');
        }),
      ),
    });
    const { client, engine } = test;
    await expect(client.runs.start({ config: { name: 'CANARY-strategy' } as never })).rejects.toThrow();
    await expect(client.runs.show({ run: 'CANARY-strategy' })).rejects.toThrow();
    await expect(
      client.keys.passphrase({ current: 'CANARY-passphrase', next: 'CANARY-passphrase 2' }),
    ).rejects.toThrow();
    const { job } = await client.datasets
      .generate({ name: 'CANARY-note' } as never)
      .catch(() => client.datasets.generate({}));
    expect(await test.finished(job)).toMatchObject({ status: 'failed' });
    engine.observation.logbook.log.warn('A noun said more than it should.', { found: 'the note "CANARY-note"' });
    const { lines } = await client.logs.list({ limit: 500 });
    const read = JSON.stringify(lines);
    for (const canary of ['CANARY-worker', 'CANARY-note', 'CANARY-ticker']) expect(read).toContain(canary);
    expect(read).not.toContain('CANARY-passphrase');
    expect(lines.length).toBeGreaterThan(8);
    expect(shownIn(join(workspace, 'logs'))).toEqual([]);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
});

describe('sabotage', () => {
  it('the scan finds nothing as it is', () => {
    const folder = sayCanaries(LOG_PROTECTION);
    expect(shownIn(folder)).toEqual([]);
    expect(textIn(folder).split('\n').filter(Boolean)).toHaveLength(3);
  });

  it('and finds what a log without sealing shows, secrets excepted', () => {
    expect(shownIn(sayCanaries({ ...LOG_PROTECTION, isReadable: () => true }))).toEqual(
      CANARIES.filter((canary) => canary !== 'CANARY-passphrase'),
    );
  });

  it('and finds everything in a log without sealing and redaction', () => {
    expect(
      shownIn(
        sayCanaries({ isReadable: () => true, scrub: (value) => (value instanceof Error ? value.message : value) }),
      ),
    ).toEqual(CANARIES);
  });
});

describe('secrets', () => {
  it.each([
    ['a key in hexadecimal', 'found 07'.concat('0'.repeat(62), ' here'), '07000'],
    ['a token', `sent ${Buffer.alloc(32, 'aZ9').toString('base64url')}`, Buffer.alloc(32, 'aZ9').toString('base64url')],
    [
      'a recovery key',
      `typed ${writeRecoveryKey(new Uint8Array(32).fill(9))}`,
      writeRecoveryKey(new Uint8Array(32).fill(9)),
    ],
    ['words', 'army van defense carry jealous true garbage claim echo media make crunch', 'jealous'],
    ['a bearer', 'Authorization: Bearer abcdefghij', 'abcdefghij'],
    ['a password in an address', 'https://me:hunter22@example.com', 'hunter22'],
    ['an assignment', 'SEXTANT_PASSPHRASE=correct-horse', 'correct-horse'],
  ])('%s is taken out of a text', (_name, text, secret) => {
    expect(scrubText(text)).not.toContain(secret);
    expect(scrubText(text)).toContain('[redacted]');
  });

  it('the home folder is not named', () => {
    expect(scrubText(`${homedir()}/portfolio.csv`)).toBe('~/portfolio.csv');
  });

  it.each(['key', 'passphrase', 'apiToken', 'authorization', 'recovery', 'secret'])(
    'a field named %s is not kept',
    (name) => {
      expect(scrub({ [name]: 'abc', deep: [{ [name]: 'abc' }] })).toEqual({
        [name]: '[redacted]',
        deep: [{ [name]: '[redacted]' }],
      });
    },
  );

  it('property: anything can be logged, as one line of JSON', () => {
    const folder = join(scratchFolder(), 'logs');
    const logbook = createLogbook({ folder, host: 'test', console: silentLog, now: Date.now });
    logbook.open({ current: new Uint8Array(32), retired: [] });
    let said = 0;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.dictionary(fc.string(), fc.anything()), (message, fields) => {
        logbook.log.info(message, fields);
        said++;
      }),
    );
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    logbook.log.info('a loop', loop);
    logbook.close();
    const lines = textIn(folder).trimEnd().split('\n');
    expect(lines).toHaveLength(said + 1);
    for (const line of lines) JSON.parse(line);
  });
});

it('content opens with the key it was sealed under, also after a change of key, and only where it belongs', () => {
  const first = new Uint8Array(32).fill(1);
  const second = new Uint8Array(32).fill(2);
  const sealed = createLogContent({ current: first, retired: [] }).seal({ found: 'x' }, 'then');
  expect(createLogContent({ current: second, retired: [first] }).open(sealed, 'then')).toEqual({ found: 'x' });
  expect(createLogContent({ current: second, retired: [] }).open(sealed, 'then')).toBeNull();
  expect(createLogContent({ current: first, retired: [] }).open(sealed, 'now')).toBeNull();
});

it('of two hosts only the owner writes', async () => {
  const workspace = join(scratchFolder(), 'workspace');
  const owner = await openEngine(createTestHost({ workspace }));
  owner.observation.logbook.log.info('Open.');
  const before = textIn(join(workspace, 'logs'));
  await expect(openEngine(createTestHost({ workspace }))).rejects.toMatchObject({ code: 'WORKSPACE_LOCKED' });
  expect(textIn(join(workspace, 'logs'))).toBe(before);
  owner.observation.logbook.log.info('Still here.');
  expect(textIn(join(workspace, 'logs'))).toContain('Still here.');
  await owner.close();
});
