/** The texts that the build writes into the program: version, commit and lock hash. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import packageJson from '../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('..', import.meta.url));

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** The commit, marked where the sources differ from it; null outside a git checkout. */
function gitCommit(): string | null {
  try {
    const commit = git('rev-parse', 'HEAD');
    const isModified = git('status', '--porcelain', '--', 'src', 'package-lock.json') !== '';
    return isModified ? `${commit}-modified` : commit;
  } catch {
    return null;
  }
}

export function buildDefines(): Record<string, string> {
  const lock = readFileSync(`${root}/package-lock.json`);
  return {
    __SEXTANT_VERSION__: JSON.stringify(packageJson.version),
    __SEXTANT_GIT_COMMIT__: JSON.stringify(gitCommit()),
    __SEXTANT_LOCK_HASH__: JSON.stringify(createHash('sha256').update(lock).digest('hex')),
  };
}
