/** What the program keeps of its own doing, from before a workspace is open until after it is closed. */
import { join } from 'node:path';
import { withFields, type Log } from '#base/log';
import type { Handlers } from '../api/handlers';
import type { Host } from '../host';
import type { RetainedFiles } from '../privacy/retention';
import type { Workspace } from '../store/workspace';
import { createTraceHandlers } from '../traces/handlers';
import { createTraceStore, type OpenTraces } from '../traces/trace-store';
import { createTracing, type Tracing } from '../traces/tracing';
import { createLogHandlers } from './handlers';
import { createLogbook, type Logbook } from './logbook';
import { retainedLogs } from './log-retention';

export interface Observation {
  readonly logbook: Logbook;
  /** Data that goes by age. */
  readonly retained: RetainedFiles;
  readonly tracing: Tracing;
  readonly handlers: Pick<Handlers, 'logs' | 'traces'>;
  /** The log with the name of a part of the program on every line. */
  log(component: string): Log;
  /** What waited is written. A workspace that is only shown is read and not written. */
  open(workspace: Pick<Workspace, 'keyring'>, isShown: boolean): void;
  /** From now on spans are kept. */
  keepTraces(workspace: OpenTraces): void;
  /** Writes what is left; call it before the workspace is closed. */
  close(): void;
}

export function createObservation(host: Pick<Host, 'workspace' | 'kind' | 'log' | 'now' | 'version'>): Observation {
  const folder = join(host.workspace, 'logs');
  const logbook = createLogbook({ folder, host: host.kind, console: host.log, now: () => host.now() });
  const { app: version } = host.version;
  const traces = createTraceStore({
    version,
    log: withFields(logbook.log, { component: 'traces' }),
    now: () => host.now(),
  });
  const tracing = createTracing({ version, isEnabled: traces.isEnabled, onEnd: traces.take });
  return {
    tracing,
    keepTraces: traces.open,
    logbook,
    retained: { logs: retainedLogs(folder) },
    handlers: {
      logs: createLogHandlers(logbook, () => host.now()),
      traces: createTraceHandlers(traces, version, () => host.now()),
    },
    log: (component) => withFields(logbook.log, { component }),
    open: ({ keyring }, isShown) => logbook.open(keyring, !isShown),
    close() {
      traces.close();
      logbook.close();
    },
  };
}
