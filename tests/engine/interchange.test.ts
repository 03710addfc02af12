/**
 * Runs out and in: a bundle in a folder or S3-like storage arrives bit for bit in another workspace, and one that was changed anywhere does
 * not arrive at all; MLflow finds its own file layout, and a tracking server gets what it accepts.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createRandom } from '#quant/array/random';
import { checkName, openPlace } from '#engine/interchange/places';
import { readBundle } from '#engine/interchange/run-bundle';
import { traversals } from '../support/traversals';
import { openTestEngine, type TestEngine } from '../support/engine-host';
import { MlflowServer } from '../support/mlflow-server';
import { S3Server } from '../support/s3-server';

const MUTATIONS = process.env['SEXTANT_LONG'] === '1' ? 5_000 : 400;
const folder = mkdtempSync(join(tmpdir(), 'sextant-interchange-'));
const storage = new S3Server();
let host: TestEngine;
/** Another workspace with the same data. */
let other: TestEngine;
let run: string;
let storageAddress: string;

beforeAll(async () => {
  storageAddress = await storage.listen();
  const environment = {
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_S3: storageAddress,
  };
  host = await openTestEngine({ environment });
  other = await openTestEngine({ environment });
  for (const each of [host, other]) await each.finished((await each.client.datasets.generate({})).job);
  const started = await host.client.runs.start({
    config: {
      data: { dataset: 'sample', from: '2021-01-01' },
      model: { forecast: null, optimizer: { id: 'inverse-volatility' } },
      backtest: { window: { train: 126 }, lookback: 63 },
      experiment: {
        name: 'Größe / "Test"',
        tags: { owner: 'ada' },
        bootstrap: { replications: 100 },
        compare: [{ name: '../../etc/passwd', forecast: null, optimizer: { id: 'hrp' } }],
      },
    },
  });
  expect((await host.finished(started.job)).error).toBeNull();
  ({ run } = started);
  await host.client.runs.note({ run, note: 'Exported.' });
}, 120_000);

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

const filesUnder = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();

