/** API tokens as the screen holds them. A secret is shown once and kept nowhere. */
import { create } from 'zustand';
import type { AppError } from '#base/errors';
import type { Scope } from '#contract/operation';
import type { Token } from '#contract/tokens';
import { client, toAppError } from '#renderer/app/client';
import { onChange } from '#renderer/app/live-store';
import { EMPTY_REMOTE, readInto, type Remote } from '#renderer/app/remote';

interface TokensState {
  readonly tokens: Remote<readonly Token[]>;
  readonly busy: boolean;
  readonly failure: AppError | null;
  /** The secret that was just made, until it is put away. */
  readonly shown: { readonly name: string; readonly secret: string } | null;
}

export const useTokens = create<TokensState>(() => ({
  tokens: EMPTY_REMOTE,
  busy: false,
  failure: null,
  shown: null,
}));

export async function readTokens(): Promise<void> {
  await readInto(
    useTokens.getState().tokens,
    async () => (await client().tokens.list({ limit: 200 })).tokens,
    (tokens) => useTokens.setState({ tokens }),
  );
}

/** Keeps the list current. @returns stops it */
export function followTokens(): () => void {
  void readTokens();
  return onChange('tokens', () => void readTokens());
}

async function act(work: () => Promise<TokensState['shown']>): Promise<void> {
  if (useTokens.getState().busy) return;
  useTokens.setState({ busy: true, failure: null, shown: null });
  try {
    useTokens.setState({ shown: await work() });
  } catch (error) {
    useTokens.setState({ failure: toAppError(error) });
  }
  useTokens.setState({ busy: false });
  await readTokens();
}

export const createToken = (name: string, scopes: Scope[]) =>
  act(async () => ({ name, secret: (await client().tokens.create({ name, scopes })).secret }));

export const rotateToken = ({ id, name }: Token) =>
  act(async () => ({ name, secret: (await client().tokens.rotate({ token: id })).secret }));

export const revokeToken = ({ id }: Token) =>
  act(async () => {
    await client().tokens.revoke({ token: id });
    return null;
  });

export function putSecretAway(): void {
  useTokens.setState({ shown: null });
}
