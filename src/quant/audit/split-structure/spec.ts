/** G3. A missing purge shows no skill on noise, so that only the structure can prove it. */
import type { GuardSpec } from '../guard';

export const spec: GuardSpec = {
  id: 'G3',
  title: 'Split structure',
  proves:
    'Purge and embargo were really applied: no training label reaches a day that is tested, and fits use the stated rows only.',
  gate: '0 folds whose training labels end after the fit or inside the embargo before the first tested decision.',
};
