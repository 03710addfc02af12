/** What is always true of the running program: version, workspace, key, and the load of the machine. */
import { create } from 'zustand';
import type { z } from 'zod';
import type { DeviceLadder } from '#contract/devices';
import type { Storage, systemLoadSchema, SystemInfo } from '#contract/system';
import { client } from './client';
import { coalesced, onChange } from './live-store';
import { EMPTY_REMOTE, readInto, type Remote } from './remote';

export type SystemLoad = z.infer<typeof systemLoadSchema>;

interface SystemState {
  readonly info: Remote<SystemInfo>;
  readonly load: Remote<SystemLoad>;
  readonly devices: Remote<DeviceLadder>;
  readonly storage: Remote<Storage>;
}

export const useSystem = create<SystemState>(() => ({
  info: EMPTY_REMOTE,
  load: EMPTY_REMOTE,
  devices: EMPTY_REMOTE,
  storage: EMPTY_REMOTE,
}));

export async function readInfo(): Promise<SystemInfo | null> {
  return readInto(
    useSystem.getState().info,
    () => client().system.info({}),
    (info) => useSystem.setState({ info }),
  );
}

export async function readLoad(): Promise<void> {
  await readInto(
    useSystem.getState().load,
    () => client().system.load({}),
    (load) => useSystem.setState({ load }),
  );
}

/** `again` measures anew, which takes some seconds. */
export async function readDevices(again: boolean): Promise<void> {
  await readInto(
    useSystem.getState().devices,
    () => client().system.devices({ again }),
    (devices) => useSystem.setState({ devices }),
  );
}

export async function readStorage(): Promise<void> {
  await readInto(
    useSystem.getState().storage,
    () => client().system.storage({}),
    (storage) => useSystem.setState({ storage }),
  );
}

onChange(
  'storage',
  coalesced(() => void readStorage()),
);
