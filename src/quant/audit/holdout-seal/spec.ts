/** G8. */
import type { GuardSpec } from '../guard';

export const spec: GuardSpec = {
  id: 'G8',
  title: 'Sealed holdout',
  proves: 'The last part of the dataset was kept from this model, and opened at most once, on record.',
  gate: 'No earlier run on the dataset saw the period, and the model opened it at most once; every opening is an entry of the audit log.',
};
