/** What is always true of a running engine: version, host, workspace and how its key is kept. */
import type { SystemInfo } from '#contract/system';
import type { Host } from '../host';
import { CIPHER } from '../store/database';
import type { Workspace } from '../store/workspace';

export function systemInfo(host: Host, workspace: Workspace): SystemInfo {
  return {
    version: host.version.app,
    gitCommit: host.version.gitCommit,
    lockHash: host.version.lockHash,
    host: host.kind,
    hostReason: host.reason,
    workspace: host.shows ?? workspace.folder,
    keySource: workspace.keySource,
    cipher: CIPHER,
    schemaVersion: workspace.schemaVersion,
    startedAt: new Date(host.now()).toISOString(),
    localOnly: true,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}
