/** A process for one case of memory: prints what was planned and what was taken. */
import { MEMORY_CASES, measurePeak } from './memory-case';

const name = MEMORY_CASES.find((known) => known === process.argv[2]);
if (name === undefined) throw new Error(`Expected one of ${MEMORY_CASES.join(', ')}.`);
console.log(JSON.stringify(await measurePeak(name, Number(process.argv[3]))));
