/** A workspace served over HTTP on the loopback address: what `sextant serve` and `npm start` run. */
import type { Log } from '#base/log';
import { serveApi, type ServedApi } from '#engine/api/serve-api';
import type { Engine } from '#engine/engine';
import type { Host } from '#engine/host';
import { openEngine } from '#engine/lasting-engine';

export interface ServeOptions {
  readonly host: Host;
  /** 0 takes a free port; undefined the one of the configuration. */
  readonly port?: number | undefined;
  readonly rendererDir: string | null;
  readonly perMinute?: number;
}

export interface Served extends ServedApi {
  readonly engine: Engine;
}

/** Opens the workspace and listens. Errors: those of the workspace; CONFLICT for a taken port. */
export async function serveWorkspace({ host, ...options }: ServeOptions): Promise<Served> {
  const engine = await openEngine(host);
  try {
    const api = await serveApi({ engine, host, ...options });
    return {
      ...api,
      engine,
      async close() {
        await api.close();
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
  engine: Engine,
  onInterrupt: (listener: () => void) => () => void,
  log: Log,
): Promise<void> {
  return new Promise((resolve) => {
    const stop = onInterrupt(() => {
      stop();
      log.info('Stopping; running jobs resume at the next start.');
      resolve();
    });
    engine.onShutdown(() => {
      stop();
      resolve();
    });
  });
}
