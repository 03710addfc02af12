/**
 * A run as a bundle: `bundle.json` names every file by its SHA-256, and the files lie under `objects/<hash>`; the sealed models that it
 * fitted are among them. Reading trusts nothing: sizes are limited before a byte is read, every file is hashed on the bytes that are then
 * used, the documents must fit their schemas, and the identity in the provenance must be the hash of the facts beside it.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import { sha256Field } from '#contract/fields';
import { universeField } from '#contract/registry';
import { artifactSchema, tagField } from '#contract/run-tracking';
import { provenanceSchema, runConfigSchema, runSummarySchema } from '#contract/runs';
import { configHashOf, identityOf } from '../runs/provenance';
import { runSummaryDocument } from '../runs/run-documents';
import { decodeBundle } from '../store/array-bundle';
import type { Place } from './places';

const MANIFEST = 'bundle.json';
const MOST_MANIFEST = 1_000_000;
const MOST_FILE = 1_000_000_000;
const RESULT = 'result';
const RUN = 'run.json';
/** All files together: they are held in memory while they are checked. */
const MOST_BUNDLE = 2_000_000_000;
const MOST_MODELS = 200;
const ULID = '[0-9A-HJKMNP-TV-Z]{26}';
const MODEL = new RegExp(`^model-${ULID}$`);

/** The file of a sealed model. */
export const modelFile = (id: string): string => `model-${id}`;

const manifestSchema = z.strictObject({
  format: z.literal('sextant-run-1'),
  files: z
    .array(
      artifactSchema
        .extend({
          name: z.enum([RUN, RESULT, 'environment.json']).or(z.string().regex(MODEL)),
          bytes: z.int().gte(1).lte(MOST_FILE),
        })
        .strict(),
    )
    .min(2)
    .max(3 + MOST_MODELS),
});

const ulidField = z.string().regex(new RegExp(`^${ULID}$`));

const documentSchema = z.strictObject({
  id: ulidField,
  name: z.string().regex(/^[A-Za-z0-9._-]{1,200}$/),
  createdAt: z.int().gte(0),
  finishedAt: z.int().gte(0),
  config: runConfigSchema,
  provenance: provenanceSchema,
  headline: runSummarySchema.shape.headline.unwrap(),
  summary: runSummaryDocument,
  tags: z
    .record(z.string(), z.string().max(400))
    .refine(
      (tags) => Object.entries(tags).every(([name, value]) => tagField.safeParse(`${name}=${value}`).success),
      'Expected plain tags.',
    ),
  note: z.string().max(20_000),
  metrics: z
    .array(
      z.strictObject({
        name: z.string().max(300),
        step: z.int().gte(0),
        value: z.number(),
        at: z.int().gte(0).nullable().default(null),
      }),
    )
    .max(1_000_000)
    .readonly(),
  /** Sealed models that the run fitted; the bytes of each in a file of its own. */
  models: z
    .array(z.strictObject({ id: ulidField, strategy: z.string().min(1).max(300), createdAt: z.int().gte(0) }))
    .max(MOST_MODELS)
    .default([]),
  /** What it was registered as, for whoever takes it in: offered, never believed. */
  versions: z
    .array(
      z.strictObject({
        universe: universeField.nullable(),
        label: z.string().max(300),
        aliases: z.array(z.string().max(60)).max(20),
      }),
    )
    .max(50)
    .default([]),
});
export type RunDocument = z.infer<typeof documentSchema>;

