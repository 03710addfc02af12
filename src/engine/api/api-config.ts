/** The API's configuration, stored in the workspace; without one the defaults of the contract hold. Also its two operations. */
import { apiConfigSchema, type ApiConfig } from '#contract/api';
import type { Database } from '../store/database';
import type { HandlersOf } from './handlers';

const SETTING = 'api';

export interface ApiConfigStore {
  current(): ApiConfig;
  configure(config: ApiConfig): ApiConfig;
}

export function createApiConfig(database: Database, now: () => number): ApiConfigStore {
  const read = database.prepare<[string], string>('SELECT value FROM settings WHERE name = ?').pluck();
  const write = database.prepare<[string, string, number]>(
    `INSERT INTO settings (name, value, updated_at) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
  );
  let current = apiConfigSchema.parse(JSON.parse(read.get(SETTING) ?? '{}'));
  return {
    current: () => current,
    configure(config) {
      write.run(SETTING, JSON.stringify(config), now());
      current = config;
      return current;
    },
  };
}

export function createApiHandlers(config: ApiConfigStore): HandlersOf<'api'> {
  return {
    show: async () => config.current(),
    configure: async (input) => config.configure(input.config),
  };
}
