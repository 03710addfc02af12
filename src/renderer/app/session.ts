/**
 * How the browser proves who it is: a one-time code from the URL fragment is exchanged for a token that lives in
 * this tab's session storage only. The fragment is removed at once, so the code is in no history entry and no log.
 */
import { AppError } from '#base/errors';

const TOKEN_KEY = 'sextant.token';

export function storedToken(): string | null {
  return sessionStorage.getItem(TOKEN_KEY);
}

export function forgetToken(): void {
  sessionStorage.removeItem(TOKEN_KEY);
}

/** Takes `#code=…` out of the address bar; null where there is none. */
export function takeCode(): string | null {
  const match = /^#\/?\??code=([^&]+)/.exec(window.location.hash);
  if (match === null) return null;
  window.history.replaceState(null, '', window.location.pathname);
  return decodeURIComponent(match[1]);
}

/** Errors: UNAUTHORIZED when the code was used or is too old; UNAVAILABLE when the host does not answer. */
export async function exchangeCode(code: string): Promise<void> {
  const response = await fetch('/api/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  }).catch(() => {
    throw new AppError('UNAVAILABLE', 'The host does not answer. Start it again and open the address it prints.');
  });
  if (!response.ok) {
    throw new AppError(
      'UNAUTHORIZED',
      'The code in this address was already used or is too old. Open the address that the host prints now.',
    );
  }
  const { token } = (await response.json()) as { token: string }; // the session route is outside the contract
  sessionStorage.setItem(TOKEN_KEY, token);
}
