/**
 * Memory of training: LSTM at B 4,096 (T 60, F 16, H 64, 2 layers) with all states kept and with every 8th, on one thread and on two, and a
 * graph network of 2,000 names: what the plan says against what the process takes more at its peak. Each case runs in a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { MEMORY_CASES, measurePeak } from '../../tests/nn/memory-case';

const mega = (bytes: number): string => (bytes / 1e6).toFixed(1);
const asked = MEMORY_CASES.find((name) => name === process.argv[2]);

if (process.platform !== 'linux') console.log('Only Linux can say what one session took at its peak.');
else if (asked === undefined) {
  for (const name of MEMORY_CASES) {
    const { status } = spawnSync(process.execPath, [...process.execArgv, process.argv[1], name], { stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
  }
} else {
  const { planned, activations, grown } = await measurePeak(asked);
  console.log(
    `${asked} | planned ${mega(planned)} MB (activations ${mega(activations)}), the process grew by ${mega(grown)} MB at its peak: ` +
      `${((100 * grown) / planned).toFixed(0)} % of the plan`,
  );
}
