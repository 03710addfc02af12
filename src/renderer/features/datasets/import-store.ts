/**
 * The import wizard: choose files → look at what they are → import. Every step can be taken back; a failed import keeps
 * what was chosen, so that one correction is enough.
 */
import { create } from 'zustand';
import type { z } from 'zod';
import { toWire, type WireError } from '#base/errors';
import type { ImportPreview, importOptionsSchema, mappingSchema } from '#contract/datasets';
import { client, toAppError } from '#renderer/app/client';
import { sourceText } from '#renderer/format';
import { jobEnd } from '../jobs/jobs-store';

export type SourceRole = 'prices' | 'companies' | 'index' | 'membership';
export type Mapping = z.input<typeof mappingSchema>;
export type ImportOptions = z.input<typeof importOptionsSchema>;

export interface SourceFile {
  /** Path that the engine reads. */
  readonly path: string;
  readonly name: string;
  readonly bytes: number | null;
  readonly role: SourceRole;
}

interface ImportState {
  readonly name: string;
  readonly files: readonly SourceFile[];
  readonly options: ImportOptions;
  /** Names of files that are being handed over. */
  readonly uploading: readonly string[];
  readonly looking: boolean;
  readonly preview: ImportPreview | null;
  readonly error: WireError | null;
  readonly phase: 'choose' | 'importing' | 'done' | 'cancelled' | 'failed';
  readonly job: string | null;
  readonly dataset: string | null;
}

const START: ImportState = {
  name: '',
  files: [],
  options: {},
  uploading: [],
  looking: false,
  preview: null,
  error: null,
  phase: 'choose',
  job: null,
  dataset: null,
};

export const useImport = create<ImportState>(() => START);
const set = useImport.setState;

export function startOver(): void {
  set(START, true);
}

const fileName = (path: string) => path.split(/[\\/]/).at(-1) ?? path;

/** A name that the contract accepts, made of the first price file's name. */
export function suggestName(file: string): string {
  const base = fileName(file)
    .toLowerCase()
    .replace(/(\.(csv|txt|parquet|pq|json|gz|zip))+$/, '')
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 60);
  return base === '' ? 'prices' : base;
}

/** What a file most likely is, from its name; the person can change it. */
export function guessRole(name: string): SourceRole {
  const lower = name.toLowerCase();
  if (/compan|sector/.test(lower)) return 'companies';
  if (/member|constituent/.test(lower)) return 'membership';
  if (/(^|[_-])index([._-]|$)|benchmark/.test(lower)) return 'index';
  return 'prices';
}

function add(files: readonly SourceFile[]): void {
  set((state) => {
    const known = new Set(state.files.map(({ path }) => path));
    const next = [...state.files, ...files.filter(({ path }) => !known.has(path))];
    const first = next.find(({ role }) => role === 'prices');
    return {
      files: next,
      name: state.name === '' && first !== undefined ? suggestName(first.name) : state.name,
      phase: 'choose',
      error: null,
    };
  });
}

export function addPaths(text: string): void {
  const paths = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  add(paths.map((path) => ({ path, name: fileName(path), bytes: null, role: guessRole(fileName(path)) })));
}

/** Hands files of the browser over to the engine, one after the other. */
export async function uploadFiles(files: readonly File[]): Promise<void> {
  set(({ uploading }) => ({ uploading: [...uploading, ...files.map(({ name }) => name)], error: null }));
  for (const file of files) {
    try {
      const { path, bytes } = await client().datasets.upload({ file });
      add([{ path, name: file.name, bytes, role: guessRole(file.name) }]);
    } catch (error) {
      set({ error: toWire(toAppError(error)) });
    }
    set(({ uploading }) => {
      const at = uploading.indexOf(file.name);
      return { uploading: uploading.filter((_, index) => index !== at) };
    });
  }
}

export function removeFile(path: string): void {
  set(({ files }) => ({ files: files.filter((file) => file.path !== path), preview: null, error: null }));
}

export function setRole(path: string, role: SourceRole): void {
  set(({ files }) => ({ files: files.map((file) => (file.path === path ? { ...file, role } : file)) }));
}

export function setName(name: string): void {
  set({ name });
}

/** Changes options; undefined takes one back. */
export function setOptions(change: ImportOptions): void {
  set(({ options }) => {
    const next = Object.entries({ ...options, ...change }).filter(([, value]) => value !== undefined);
    return { options: Object.fromEntries(next) };
  });
}

export function setMapping(field: keyof Mapping, column: string | null): void {
  const { options, preview } = useImport.getState();
  const mapping = { ...preview?.mapping, ...options.mapping };
  if (column === null) delete mapping[field];
  else mapping[field] = column;
  setOptions({ mapping });
}

function source() {
  const { files } = useImport.getState();
  const one = (role: SourceRole) => files.find((file) => file.role === role)?.path;
  const optional = { companies: one('companies'), index: one('index'), membership: one('membership') };
  return {
    prices: files.filter(({ role }) => role === 'prices').map(({ path }) => path),
    ...Object.fromEntries(Object.entries(optional).filter(([, path]) => path !== undefined)),
  };
}

/** An error in the words of the person: files by the name they were chosen by. */
function readable(error: WireError): WireError {
  return { ...error, message: sourceText(error.message) };
}

/** Why the import cannot start yet, or null. */
export function missing(state: ImportState): string | null {
  if (state.uploading.length > 0) return 'Files are still being handed over.';
  if (!state.files.some(({ role }) => role === 'prices')) return 'Choose at least one price file.';
  if (!/^[a-z0-9][a-z0-9._-]{0,59}$/.test(state.name)) {
    return 'The name takes up to 60 lower-case letters, digits, dots, dashes or underscores.';
  }
  if (state.preview === null) return state.error?.message ?? 'The files are being looked at.';
  const problem = state.preview.problems.find(({ severity }) => severity === 'error');
  return problem === undefined ? null : problem.message;
}

let lookCount = 0;

/** Looks at the source with the options of now; only the latest look counts. */
export async function look(): Promise<void> {
  const { files, options } = useImport.getState();
  if (!files.some(({ role }) => role === 'prices')) return;
  const mine = (lookCount += 1);
  set({ looking: true });
  try {
    const preview = await client().datasets.preview({ ...source(), options });
    if (mine === lookCount) set({ preview, looking: false, error: null });
  } catch (error) {
    if (mine === lookCount) set({ preview: null, looking: false, error: readable(toWire(toAppError(error))) });
  }
}

/** Starts the import and follows it to its end; the state says how it ended. */
export async function commit(): Promise<void> {
  const { name, options } = useImport.getState();
  try {
    const { job, dataset } = await client().datasets.import({ name, ...source(), options });
    set({ phase: 'importing', job, dataset, error: null });
    const end = await jobEnd(job);
    if (useImport.getState().job !== job) return;
    if (end.status === 'succeeded') set({ phase: 'done' });
    else if (end.status === 'cancelled') set({ phase: 'cancelled' });
    else set({ phase: 'failed', error: end.error === null ? null : readable(end.error) });
  } catch (error) {
    set({ phase: 'failed', job: null, error: readable(toWire(toAppError(error))) });
  }
}

export function backToChoice(): void {
  set({ phase: 'choose', job: null, error: null });
}
