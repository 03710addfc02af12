/** The operations of `contract/topics.ts`. */
import { z } from 'zod';
import { TOPICS } from '#contract/topics';
import type { HandlersOf } from '../api/handlers';
import type { TopicStream } from './event-stream';

/** How the family of market topics is written in the list. */
const SHOWN: Readonly<Record<string, string>> = { md: 'md.<asset class>.<instrument>' };

export function createTopicHandlers(stream: TopicStream): HandlersOf<'topics'> {
  return {
    list: async () => ({
      topics: Object.entries(TOPICS).map(([name, { version, title, payload }]) => ({
        topic: SHOWN[name] ?? name,
        version,
        title,
        payload: { ...z.toJSONSchema(payload) },
      })),
    }),
    history: async ({ topic, after, limit }) => stream.read(topic, after, limit),
    follow: async ({ topic, after }, { signal }) => stream.follow(topic, after, signal),
  };
}
