/** G2. Labels are recomputed from the noise by the run's own code: permuted labels would hide what overlaps. */
import type { GuardSpec } from '../guard';

export const spec: GuardSpec = {
  id: 'G2',
  title: 'Noise market',
  proves:
    'There is no road from a label to a feature: on prices without anything to find, the whole pipeline finds nothing.',
  gate:
    '|mean rank IC| < 0.02 (or 4 standard errors where the noise is too short for that) and |z| < 4; |z| < 4 for the Sharpe ratio ' +
    'before costs of every strategy and for forecasts permuted within each date.',
};
