/** A workspace served over HTTP on the loopback address: what `sextant serve` and `npm start` run. */
import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '#base/log';
import { startHttpServer } from '#engine/api/http';
import { ALL_SCOPES } from '#engine/api/inline';
import { createSignIn } from '#engine/api/sign-in';
import { createTokenStore, mintToken } from '#engine/api/tokens';
import { createEngine, type Engine } from '#engine/engine';
import type { Host } from '#engine/host';
import { commitFile } from '#engine/store/commit-file';

/** Requests per minute with the token of the token file, unless the user says otherwise. */
export const REQUESTS_PER_MINUTE = 60;

export interface ServeOptions {
  readonly host: Host;
  /** 0 takes a free port. */
  readonly port: number;
  readonly rendererDir: string | null;
  readonly perMinute?: number;
}

export interface Served {
  readonly engine: Engine;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** 0600 file with the token and nothing else; gone when the host stops. */
  readonly tokenFile: string;
  /** Address that signs a browser in, once, within a minute. */
  signInUrl(): string;
  close(): Promise<void>;
}

/** Opens the workspace, listens and says so in `host.json`. Errors: those of the workspace; CONFLICT for a taken port. */
export async function serveWorkspace({ host, port, rendererDir, perMinute }: ServeOptions): Promise<Served> {
  const engine = await createEngine(host);
  try {
    const tokens = createTokenStore();
    const { token, record } = mintToken('token-file', ALL_SCOPES, perMinute ?? REQUESTS_PER_MINUTE);
    tokens.add(record);
    const signIn = createSignIn();
    const uploadDir = join(host.workspace, 'uploading');
    await rm(uploadDir, { recursive: true, force: true });
    await mkdir(uploadDir, { mode: 0o700 });
    const http = await startHttpServer({
      router: engine.router,
      tokens,
      signIn,
      uploadDir,
      version: host.version.app,
      port,
      rendererDir,
      log: host.log,
    });
    const tokenFile = join(host.workspace, 'api-token');
    await commitFile(tokenFile, async (file) => file.writeFile(token));
    engine.publish({ url: http.url, tokenFile });
    return {
      engine,
      url: http.url,
      tokenFile,
      signInUrl: () => `${http.url}/#code=${signIn.issue()}`,
      async close() {
        await http.close();
        rmSync(tokenFile, { force: true });
        await engine.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Resolves when the program is asked to stop, by a signal or through the contract. */
export function untilAskedToStop(
  served: Served,
  onInterrupt: (listener: () => void) => () => void,
  log: Log,
): Promise<void> {
  return new Promise((resolve) => {
    const stop = onInterrupt(() => {
      stop();
      log.info('Stopping; running jobs resume at the next start.');
      resolve();
    });
    served.engine.onShutdown(() => {
      stop();
      resolve();
    });
  });
}
