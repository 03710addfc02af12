/**
 * `npm run gpu:cuda`: installs the optional package @tensorflow/tfjs-node-gpu, after saying why it is not installed by default.
 * `-- --explain` only says it. Nothing is written to package.json: an update of the packages takes it away again.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const name = '@tensorflow/tfjs-node-gpu';
const version = '4.22.0';

export const EXPLANATION = `${name} ${version} drives NVIDIA cards through TensorFlow 2.9 and CUDA 11.2.

It is not installed by default, because
  - cards newer than CUDA 11.2 are out of its reach: an RTX 50 does not run with it, whatever the driver;
  - its install script downloads several hundred MB from Google's servers, past the npm registry and its checksums;
  - it needs CUDA 11.2 and cuDNN 8.1 on this machine, and two functions that Node 23 removed (Sextant restores them);
  - Sextant's own WebGPU engine drives today's cards of every maker, faster.
It is worth having on an older NVIDIA card without a Vulkan driver. \`sextant system devices\` says afterwards whether it works.
`;

function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
  return error === undefined && status === 0;
}

function install() {
  if (process.arch !== 'x64' || !['linux', 'win32'].includes(process.platform)) {
    return `Expected Linux or Windows on x64, found ${process.platform} on ${process.arch}: the package has no build for it.`;
  }
  if (
    !run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`], root)
  ) {
    return 'npm could not install the package; its message is above.';
  }
  const folder = join(root, 'node_modules', name);
  if (!existsSync(join(folder, 'scripts', 'install.js'))) return `Expected the package in ${folder}, found none.`;
  process.stdout.write('Downloading TensorFlow for the card.\n');
  if (!run(process.execPath, [join('scripts', 'install.js'), 'gpu', 'download'], folder)) {
    return 'TensorFlow could not be downloaded; the message of its installer is above. Nothing else of Sextant needs it.';
  }
  return null;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${EXPLANATION}\n`);
  if (!process.argv.includes('--explain')) {
    const problem = install();
    if (problem === null) process.stdout.write('Installed. See: npm run -s sextant -- system devices\n');
    else process.stderr.write(`gpu:cuda: ${problem}\n`);
    process.exitCode = problem === null ? 0 : 1;
  }
}
