/** The keys of a workspace: the one that everything new is written under, and those it had before, newest first. */
export interface Keyring {
  readonly current: Uint8Array;
  readonly retired: readonly Uint8Array[];
}
