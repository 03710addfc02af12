import { expect, it } from 'vitest';
import { modelSpecs } from '#quant/models/registry';
import { researchConfigSchema } from '#quant/research/config';
import { usesCard } from './uses-card';

const configOf = (id: string, params: object, compare: object[] = []) =>
  researchConfigSchema.parse({ model: { forecast: { id, params } }, experiment: { compare } });

it('models without a device and models on the processor leave the card alone; the others need its lease', () => {
  expect(usesCard(configOf('ridge', {}))).toBe(false);
  expect(usesCard(configOf('gradient-boosting', { rounds: 5 }))).toBe(false);
  expect(usesCard(researchConfigSchema.parse({ model: { forecast: null } }))).toBe(false);
  expect(usesCard(configOf('no-such-model', {}))).toBe(false);
  const networks = modelSpecs.filter(({ params }) => {
    const parsed = params.safeParse({});
    return typeof parsed.data === 'object' && parsed.data !== null && 'device' in parsed.data;
  });
  for (const { id } of networks) {
    expect(usesCard(configOf(id, {})), id).toBe(true);
    expect(usesCard(configOf(id, { device: 'wgsl' })), id).toBe(true);
    expect(usesCard(configOf(id, { device: 'wasm' })), id).toBe(false);
    expect(usesCard(configOf('ridge', {}, [{ name: 'other', forecast: { id, params: { device: 'tf' } } }])), id).toBe(
      true,
    );
  }
});
