/**
 * Runs the packed suite on this machine and prints one table, beside PyTorch's times where python3 has torch. Builds and downloads nothing:
 * `npm run bench:gpu:pack` has put the bundle, Node and Dawn beside this file (see README.md).
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const here = import.meta.dirname;
const words = process.argv.slice(2);

function jsonLines(program, args) {
  const output = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

let peers = [];
let why = '';
try {
  peers = jsonLines('python3', [join(here, 'torch_steps.py'), ...words]);
} catch (error) {
  why = String(error.stderr ?? error)
    .trim()
    .split('\n')
    .at(-1);
}
let found;
try {
  found = jsonLines(process.execPath, [join(here, 'suite.mjs'), ...words]);
} catch (error) {
  console.error(String(error.stderr).match(/^Error: .*$/m)?.[0] ?? String(error));
  process.exit(1);
}
const torch = new Map(peers.map(({ job, torch: ms }) => [job, ms]));
console.log(`device: ${found.find(({ device }) => device)?.device}`);
console.log(why === '' ? 'PyTorch: measured in the same run' : `PyTorch: not measured (${why})`);
for (const { job, value, unit, goal } of found.filter((line) => line.job)) {
  const peer = torch.get(job);
  const number = value === null ? 'not measured' : `${value.toFixed(value < 10 ? 3 : 1)} ${unit}`;
  const ratio = peer === undefined ? '' : `PyTorch ${peer.toFixed(3)} ms, ratio ${(value / peer).toFixed(2)}`;
  console.log([job.padEnd(60), number.padStart(18), goal.padStart(8), ratio].join('  ').trimEnd());
}
