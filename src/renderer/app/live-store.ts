/**
 * The live feed: one stream of changes for the whole screen. Features subscribe by noun and read again what they show.
 * A lost connection is shown, tried again with growing pauses and resumed after the last change that was seen;
 * after a gap everything on screen is read again, so nothing is missed even when the host was started anew.
 */
import { create } from 'zustand';
import type { Change } from '#contract/system';
import { client, toAppError } from './client';

export type Connection = 'connecting' | 'live' | 'lost' | 'refused';
type Noun = Change['noun'];
type Listener = (change: Change | null) => void;

interface LiveState {
  readonly connection: Connection;
  readonly lostSince: number | null;
}

export const useLive = create<LiveState>(() => ({ connection: 'connecting', lostSince: null }));

const listeners = new Map<Noun, Set<Listener>>();
const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 5_000;

/** Calls back on every change of a noun, and with null after a gap. */
export function onChange(noun: Noun, listener: Listener): () => void {
  const set = listeners.get(noun) ?? new Set();
  listeners.set(noun, set.add(listener));
  return () => set.delete(listener);
}

function publish(change: Change): void {
  for (const listener of listeners.get(change.noun) ?? []) listener(change);
}

function publishGap(): void {
  for (const set of listeners.values()) for (const listener of set) listener(null);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Follows the feed until the signal fires or the host refuses the token. */
export async function followChanges(signal: AbortSignal): Promise<void> {
  let after: number | undefined;
  let wait = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      const feed = await client().system.changes(after === undefined ? {} : { after }, { signal });
      if (useLive.getState().connection === 'lost') publishGap();
      useLive.setState({ connection: 'live', lostSince: null });
      wait = FIRST_PAUSE_MS;
      for await (const change of feed) {
        after = change.seq;
        publish(change);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (toAppError(error).code === 'UNAUTHORIZED') {
        useLive.setState({ connection: 'refused' });
        return;
      }
    }
    useLive.setState((state) => ({ connection: 'lost', lostSince: state.lostSince ?? Date.now() }));
    await pause(wait);
    wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
  }
}

/** Runs at most once per `ms`, and once more for what arrived in between. */
export function coalesced(run: () => void, ms = 200): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      run();
    }, ms);
  };
}
