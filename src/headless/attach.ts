/**
 * A client for the host that owns a workspace, if there is one. The host must prove that it knows the token of the token
 * file before it is shown that token: another program on the same port learns nothing.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AppError } from '#base/errors';
import { API_PREFIX, createClient, httpLink, type Client } from '#contract/client';
import { hashToken, proofOf, tokenId } from '#engine/api/tokens';
import { readHostRecord } from '#engine/store/workspace-lock';

export interface Attached {
  readonly client: Client;
  readonly url: string;
  readonly token: string;
}

const PATIENCE_MS = 3_000;

/**
 * Null where no host answers at the published address (its record may be left from a crash).
 * Errors: FORBIDDEN where something else answers there.
 */
export async function attachToHost(workspace: string): Promise<Attached | null> {
  const record = readHostRecord(workspace);
  if (record === null || record.url === null || record.tokenFile === null) return null;
  const token = readToken(record.tokenFile);
  if (token === null) return null;
  const { url } = record;
  if (!(await provesToken(url, token))) return null;
  return { client: createClient(httpLink({ url, token: () => token })), url, token };
}

/** Asks the host for its proof. False where nobody answers; an error where somebody answers wrongly. */
export async function provesToken(url: string, token: string): Promise<boolean> {
  const nonce = randomBytes(24).toString('hex');
  const response = await fetch(`${url}${API_PREFIX}/system/health`, {
    headers: { 'x-sextant-challenge': `${tokenId(token)}.${nonce}` },
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => null);
  if (response === null) return false;
  await response.body?.cancel();
  const given = Buffer.from(response.headers.get('x-sextant-proof') ?? '');
  const wanted = Buffer.from(proofOf(hashToken(token), new URL(url).host, nonce));
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return true;
  throw new AppError(
    'FORBIDDEN',
    `Expected this workspace's Sextant at ${url}, found another program. No token was sent. Stop that program or remove host.json from the workspace.`,
  );
}

function readToken(path: string): string | null {
  try {
    const token = readFileSync(path, 'utf8').trim();
    return token === '' ? null : token;
  } catch {
    return null;
  }
}
