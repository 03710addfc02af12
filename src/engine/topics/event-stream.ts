/**
 * The in-process bus and what the event stream of the API reads: events of the outbox from any place on, live, without a gap or a repetition.
 * Publishing only wakes readers; what they see always comes from the store.
 */
import { topicMatches, type TopicEvent } from '#contract/topics';
import type { Outbox, OutboxRow } from './outbox';

const PAGE = 200;

export interface TopicStream {
  /** One page of what matches; `next` is where to read on, also where nothing matched. */
  read(topics: readonly string[], after: number, limit: number): { events: TopicEvent[]; next: number };
  /** Events behind `after`, or from now on, until the signal fires or the stream is closed. */
  follow(
    topics: readonly string[],
    after: number | undefined,
    signal?: AbortSignal,
  ): AsyncGenerator<TopicEvent, void, void>;
  /** Calls back for every event published from now on, in order. @returns stops it */
  subscribe(topics: readonly string[], listener: (event: TopicEvent) => void): () => void;
  close(): void;
}

export function toTopicEvent({ seq, id, topic, version, at, payload }: OutboxRow): TopicEvent {
  return { seq, id, topic, version, at: new Date(at).toISOString(), data: JSON.parse(payload) };
}

export function createTopicStream(outbox: Outbox): TopicStream {
  const closed = new AbortController();
  const matchesAny = (topics: readonly string[], name: string) => topics.some((pattern) => topicMatches(pattern, name));

  function read(topics: readonly string[], after: number, limit: number) {
    const events: TopicEvent[] = [];
    let next = after;
    for (;;) {
      const rows = outbox.after(next, PAGE);
      for (const row of rows) {
        next = row.seq;
        if (matchesAny(topics, row.topic)) events.push(toTopicEvent(row));
        if (events.length >= limit) return { events, next };
      }
      if (rows.length < PAGE) return { events, next };
    }
  }

  /** Ends with the next publication, or when somebody leaves. */
  function nextWake(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        stop();
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const stop = outbox.onPublished(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  async function* follow(topics: readonly string[], after: number | undefined, leave?: AbortSignal) {
    const signal = leave === undefined ? closed.signal : AbortSignal.any([leave, closed.signal]);
    let last = after ?? outbox.head();
    while (!signal.aborted) {
      const { events, next } = read(topics, last, PAGE);
      for (const event of events) yield event;
      if (next === last) await nextWake(signal);
      last = next;
    }
  }

  function subscribe(topics: readonly string[], listener: (event: TopicEvent) => void): () => void {
    let last = outbox.head();
    return outbox.onPublished(() => {
      const { events, next } = read(topics, last, Infinity);
      last = next;
      for (const event of events) listener(event);
    });
  }

  return { read, follow, subscribe, close: () => closed.abort() };
}
