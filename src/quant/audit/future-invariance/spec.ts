/** G1. The idea is Freqtrade's look-ahead analysis, over every cell instead of the signals that fired. */
import type { GuardSpec } from '../guard';

export const spec: GuardSpec = {
  id: 'G1',
  title: 'Future invariance',
  proves:
    'No feature, universe, scaler, forecast or weight knows a later price, volume, member, delisting, date or index level.',
  gate: '0 differing bits in everything decided at or before a cut, when all that follows the cut is replaced or removed.',
};
