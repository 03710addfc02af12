/**
 * A run that is being written. The YAML text is the truth: the form reads from it and writes into it, comments kept,
 * so both views always say the same. The engine checks the text and names line and column of what it does not accept.
 */
import { create } from 'zustand';
import { Document, isMap, parseDocument } from 'yaml';
import { toWire, type WireError } from '#base/errors';
import { client, type Client, toAppError } from '#renderer/app/client';
import { EMPTY_REMOTE, readInto, type Remote } from '#renderer/app/remote';
import type { RunConfig } from '#contract/runs';

export type Catalog = Awaited<ReturnType<Client['catalog']['show']>>;
export type CatalogEntry = Catalog['models'][number];
export type Problem = Awaited<ReturnType<Client['runs']['validate']>>['problems'][number];
export type Path = readonly (string | number)[];

interface DraftState {
  readonly text: string;
  readonly config: RunConfig | null;
  readonly problems: readonly Problem[];
  readonly checking: boolean;
  readonly starting: boolean;
  readonly error: WireError | null;
  readonly catalog: Remote<Catalog>;
}

const KEY = 'sextant.draft';
const START_TEXT = `# What is left out has a default.
data:
  dataset: ""

model:
  forecast: { id: ridge }
  horizon: 21
  optimizer: { id: mean-variance }
  constraints: { maxWeight: 0.1 }

backtest:
  rebalance: month
  costs: { bps: 10 }

experiment:
  name: research
  compare:
    - { name: hrp, forecast: null, optimizer: { id: hrp } }
`;

export const useDraft = create<DraftState>(() => ({
  text: sessionStorage.getItem(KEY) ?? START_TEXT,
  config: null,
  problems: [],
  checking: false,
  starting: false,
  error: null,
  catalog: EMPTY_REMOTE,
}));

const set = useDraft.setState;
const CHECK_MS = 250;
let timer: ReturnType<typeof setTimeout> | undefined;
let checks = 0;

async function check(): Promise<void> {
  const mine = (checks += 1);
  try {
    const { config, problems } = await client().runs.validate({ text: useDraft.getState().text });
    if (mine === checks) set({ config, problems, checking: false, error: null });
  } catch (error) {
    if (mine === checks) set({ config: null, checking: false, error: toWire(toAppError(error)) });
  }
}

/** Replaces the text and has it checked after a pause in typing. */
export function setText(text: string): void {
  sessionStorage.setItem(KEY, text);
  set({ text, checking: true });
  clearTimeout(timer);
  timer = setTimeout(() => void check(), CHECK_MS);
}

function parsed(text: string): Document {
  const document = parseDocument(text);
  return isMap(document.contents) ? document : new Document({});
}

/** Reads a text once; the function gives what it says at a path, undefined where it says nothing. */
export function writtenIn(text: string): (path: Path) => unknown {
  const root: unknown = isBroken(text) ? {} : parsed(text).toJS();
  return (path) => {
    let node = root;
    for (const key of path) {
      if (typeof node !== 'object' || node === null) return undefined;
      node = (node as Record<string | number, unknown>)[key]; // an object by the check above
    }
    return node;
  };
}

/** Whether the text is not YAML at all, so that the form cannot write into it. */
export const isBroken = (text: string) => parseDocument(text).errors.length > 0;

/** Writes one value into a text and leaves everything else as it was; undefined removes it. Broken text stays as it is. */
export function withValue(text: string, path: Path, value: unknown): string {
  if (isBroken(text)) return text;
  const document = parsed(text);
  if (value === undefined) {
    document.deleteIn(path);
    return document.toString();
  }
  for (let depth = 1; depth < path.length; depth++) {
    const parent = document.getIn(path.slice(0, depth));
    if (parent === undefined || parent === null) document.setIn(path.slice(0, depth), document.createNode({}));
  }
  document.setIn(path, document.createNode(value));
  return document.toString();
}

export function setValue(path: Path, value: unknown): void {
  setText(withValue(useDraft.getState().text, path, value));
}

/** A fresh draft for a dataset. */
export function newDraft(dataset: string): void {
  setText(withValue(START_TEXT, ['data', 'dataset'], dataset));
}

/** A draft with the configuration of a run that exists. */
export function draftFrom(config: RunConfig): void {
  setText(new Document(config).toString());
}

export async function readCatalog(): Promise<void> {
  if (useDraft.getState().catalog.value !== null) return;
  await readInto(
    useDraft.getState().catalog,
    () => client().catalog.show({}),
    (catalog) => set({ catalog }),
  );
}

/** Names a dataset where the draft names none yet. */
export function suggestDataset(name: string | undefined): void {
  const { text } = useDraft.getState();
  if (name !== undefined && writtenIn(text)(['data', 'dataset']) === '') setValue(['data', 'dataset'], name);
}

/** Why the run cannot start yet, or null. */
export function startReason(state: DraftState): string | null {
  if (state.starting) return 'The run is being started.';
  if (writtenIn(state.text)(['data', 'dataset']) === '') return 'Choose a dataset.';
  if (state.error !== null) return state.error.message;
  const [problem] = state.problems;
  if (problem !== undefined) {
    return `Line ${problem.line}${problem.path === '' ? '' : `, ${problem.path}`}: ${problem.message}`;
  }
  if (state.checking || state.config === null) return 'The configuration is being checked.';
  return null;
}

/** Starts the run; gives its identifier, or null with the error in the state. */
export async function startRun(): Promise<string | null> {
  const { config } = useDraft.getState();
  if (config === null) return null;
  set({ starting: true, error: null });
  try {
    const { run } = await client().runs.start({ config });
    set({ starting: false });
    return run;
  } catch (error) {
    set({ starting: false, error: toWire(toAppError(error)) });
    return null;
  }
}
