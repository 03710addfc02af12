/**
 * Completes package-lock.json after `npm install`, so that `npm ci` accepts it everywhere.
 * `npm install` leaves out optional platform packages that the registry in use does not carry, and `npm ci` then
 * refuses the very lock file it wrote (npm/cli#9846). The missing entries are written from the exact version that
 * the parent asks for. Also drops `resolved` addresses: the lock must not name the registry of one machine.
 * Usage: node scripts/fill-lock.mjs [--check]    (`--check` changes nothing and exits 1 when the lock is incomplete)
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const systems = ['darwin', 'android', 'freebsd', 'openbsd', 'netbsd', 'openharmony', 'sunos', 'aix'];
const processors = ['arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];

function operatingSystem(name) {
  if (name.includes('wasm32')) return undefined;
  if (/win32|windows/.test(name.replace('darwin', ''))) return 'win32';
  return systems.find((system) => name.includes(system)) ?? 'linux';
}

function processor(name) {
  if (/arm64|aarch64/.test(name)) return 'arm64';
  if (name.includes('arm')) return 'arm';
  return processors.find((cpu) => name.includes(cpu)) ?? 'x64';
}

/** Whether Node's resolution, starting at `path`, finds `name` in the lock. */
function isInLock(packages, path, name) {
  for (let at = path; ;) {
    if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
    const parent = at.lastIndexOf('/node_modules/');
    at = parent < 0 ? '' : at.slice(0, parent);
  }
}

/** `{ path, name, version }` of every optional dependency that is asked for and has no entry. */
export function missingEntries(lock) {
  const missing = new Map();
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!isInLock(lock.packages, path, name)) missing.set(name, { path, name, version });
    }
  }
  return [...missing.values()];
}

/** Returns a completed copy of the lock; entries are sorted by path as npm sorts them. */
export function completeLock(lock) {
  const packages = structuredClone(lock.packages);
  for (const { path, name, version } of missingEntries(lock)) {
    if (!/^\d/.test(version)) throw new Error(`Expected an exact version of ${name} in ${path}, found ${version}.`);
    const parent = packages[path];
    const os = operatingSystem(name);
    packages[`node_modules/${name}`] = {
      version,
      cpu: [processor(name)],
      ...(parent.dev ? { dev: true } : {}),
      ...(name.includes('musl') ? { libc: ['musl'] } : {}),
      ...(parent.license ? { license: parent.license } : {}),
      optional: true,
      ...(os ? { os: [os] } : {}),
    };
  }
  for (const entry of Object.values(packages)) delete entry.resolved;
  return {
    ...lock,
    packages: Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'))),
  };
}

function main() {
  const file = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingEntries(lock);
  const addresses = Object.values(lock.packages).filter((entry) => entry.resolved !== undefined).length;
  if (process.argv.includes('--check')) {
    for (const { name, version } of missing) console.error(`missing from package-lock.json: ${name}@${version}`);
    if (addresses > 0) console.error(`${addresses} entries of package-lock.json name a registry address`);
    process.exitCode = missing.length + addresses > 0 ? 1 : 0;
    return;
  }
  writeFileSync(file, `${JSON.stringify(completeLock(lock), null, 2)}\n`);
  console.error(`package-lock.json: ${missing.length} entries added, ${addresses} addresses dropped`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