export interface RunBundle {
  readonly document: RunDocument;
  /** By name: `result`, `environment.json`. */
  readonly artifacts: ReadonlyMap<string, Uint8Array>;
  /** Bytes of the document's models, by identifier. */
  readonly models: ReadonlyMap<string, Uint8Array>;
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The manifest is written last: a bundle without one was not finished, and is refused. */
export async function writeBundle(
  place: Place,
  { document, artifacts, models }: RunBundle,
): Promise<{ files: number; bytes: number }> {
  await place.requireEmpty();
  const text = new TextEncoder().encode(canonicalJson(documentSchema.parse(document)));
  const files: z.infer<typeof manifestSchema>['files'] = [];
  const modelFiles = [...models].map(([id, bytes]) => [modelFile(id), bytes] as const);
  for (const [name, bytes] of [[RUN, text] as const, ...artifacts, ...modelFiles]) {
    const sha256 = hashOf(bytes);
    await place.write(`objects/${sha256}`, bytes);
    files.push(manifestSchema.shape.files.element.parse({ name, sha256, bytes: bytes.length }));
  }
  const manifest = new TextEncoder().encode(`${JSON.stringify({ format: 'sextant-run-1', files }, null, 2)}\n`);
  await place.write(MANIFEST, manifest);
  return { files: files.length + 1, bytes: files.reduce((sum, { bytes }) => sum + bytes, manifest.length) };
}

/** Errors: NOT_FOUND, TOO_LARGE, INVALID_DATA saying what does not fit; nothing of the bundle is used then. */
export async function readBundle(
  place: Place,
): Promise<RunBundle & { readonly result: Uint8Array; readonly files: number; readonly bytes: number }> {
  const manifestBytes = await place.read(MANIFEST, MOST_MANIFEST);
  const { files } = parsed(manifestSchema, manifestBytes, MANIFEST);
  if (new Set(files.map(({ name }) => name)).size < files.length) throw refused('each file once', 'one twice');
  const listed = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (listed > MOST_BUNDLE) {
    throw new AppError(
      'TOO_LARGE',
      `Expected a run bundle of at most ${MOST_BUNDLE} bytes, found ${listed}. Nothing was read.`,
    );
  }
  const contents = new Map<string, Uint8Array>();
  for (const { name, sha256, bytes } of files) {
    const content = await place.read(`objects/${sha256Field.parse(sha256)}`, bytes);
    if (content.length !== bytes || hashOf(content) !== sha256)
      throw refused(`${name} with its listed size and hash`, 'other bytes');
    contents.set(name, content);
  }
  const text = contents.get(RUN);
  const result = contents.get(RESULT);
  if (text === undefined || result === undefined)
    throw refused(`${RUN} and ${RESULT}`, [...contents.keys()].join(', '));
  const document = parsed(documentSchema, text, RUN);
  checkDocument(document, result, contents.get('environment.json'));
  contents.delete(RUN);
  const models = takeModels(document, contents);
  return {
    document,
    artifacts: contents,
    models,
    result,
    files: files.length + 1,
    bytes: files.reduce((sum, file) => sum + file.bytes, manifestBytes.length),
  };
}

/** The parts must be of one run: hashes in the provenance are those of the files, the identity is that of the facts. */
function checkDocument(
  { config, provenance, name, id }: RunDocument,
  result: Uint8Array,
  environment: Uint8Array | undefined,
): void {
  if (provenance.resultHash !== hashOf(result)) throw refused('a result that the provenance names', 'another');
  if (environment !== undefined && provenance.environmentHash !== hashOf(environment)) {
    throw refused('an environment that the provenance names', 'another');
  }
  if (provenance.configHash !== configHashOf(config)) throw refused('a configuration that fits its hash', 'another');
  if (provenance.identity !== identityOf(provenance))
    throw refused('an identity that is the hash of its facts', 'another');
  if (provenance.seed !== config.experiment.seed) throw refused('one seed', 'two');
  if (!name.endsWith(id)) throw refused('a name that ends in the identifier', name.slice(0, 80));
  try {
    decodeBundle(result);
  } catch (error) {
    throw refused('a result of this format', 'other bytes', error);
  }
}

/** Takes the models out of the files: each that the document names and no other. */
function takeModels({ models }: RunDocument, contents: Map<string, Uint8Array>): Map<string, Uint8Array> {
  const taken = new Map<string, Uint8Array>();
  for (const { id } of models) {
    const bytes = contents.get(modelFile(id));
    if (bytes === undefined) throw refused(`the file of the model ${id}, once`, 'none');
    contents.delete(modelFile(id));
    taken.set(id, bytes);
  }
  const stray = [...contents.keys()].find((name) => MODEL.test(name));
  if (stray !== undefined) throw refused('models that the run names', stray);
  return taken;
}

function parsed<Schema extends z.ZodType>(schema: Schema, bytes: Uint8Array, name: string): z.infer<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw refused(`${name} in JSON`, 'other text', error);
  }
  const answer = schema.safeParse(value);
  if (answer.success) return answer.data;
  const [issue] = answer.error.issues;
  throw refused(`${name} of this format`, `at ${issue.path.join('.')}: ${issue.message}`.slice(0, 300));
}

function refused(expected: string, found: string, cause?: unknown): AppError {
  return new AppError(
    'INVALID_DATA',
    `Expected a run bundle with ${expected}, found ${found}. Nothing was imported.`,
    cause === undefined ? {} : { cause },
  );
}
