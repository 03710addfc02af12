/** One-time codes: what a link on the terminal carries, and what the screen swaps for a session token. */
import { randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a link on the terminal is good for. */
export const CODE_LIFETIME_MS = 60_000;

export interface SignIn {
  /** A code that works once, within a minute. */
  issue(): string;
  /** True exactly once per issued code, and only before it expires. */
  redeem(code: string): boolean;
}

/** `now` is a monotonic clock in milliseconds: changing the time of day neither kills nor revives a code. */
export function createSignIn(now: () => number = () => performance.now()): SignIn {
  let open: { readonly code: Buffer; readonly expires: number }[] = [];
  const dropExpired = () => {
    open = open.filter(({ expires }) => now() < expires);
  };
  return {
    issue() {
      dropExpired();
      const code = randomBytes(32).toString('base64url');
      open.push({ code: Buffer.from(code), expires: now() + CODE_LIFETIME_MS });
      return code;
    },
    redeem(code) {
      dropExpired();
      const given = Buffer.from(code);
      const match = open.find((entry) => entry.code.length === given.length && timingSafeEqual(entry.code, given));
      if (match === undefined) return false;
      open = open.filter((entry) => entry !== match);
      return true;
    },
  };
}
