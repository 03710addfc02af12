/** The operations of `contract/tokens.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { TokenService } from './token-service';

export function createTokenHandlers(tokens: TokenService): HandlersOf<'tokens'> {
  return {
    list: async (page) => tokens.list(page),
    create: async (input, { scopes }) => tokens.create(input, scopes),
    rotate: async ({ token }, { scopes }) => tokens.rotate(token, scopes),
    limit: async ({ token, perMinute }) => tokens.limit(token, perMinute),
    revoke: async ({ token }) => tokens.revoke(token),
  };
}
