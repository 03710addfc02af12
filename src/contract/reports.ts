/** Reports: documents made from a finished run. */
import { z } from 'zod';
import { operation } from './operation';
import { refField } from './fields';

export const reports = {
  create: operation({
    method: 'POST',
    path: '/reports',
    summary: 'Make a report of a run as one self-contained document',
    scope: 'export',
    input: z.strictObject({
      run: refField.default('latest'),
      kind: z.enum(['performance']).default('performance').meta({ title: 'Kind' }),
      format: z.enum(['html']).default('html').meta({ title: 'Format' }),
    }),
    output: z.object({ filename: z.string(), mediaType: z.literal('text/html'), text: z.string() }),
  }),
};
