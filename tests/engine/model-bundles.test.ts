/**
 * A run of a network out and in with the models that it sealed: they answer in another workspace as they did at home, through a folder and
 * through storage; and a model that was exchanged, changed or does not belong to the run is not taken in, and nothing else either.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeBundle, encodeBundle, type ModelBundle } from '#compute/models/bundle';
import { openTestEngine, type TestEngine } from '../support/engine-host';
import { S3Server } from '../support/s3-server';

const CONFIG = {
  data: { dataset: 'sample', from: '2020-01-01' },
  model: {
    forecast: {
      id: 'lstm',
      params: { lookback: 5, hidden: 4, layers: 1, seeds: 1, epochs: 1, stride: 21, batch: 256, device: 'wasm' },
    },
    features: { set: ['momentum_1m', 'return_5d'] },
    constraints: { maxWeight: 0.1 },
  },
  backtest: { window: { train: 252, refit: 'year' as const }, lookback: 126 },
  experiment: { name: 'network', bootstrap: { replications: 100 }, baselines: false },
};

const folder = mkdtempSync(join(tmpdir(), 'sextant-model-bundles-'));
const storage = new S3Server();
const bundle = join(folder, 'bundle');
let environment: Record<string, string>;
let host: TestEngine;
let run: string;

const withData = async (): Promise<TestEngine> => {
  const engine = await openTestEngine({ environment });
  await engine.finished((await engine.client.datasets.generate({})).job);
  return engine;
};

beforeAll(async () => {
  const address = await storage.listen();
  environment = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_ENDPOINT_URL_S3: address };
  host = await withData();
  const started = await host.client.runs.start({ config: CONFIG });
  expect((await host.finished(started.job)).error).toBeNull();
  ({ run } = started);
  const { label } = await host.client.registry.register({ run, universe: 'sp500' });
  await host.client.registry.alias({ version: label, alias: 'challenger' });
  await host.client.interchange.export({ run, to: bundle });
}, 120_000);

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a run of a network', () => {
  test('arrives with its sealed models, which answer as at home, and is registered again without its alias', async () => {
    await using other = await withData();
    const imported = await other.client.interchange.import({ from: bundle });
    expect(imported).toMatchObject({ run, models: 1, versions: ['sp500-return21d-lstm@1'] });
    expect(imported.notes).toEqual([expect.stringMatching(/was challenger where it came from.*registry promote/)]);
    expect((await other.client.registry.show({ version: 'sp500-return21d-lstm@1' })).aliases).toEqual([]);
    const [at, there] = [await host.client.models.list({}), await other.client.models.list({})];
    expect(there).toEqual(at);
    const [{ id }] = at.models;
    expect(await other.client.models.show({ model: id })).toEqual(await host.client.models.show({ model: id }));
    expect(await other.client.models.forecast({ model: id })).toEqual(await host.client.models.forecast({ model: id }));
    expect(await other.client.runs.metrics({ run })).toEqual(await host.client.runs.metrics({ run }));
    await expect(other.client.interchange.import({ from: bundle })).rejects.toMatchObject({ code: 'CONFLICT' });
  }, 60_000);

  test('goes through S3-compatible storage with them', async () => {
    const to = 's3://research/networks/one';
    await host.client.interchange.export({ run, to });
    await using other = await withData();
    expect(await other.client.interchange.import({ from: to })).toMatchObject({ run, models: 1 });
    expect((await other.client.models.list({ run })).total).toBe(1);
    expect(storage.unsigned).toBe(0);
  }, 60_000);
});

interface Files {
  readonly format: string;
  files: { name: string; sha256: string; bytes: number }[];
}
interface Document {
  models: { id: string; strategy: string; createdAt: number }[];
  versions: { universe: string | null; label: string; aliases: string[] }[];
}

describe('a bundle whose hashes were made to fit', () => {
  let forgeries = 0;
  let other: TestEngine;

  beforeAll(async () => {
    other = await withData();
  }, 60_000);
  afterAll(async () => other[Symbol.asyncDispose]());

  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const manifestOf = (place: string) => JSON.parse(readFileSync(join(place, 'bundle.json'), 'utf8')) as Files; // as exported

  /** A copy of the bundle in which the files were changed and listed anew. */
  function forge(change: (name: string, bytes: Buffer) => Uint8Array, files?: (listed: Files) => void): string {
    const place = join(folder, `forged-${++forgeries}`);
    cpSync(bundle, place, { recursive: true });
    const manifest = manifestOf(place);
    manifest.files = manifest.files.map(({ name, sha256: hash }) => {
      const bytes = change(name, readFileSync(join(place, 'objects', hash)));
      writeFileSync(join(place, 'objects', sha256(bytes)), bytes);
      return { name, sha256: sha256(bytes), bytes: bytes.length };
    });
    files?.(manifest);
    writeFileSync(join(place, 'bundle.json'), JSON.stringify(manifest));
    return place;
  }
  const forgeModel = (change: (model: ModelBundle) => ModelBundle): string =>
    forge((name, bytes) =>
      name.startsWith('model-') ? encodeBundle(change(decodeBundle(new Uint8Array(bytes)))) : bytes,
    );
  const forgeDocument = (change: (document: Document) => void): string =>
    forge((name, bytes) => {
      if (name !== 'run.json') return bytes;
      const document = JSON.parse(bytes.toString('utf8')) as Document; // as exported
      change(document);
      return Buffer.from(JSON.stringify(document));
    });

  async function refused(place: string, message: RegExp, code = 'INVALID_DATA'): Promise<void> {
    await expect(other.client.interchange.import({ from: place })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect((await other.client.runs.list({})).total).toBe(0);
    expect((await other.client.models.list({})).total).toBe(0);
    expect((await other.client.registry.list({})).total).toBe(0);
  }

  test('is refused where a weight was changed: the golden rows answer otherwise', async () => {
    const place = forgeModel((model) => ({
      ...model,
      members: model.members.map((weights) => weights.map((value) => value + 0.5)),
    }));
    await refused(place, /golden/);
  });

  test('is refused where the model is of other data or another seed', async () => {
    const told = (change: object) => forgeModel((model) => ({ ...model, manifest: { ...model.manifest, ...change } }));
    await refused(told({ datasetHash: 'a'.repeat(64) }), /fitted on other data/);
    await refused(told({ seed: 7 }), /of seed 7/);
  });

  test('is refused where the file is no model', async () => {
    const junk = forge((name, bytes) => (name.startsWith('model-') ? Buffer.from('import pickle') : bytes));
    await refused(junk, /Expected/);
    const cut = forge((name, bytes) => (name.startsWith('model-') ? bytes.subarray(0, bytes.length - 4) : bytes));
    await refused(cut, /Expected/);
  });

  test('is refused where models and document do not name one another', async () => {
    const stray = forgeDocument((document) => (document.models = []));
    await refused(stray, /models that the run names, found model-/);
    const lacking = forgeDocument((document) => document.models.push({ ...document.models[0], id: run }));
    await refused(lacking, /the file of the model/);
    const strategy = forgeDocument((document) => (document.models[0].strategy = 'no such strategy'));
    await refused(strategy, /a strategy that the run does not have/);
    const twice = forge(
      (_, bytes) => bytes,
      (listed) => listed.files.push(...listed.files.filter(({ name }) => name.startsWith('model-'))),
    );
    await refused(twice, /each file once/);
    const name = forge(
      (_, bytes) => bytes,
      (listed) =>
        (listed.files = listed.files.map((file) => ({ ...file, name: file.name.replace('model-', 'model-../') }))),
    );
    await refused(name, /of this format/);
  });

  test('is refused before anything is read where it lists more than fits in memory', async () => {
    const place = forge(
      (_, bytes) => bytes,
      (listed) => (listed.files = listed.files.map((file) => ({ ...file, bytes: 900_000_000 }))),
    );
    await refused(place, /Nothing was read/, 'TOO_LARGE');
  });

  test('is refused as a whole where its registration cannot be stored', async () => {
    const place = forgeDocument(({ versions }) => versions.push(versions[0]));
    await refused(place, /not registered/, 'CONFLICT');
  });

  test('arrives where nothing was changed: the refusals above are for what was', async () => {
    const place = forge((_, bytes) => bytes);
    expect(await other.client.interchange.import({ from: place })).toMatchObject({ run, models: 1 });
  });
});
