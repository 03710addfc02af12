/** G5. */
import type { GuardSpec } from '../guard';

export const spec: GuardSpec = {
  id: 'G5',
  title: 'Point in time',
  proves:
    'Nothing was held that was not a member and priced on the day of the decision, and later delistings and members change nothing.',
  gate: '0 holdings outside the universe of their day; 0 differing bits when only later delistings and members change.',
};