describe('a bundle', () => {
  test('arrives in another workspace as it left, and only once', async () => {
    const to = join(folder, 'bundle');
    const exported = await host.client.interchange.export({ run, to });
    expect(exported).toMatchObject({ files: 4, missing: [] });
    expect(filesUnder(to).every((name) => /^(bundle\.json|objects\/[0-9a-f]{64})$/.test(name))).toBe(true);
    await expect(host.client.interchange.export({ run, to })).rejects.toMatchObject({ code: 'CONFLICT' });
    const imported = await other.client.interchange.import({ from: to });
    expect(imported).toMatchObject({ run, bytes: exported.bytes });
    const [before, after] = [await host.client.runs.show({ run }), await other.client.runs.show({ run })];
    const local = {
      progress: null,
      job: after.job,
      dataset: after.dataset,
      portfolio: after.portfolio,
      config: after.config,
    };
    expect(after).toEqual({ ...before, ...local, provenance: { ...before.provenance, datasetId: after.dataset.id } });
    expect(await other.client.runs.series({ run })).toEqual(await host.client.runs.series({ run }));
    expect(await other.client.runs.artifacts({ run })).toEqual(await host.client.runs.artifacts({ run }));
    const weights = async ({ client }: TestEngine) => (await client.portfolios.show({ portfolio: run })).weights;
    expect(await weights(other)).toEqual(await weights(host));
    await expect(other.client.interchange.import({ from: to })).rejects.toMatchObject({ code: 'CONFLICT' });
  }, 60_000);

  test('is run again by the one who got it, with the same bits', async () => {
    const again = await other.client.runs.rerun({ run });
    expect((await other.finished(again.job)).error).toBeNull();
    expect((await other.client.runs.show({ run: again.run })).rerun).toMatchObject({ equal: true, identity: [] });
  }, 60_000);

  test('goes through S3-compatible storage, signed', async () => {
    const to = 's3://research/runs/one';
    await host.client.interchange.export({ run, to });
    expect([...storage.objects.keys()].filter((key) => key.startsWith('/research/runs/one/objects/'))).toHaveLength(3);
    await expect(host.client.interchange.export({ run, to })).rejects.toMatchObject({ code: 'CONFLICT' });
    await using third = await openTestEngine({
      environment: { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_ENDPOINT_URL_S3: storageAddress },
    });
    await expect(third.client.interchange.import({ from: to })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/data of/),
    });
    await third.finished((await third.client.datasets.generate({})).job);
    expect(await third.client.interchange.import({ from: to })).toMatchObject({ run });
    expect(storage.unsigned).toBe(0);
  }, 60_000);

  test('needs keys for storage and an absolute path for a folder', async () => {
    await using keyless = await openTestEngine();
    await expect(keyless.client.interchange.import({ from: 's3://research/runs/one' })).rejects.toMatchObject({
      message: expect.stringMatching(/AWS_ACCESS_KEY_ID/),
    });
    await expect(keyless.client.interchange.import({ from: 'relative/path' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    await expect(keyless.client.interchange.import({ from: join(folder, 'nowhere') })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

/** The parts of an exported run that are forged below. */
interface Forged {
  name: string;
  note: string;
  surprise?: boolean;
  readonly config: { readonly model: { horizon: number } };
  readonly provenance: { gitCommit: string; resultHash: string; environmentHash: string };
}

describe('a hostile bundle', () => {
  const copy = (name: string): string => {
    const place = join(folder, name);
    cpSync(join(folder, 'bundle'), place, { recursive: true });
    return place;
  };
  const read = (place: string) =>
    readBundle(
      openPlace(place, {
        accessKeyId: undefined,
        secretAccessKey: undefined,
        sessionToken: undefined,
        region: undefined,
        endpoint: undefined,
      }),
    );
  const manifestOf = (place: string) =>
    JSON.parse(readFileSync(join(place, 'bundle.json'), 'utf8')) as {
      files: { name: string; sha256: string; bytes: number }[];
    };

  test('never names another place: 120 spellings in names and in hashes', async () => {
    const place = copy('names');
    const { files } = manifestOf(place);
    const all = traversals();
    expect(new Set(all).size).toBe(120);
    for (const text of all) {
      expect(() => checkName(text), text).toThrowError(/plain file name/);
      for (const field of ['name', 'sha256'] as const) {
        writeFileSync(
          join(place, 'bundle.json'),
          JSON.stringify({ format: 'sextant-run-1', files: [{ ...files[0], [field]: text }, ...files.slice(1)] }),
        );
        await expect(read(place), text).rejects.toMatchObject({ code: 'INVALID_DATA' });
      }
    }
  });

  test('does not lead out by a link or a folder in the place of a file', async () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'not yours');
    for (const [name, make] of [
      ['link', (path: string) => symlinkSync(secret, path)],
      ['folder', (path: string) => mkdirSync(path)],
    ] as const) {
      const place = copy(name);
      const [{ sha256 }] = manifestOf(place).files;
      rmSync(join(place, 'objects', sha256));
      make(join(place, 'objects', sha256));
      await expect(read(place)).rejects.toMatchObject({ code: 'INVALID_DATA' });
    }
  });

  test(`with one changed byte, cut or lengthened: 0 of ${MUTATIONS} are taken`, async () => {
    const place = copy('mutated');
    const intact = await read(place);
    expect(intact.document.id).toBe(run);
    const names = filesUnder(place);
    const contents = new Map(names.map((name) => [name, readFileSync(join(place, name))]));
    const random = createRandom(11);
    let taken = 0;
    for (let i = 0; i < MUTATIONS; i++) {
      const name = names[random.integer(names.length)];
      const bytes = contents.get(name) ?? Buffer.alloc(0);
      const changed = Buffer.from(bytes);
      const at = random.integer(bytes.length);
      changed[at] ^= 1 << random.integer(8);
      const kind = random.integer(3);
      const mutated =
        kind === 0
          ? changed
          : kind === 1
            ? bytes.subarray(0, at)
            : Buffer.concat([bytes, changed.subarray(0, 1 + random.integer(9))]);
      writeFileSync(join(place, name), mutated);
      const document = await read(place).then(
        (answer) => answer.document,
        (error: unknown) => {
          expect(error).toMatchObject({ name: 'AppError' });
          return null;
        },
      );
      // White space at the end of the manifest is the one change that says the same.
      if (document !== null && JSON.stringify(document) !== JSON.stringify(intact.document)) taken++;
      writeFileSync(join(place, name), bytes);
    }
    expect(taken).toBe(0);
  }, 120_000);

  test('whose hashes were made to fit is still refused where its parts are not of one run', async () => {
    const place = copy('forged');
    const manifest = manifestOf(place);
    const entry = manifest.files.find(({ name }) => name === 'run.json');
    const text = readFileSync(join(place, 'objects', entry?.sha256 ?? ''), 'utf8');
    const forge = (change: (document: Forged) => unknown): void => {
      const document = JSON.parse(text) as Forged; // as exported
      change(document);
      const bytes = Buffer.from(JSON.stringify(document));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      writeFileSync(join(place, 'objects', sha256), bytes);
      const files = manifest.files.map((file) =>
        file.name === 'run.json' ? { ...file, sha256, bytes: bytes.length } : file,
      );
      writeFileSync(join(place, 'bundle.json'), JSON.stringify({ format: 'sextant-run-1', files }));
    };
    const attempts: [RegExp, (document: Forged) => unknown][] = [
      [/configuration that fits its hash/, (document) => (document.config.model.horizon = 5)],
      [/identity that is the hash/, (document) => (document.provenance.gitCommit = 'a'.repeat(40))],
      [/result that the provenance names/, (document) => (document.provenance.resultHash = '0'.repeat(64))],
      [/environment that the provenance names/, (document) => (document.provenance.environmentHash = '0'.repeat(64))],
      [/run\.json of this format/, (document) => (document.surprise = true)],
      [/name that ends/, (document) => (document.name = 'another-name')],
    ];
    for (const [message, change] of attempts) {
      forge(change);
      await expect(read(place)).rejects.toMatchObject({
        code: 'INVALID_DATA',
        message: expect.stringMatching(message),
      });
    }
    // What only the hashes protect is believed once they fit: the mutations above fail by the hashes, not by chance.
    forge((document) => (document.note = 'Forged.'));
    expect((await read(place)).document).toMatchObject({ id: run, note: 'Forged.' });
  });
});

describe('the MLflow file store', () => {
  test('has the layout that MLflow reads, and no file outside it', async () => {
    const to = join(folder, 'mlflow');
    await host.client.interchange.export({ run, to, format: 'mlflow' });
    const files = filesUnder(to);
    const [experiment, id] =
      files
        .find((name) => /^mlruns\/\d{18}\/[0-9a-f]{32}\/meta\.yaml$/.test(name))
        ?.split('/')
        .slice(1) ?? [];
    const home = `mlruns/${experiment}/${id}`;
    const text = (name: string) => readFileSync(join(to, name), 'utf8');
    expect(parse(text(`mlruns/${experiment}/meta.yaml`))).toMatchObject({
      name: 'Größe / "Test"',
      lifecycle_stage: 'active',
      experiment_id: experiment,
    });
    expect(parse(text(`${home}/meta.yaml`))).toMatchObject({
      run_id: id,
      run_uuid: id,
      status: 3,
      source_type: 4,
      experiment_id: experiment,
      lifecycle_stage: 'active',
    });
    expect(text(`${home}/params/model.optimizer.id`)).toBe('inverse-volatility');
    expect(text(`${home}/tags/owner`)).toBe('ada');
    expect(text(`${home}/tags/mlflow.note.content`)).toBe('Exported.');
    const { strategies, folds } = await host.client.runs.show({ run });
    const sharpe = strategies.find(({ role }) => role === 'primary')?.metrics['sharpe']?.value;
    expect(text(`${home}/metrics/sharpe`)).toMatch(/^\d{13} -?[\d.]+ 0\n$/);
    expect(Number(text(`${home}/metrics/sharpe`).split(' ')[1])).toBe(sharpe);
    expect(
      text(`${home}/metrics/fold/return`)
        .trim()
        .split('\n')
        .map((line) => Number(line.split(' ')[2])),
    ).toEqual(folds.map((_, step) => step));
    expect(files.every((name) => name.startsWith(`mlruns/${experiment}/`))).toBe(true);
    expect(
      createHash('sha256')
        .update(readFileSync(join(to, home, 'artifacts/environment.json')))
        .digest('hex'),
    ).toBe((await host.client.runs.show({ run })).provenance.environmentHash);
  });
});

describe('an MLflow tracking server', () => {
  const server = new MlflowServer();
  let address: string;

  beforeAll(async () => {
    address = await server.listen();
    await host.client.registry.register({ run });
    await host.client.registry.alias({ version: 'sample-return21d-inverse-volatility@1', alias: 'challenger' });
  });
  afterAll(() => server.close());

  test('that breaks off in the middle is completed by the next attempt, with one run', async () => {
    server.failAt = 'runs/update';
    await expect(host.client.interchange.log({ run, server: address })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/INTERNAL_ERROR/),
    });
    expect([...server.runs.values()].map(({ status }) => status)).toEqual(['RUNNING']);
    const logged = await host.client.interchange.log({ run, server: address });
    const { provenance } = await host.client.runs.show({ run });
    expect(logged).toMatchObject({ experiment: 'Größe / "Test"', artifacts: 4, versions: 1, notes: [] });
    expect(server.runs.size).toBe(1);
    const stored = server.runs.get(logged.mlflowRun);
    expect(stored?.status).toBe('FINISHED');
    expect(stored?.params.get('model.optimizer.id')).toBe('inverse-volatility');
    expect(stored?.tags.get('sextant.identity')).toBe(provenance.identity);
    expect(stored?.params.size).toBe(logged.parameters);
    expect(server.artifacts.get(`1/${logged.mlflowRun}/artifacts/environment.json`)).toBeDefined();
    const model = server.models.get('sample-return21d-inverse-volatility');
    expect(model?.aliases.get('challenger')).toBe(String(model?.versions.length));
  });

  test('that has the run already gets nothing again', async () => {
    const before = server.calls.length;
    await expect(host.client.interchange.log({ run, server: address })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(server.calls.slice(before).filter((call) => /log-batch|runs\/create|PUT/.test(call))).toEqual([]);
  });

  test('that keeps artifacts elsewhere gets the rest, and the answer says so', async () => {
    server.artifactRoot = 's3://far/away/';
    const logged = await host.client.interchange.log({ run, server: address, experiment: 'second' });
    expect(logged).toMatchObject({ artifacts: 0, notes: [expect.stringMatching(/s3:\/\/far\/away/)] });
  });

  test('on another machine is not called in local-only mode, and nothing is sent', async () => {
    await expect(host.client.interchange.log({ run, server: 'http://192.0.2.1:5000' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect((await host.client.privacy.connections({})).connections[0]).toMatchObject({
      host: '192.0.2.1',
      outcome: 'refused',
    });
  });
});
