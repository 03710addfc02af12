/** G7. */
import type { GuardSpec } from '../guard';

export const spec: GuardSpec = {
  id: 'G7',
  title: 'Trial count',
  proves:
    'Every strategy ever tried on this dataset is counted, and the Sharpe ratio is judged against the best of that many.',
  gate: 'Every strategy of the run is in the trial ledger; the deflated Sharpe ratio uses the ledger’s count.',
};
