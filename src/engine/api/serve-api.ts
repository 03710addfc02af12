/**
 * Puts an engine on HTTP: token file, sign-in codes, and the address in `host.json`. Both hosts use it, so that the command
 * line can attach to whichever of them owns the workspace.
 */
import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../engine';
import type { Host } from '../host';
import { commitFile } from '../store/commit-file';
import { createHttpMetrics } from '../metrics/http-metrics';
import { startHttpServer } from './http';
import { ALL_SCOPES } from './inline';
import { createSignIn } from './sign-in';
import { createTokenStore, mintToken } from './tokens';

/** The command line of the same user has a token of its own: a script that calls it in a loop is not a flood. */
const COMMAND_LINE_PER_MINUTE = 6_000;

export interface ServeApiOptions {
  readonly engine: Engine;
  readonly host: Host;
  /** 0 takes a free port; undefined the one of the configuration. */
  readonly port?: number | undefined;
  /** Folder of the built screen; null leaves the screen out. */
  readonly rendererDir: string | null;
  /** Rate of the token of the token file; as configured unless given. */
  readonly perMinute?: number;
}

export interface ServedApi {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** 0600 file with the token and nothing else; gone when the host stops. */
  readonly tokenFile: string;
  /** Address that signs a browser in, once, within a minute. */
  signInUrl(): string;
  /** Stops listening; the engine stays open. */
  close(): Promise<void>;
}

/** Errors: CONFLICT for a taken port, FORBIDDEN for one that this user may not open, IO, DISK_FULL. */
export async function serveApi({ engine, host, port, rendererDir, perMinute }: ServeApiOptions): Promise<ServedApi> {
  const tokens = createTokenStore(engine.tokens);
  const ratePerMinute = () => perMinute ?? engine.apiConfig().perMinute;
  const api = mintToken('token-file', ALL_SCOPES, ratePerMinute, 'token-file');
  const commandLine = mintToken('command-line', ALL_SCOPES, COMMAND_LINE_PER_MINUTE, 'command-line');
  tokens.add(api.record);
  tokens.add(commandLine.record);
  const signIn = createSignIn();
  const uploadDir = join(engine.folder, 'uploading');
  await rm(uploadDir, { recursive: true, force: true });
  await mkdir(uploadDir, { mode: 0o700 });
  const http = await startHttpServer({
    router: engine.router,
    tokens,
    signIn,
    uploadDir,
    version: host.version.app,
    port: port ?? engine.apiConfig().port,
    idempotency: engine.idempotency,
    signals: engine.signals,
    rates: () => engine.apiConfig(),
    rendererDir,
    log: engine.observation.log('api'),
    tracing: engine.observation.tracing,
    metrics: createHttpMetrics(engine.metrics),
  });
  const tokenFile = join(engine.folder, 'api-token');
  const commandLineFile = join(engine.folder, 'command-line-token');
  try {
    await commitFile(tokenFile, async (file) => file.writeFile(api.token));
    await commitFile(commandLineFile, async (file) => file.writeFile(commandLine.token));
    engine.publish({ url: http.url, tokenFile: commandLineFile });
  } catch (error) {
    await http.close();
    throw error;
  }
  return {
    url: http.url,
    tokenFile,
    signInUrl: () => `${http.url}/#code=${signIn.issue()}`,
    async close() {
      await http.close();
      for (const file of [tokenFile, commandLineFile]) rmSync(file, { force: true });
      rmSync(uploadDir, { recursive: true, force: true });
    },
  };
}
