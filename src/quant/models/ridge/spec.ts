/** Ridge regression: what it says about itself. */
import { z } from 'zod';
import { linearMinRows } from '../linear-model';
import type { ModelSpec } from '../model';
import { alphaParam, relativeAlphaParam } from '../penalty-params';

export const params = z.strictObject({
  alpha: alphaParam,
  relativeAlpha: relativeAlphaParam(
    0.1,
    'α as a share of the mean variation of a feature: directions that vary less than this share are mostly shrunk away.',
  ),
});

export const spec: ModelSpec<typeof params> = {
  id: 'ridge',
  title: 'Ridge',
  summary: 'Linear regression that shrinks all coefficients; steady where features overlap.',
  params,
  references: ['Hoerl, Kennard 1970, Ridge regression: biased estimation; min ‖y − Xw − b‖² + α ‖w‖²'],
  minRows: linearMinRows,
};
