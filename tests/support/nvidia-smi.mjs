/**
 * A stand-in for nvidia-smi: `node nvidia-smi.mjs SCENE …arguments`. SCENE is a JSON file that says what the card looks like now:
 * `gpu` and `apps` are printed as they are, `hang` never answers, `code` is the exit code.
 */
import { readFileSync } from 'node:fs';

const scene = JSON.parse(readFileSync(process.argv[2], 'utf8'));
if (scene.hang === true) setInterval(() => {}, 60_000);
else {
  const asked = process.argv.slice(3).join(' ');
  process.stdout.write(asked.includes('--query-compute-apps') ? (scene.apps ?? '') : (scene.gpu ?? ''));
  process.exitCode = scene.code ?? 0;
}
