/** Registered versions on screen: the list and single versions, read again when one of them moves. */
import { create } from 'zustand';
import type { RegistryVersion, VersionSummary } from '#contract/registry';
import { client } from '#renderer/app/client';
import { coalesced, onChange } from '#renderer/app/live-store';
import { EMPTY_REMOTE, readInto, type Remote } from '#renderer/app/remote';

interface RegistryState {
  readonly list: Remote<readonly VersionSummary[]>;
  readonly shown: Readonly<Record<string, Remote<RegistryVersion>>>;
}

export const useRegistry = create<RegistryState>(() => ({ list: EMPTY_REMOTE, shown: {} }));

export async function readVersions(): Promise<void> {
  await readInto(
    useRegistry.getState().list,
    async () => (await client().registry.list({ limit: 500 })).versions,
    (list) => useRegistry.setState({ list }),
  );
}

export async function readVersion(version: string): Promise<void> {
  await readInto(
    useRegistry.getState().shown[version],
    () => client().registry.show({ version }),
    (remote) => useRegistry.setState(({ shown }) => ({ shown: { ...shown, [version]: remote } })),
  );
}

/** Registers a finished run; gives the version's identifier. */
export async function registerRun(run: string): Promise<string> {
  return (await client().registry.register({ run })).id;
}

/** Starts the gate; a version that passes is champion when the job ends. */
export async function promote(version: string, override: string): Promise<void> {
  await client().registry.promote({ version, ...(override === '' ? {} : { override }) });
}

export async function rollback(version: string, reason: string): Promise<void> {
  await client().registry.rollback({ version, reason });
}

const again = coalesced(() => {
  const { list, shown } = useRegistry.getState();
  if (list.value !== null) void readVersions();
  // One move changes two versions: the one that became champion and the one that was.
  for (const version of Object.keys(shown)) void readVersion(version);
});

onChange('registry', again);
