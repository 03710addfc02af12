/** Privacy on screen: the configuration in force, what is due for deletion, who called whom, and whether the audit log holds. */
import { create } from 'zustand';
import type { PrivacyConfig } from '#contract/privacy';
import { client, type Client } from '#renderer/app/client';
import { EMPTY_REMOTE, readInto, type Remote } from '#renderer/app/remote';

export type Retention = Awaited<ReturnType<Client['privacy']['retention']>>;
export type AuditVerdict = Awaited<ReturnType<Client['audit']['verify']>>;

interface PrivacyState {
  readonly config: Remote<PrivacyConfig>;
  readonly retention: Remote<Retention>;
  /** Connections to other machines that were tried. */
  readonly connections: Remote<number>;
  /** Null until it was asked for. */
  readonly verdict: Remote<AuditVerdict> | null;
}

export const usePrivacy = create<PrivacyState>(() => ({
  config: EMPTY_REMOTE,
  retention: EMPTY_REMOTE,
  connections: EMPTY_REMOTE,
  verdict: null,
}));

export async function readPrivacy(): Promise<void> {
  const { config, retention, connections } = usePrivacy.getState();
  await Promise.all([
    readInto(
      config,
      () => client().privacy.show({}),
      (remote) => usePrivacy.setState({ config: remote }),
    ),
    readInto(
      retention,
      () => client().privacy.retention({}),
      (remote) => usePrivacy.setState({ retention: remote }),
    ),
    readInto(
      connections,
      async () => (await client().privacy.connections({ limit: 1 })).total,
      (remote) => usePrivacy.setState({ connections: remote }),
    ),
  ]);
}

/** Errors end up in the remote value of the configuration. */
export async function changePrivacy(config: PrivacyConfig): Promise<void> {
  await readInto(
    usePrivacy.getState().config,
    () => client().privacy.configure({ config }),
    (remote) => usePrivacy.setState({ config: remote }),
  );
}

/** @returns why nothing was deleted, or null */
export async function deleteDue(): Promise<string | null> {
  const { blocked } = await client().privacy.delete({});
  await readPrivacy();
  return blocked;
}

export async function verifyAudit(): Promise<void> {
  await readInto(
    undefined,
    () => client().audit.verify({}),
    (verdict) => usePrivacy.setState({ verdict }),
  );
}
