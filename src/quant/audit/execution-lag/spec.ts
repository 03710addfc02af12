/** G4. */
import type { GuardSpec } from '../guard';

export const spec: GuardSpec = {
  id: 'G4',
  title: 'Execution lag',
  proves: 'No order is filled at a price that its decision already knew.',
  gate: 'Every fill at least one bar after its decision; the account gives a signal that knows today’s return |z| < 4 on noise.',
};
