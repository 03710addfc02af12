/** G6. Reported, never a reason to fail: a fragile result may be honest. */
import type { GuardSpec } from '../guard';

export const spec: GuardSpec = {
  id: 'G6',
  title: 'Lag stress',
  proves: 'The result does not hang on trading at the very next close.',
  gate: 'Warning where one more day of lag takes more than half of the Sharpe ratio.',
};
