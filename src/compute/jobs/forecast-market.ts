/** Forecasts of one sealed model, verified and replayed, from the newest days of a dataset. */
import type { MarketForecast } from '#contract/models';
import { selectData, type PriceData } from '#quant/research/select-data';
import type { JobContext } from '../job';
import { openModel, type SealedBytes } from '../models/open-model';
import { forecastMarket } from '../models/forecast-market';
import { withNetworks } from '../training/job-networks';

export interface ForecastJobInput {
  readonly name: string;
  readonly sealed: SealedBytes;
  readonly data: PriceData;
  readonly benchmark: string | undefined;
  readonly asOf: string | undefined;
}

/** A cross-section is small: kernels on the processor answer before a card has woken up. */
const CHOICE = { device: 'wasm', precision: 'f32', strict: false } as const;

export async function run(input: ForecastJobInput, context: JobContext): Promise<MarketForecast> {
  return withNetworks(context, { resumes: false }, async ({ networks }) => {
    const model = await openModel(input.sealed, networks, CHOICE);
    const { panel } = selectData(input.data, { benchmark: input.benchmark });
    const { forecasts, warnings, ...answer } = await forecastMarket(model, panel, { asOf: input.asOf }, networks);
    const { horizon } = model.manifest.label;
    return { model: input.name, horizon, ...answer, forecasts: [...forecasts], warnings: [...warnings] };
  });
}
