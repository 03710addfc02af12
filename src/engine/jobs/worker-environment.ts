/**
 * The environment that a worker gets: the host's, without secrets and without what could change how Node starts.
 * Workers need no key, passphrase or token, so none is within their reach; times are UTC on every machine.
 */

const SECRET = /^SEXTANT_|KEY|TOKEN|SECRET|PASS|CREDENTIAL|COOKIE|AUTH/i;
const STEERS_NODE = /^(NODE_|ELECTRON_|npm_|VITE|VITEST)/;

export function workerEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !SECRET.test(entry[0]) && !STEERS_NODE.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), TZ: 'UTC' };
}
