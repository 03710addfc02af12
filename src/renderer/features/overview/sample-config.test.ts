/** The sample on screen and the demo of the command line are one experiment. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { runConfigSchema } from '#contract/runs';
import { SAMPLE_CONFIG } from './sample-config';

it('is the demo configuration', () => {
  expect(SAMPLE_CONFIG).toEqual(parse(readFileSync('configs/experiments/demo.yaml', 'utf8')));
});

it('is a valid configuration', () => {
  expect(runConfigSchema.safeParse(SAMPLE_CONFIG).success).toBe(true);
});
