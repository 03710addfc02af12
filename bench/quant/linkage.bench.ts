/** Agglomerative clustering of 2,000 assets alone; the peer is scipy's linkage in bench/peers/python.py. */
import { correlationOf, sampleCovariance } from '#quant/covariance/moments';
import { clusterDistances } from '#quant/optimizers/hrp/hierarchical-risk-parity';
import { linkage } from '#quant/optimizers/hrp/linkage';
import { bench } from '../harness';
import { factorReturns } from './factor-returns';

const ASSETS = 2_000;
const DAYS = 2_520;

const covariance = sampleCovariance(factorReturns(DAYS, ASSETS, 1), DAYS, ASSETS);
const distances = clusterDistances(correlationOf(covariance, ASSETS), ASSETS, 'correlation');
for (const method of ['single', 'ward'] as const) {
  await bench({ job: `linkage ${ASSETS}, ${method}` }, [
    { name: 'sextant', run: () => linkage(distances, ASSETS, method) },
  ]);
}
