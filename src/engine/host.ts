/**
 * The whole list of what differs between the Electron host, the headless host and a test:
 * where things live, how the key is kept, how processes start, where log lines go.
 */
import type { Log } from '#base/log';
import type { FromWorker, ToWorker } from '#contract/worker-messages';
import type { KeySource } from '#contract/system';

/** One child process as the engine sees it, whichever way it was started. */
export interface WorkerHandle {
  readonly pid: number | undefined;
  post(message: ToWorker): void;
  onMessage(listener: (message: FromWorker) => void): void;
  /** Fires exactly once; `reason` says what is known (`exit code 1`, `signal SIGKILL`, `oom`). */
  onExit(listener: (exit: { code: number | null; reason: string }) => void): void;
  kill(): void;
}

/** Where the 32-byte workspace key comes from. Reading never creates anything; creating is asked for explicitly. */
export interface KeyStore {
  /** The key and where it is kept, or null where none has been made yet. Errors: WRONG_KEY (passphrase), IO. */
  read(): Promise<{ key: Uint8Array; source: KeySource } | null>;
  create(): Promise<{ key: Uint8Array; source: KeySource }>;
  /** Left out where nothing that is kept can be changed. */
  readonly keeper?: KeyKeeper;
}

/** Changes what a key store keeps. Every step is durable when it returns, and can be repeated after a crash. */
export interface KeyKeeper {
  /** Keeps `next` beside the present key. Errors: WRONG_KEY where a passphrase is needed and this is not it; IO, DISK_FULL. */
  stage(next: Uint8Array, passphrase?: string): Promise<void>;
  /** The key that is staged; null where none is. */
  staged(): Promise<Uint8Array | null>;
  /** Makes the staged key the present one. */
  promote(): Promise<void>;
  discard(): Promise<void>;
  /** Wraps the same key with another passphrase. Errors: WRONG_KEY, CONFLICT where no passphrase is in use. */
  changePassphrase?(current: string, next: string): Promise<void>;
  /** Keeps a recovered key, whatever was kept before. */
  adopt(key: Uint8Array): Promise<void>;
}

export interface DesktopNotification {
  readonly title: string;
  readonly body: string;
  /** Stays until it is dismissed, where the desktop can do that. */
  readonly urgent: boolean;
}

export interface Host {
  readonly kind: 'electron' | 'headless' | 'test';
  /** Why the desktop window is not used, where it is not. */
  readonly reason: string | null;
  /** Absolute path of the workspace folder (0700); the engine creates it when it may. */
  readonly workspace: string;
  /** Where that folder holds a copy: the workspace that is only shown. Nothing runs, and nothing but the copy is written. */
  readonly shows?: string;
  readonly keys: KeyStore;
  /** @param log where the lines that the process prints go; the host's own log unless told */
  spawnWorker(log?: Log): WorkerHandle;
  /** Program that tells of the card's memory, with its first arguments; `nvidia-smi` unless told. */
  readonly nvidiaSmi?: readonly [program: string, ...leading: string[]];
  /** Shows a notification of the desktop; left out where there is none. */
  notify?(notification: DesktopNotification): void;
  readonly log: Log;
  /** Variables that name keys and addresses of storage and servers (AWS_…, MLFLOW_…); none unless told. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Wall clock, UTC milliseconds. */
  now(): number;
  readonly version: { readonly app: string; readonly gitCommit: string | null; readonly lockHash: string };
}
