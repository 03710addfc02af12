/**
 * One seed for every property test, so that a change is judged by the change and not by the draw. `npm run test:long` draws anew each time;
 * SEXTANT_DRAWS=<number> repeats a certain draw.
 */
import fc from 'fast-check';

const stated = process.env.SEXTANT_DRAWS;
if (stated !== undefined) fc.configureGlobal({ seed: Number(stated) });
else if (process.env.SEXTANT_LONG !== '1') fc.configureGlobal({ seed: 20_261_121 });
