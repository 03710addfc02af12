/** The operations of `contract/channels.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { Destinations } from '../deliveries/destinations';
import type { ChannelService } from './channel-service';

export function createChannelHandlers(channels: ChannelService, destinations: Destinations): HandlersOf<'channels'> {
  return {
    list: async () => ({ channels: channels.list() }),
    create: async (input, { actor }) => channels.create(input, actor),
    disable: async ({ channel }, { actor }) => channels.disable(channel, actor),
    enable: async ({ channel }, { actor }) => channels.enable(channel, actor),
    remove: async ({ channel }, { actor }) => ({ removed: destinations.remove(channel, actor) }),
    test: async ({ channel }, { signal }) => channels.test(channel, signal ?? new AbortController().signal),
    deliveries: async ({ channel, status, limit, offset }) => destinations.list(channel, status, limit, offset),
    replay: async ({ channel, ...what }, { actor }) => ({ queued: destinations.replay(channel, what, actor) }),
  };
}
