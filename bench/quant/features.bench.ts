/** Eighteen rolling features with cross-section ranks on 1.9 million rows: 500 assets × 3,780 days. */
import { computeFeatureTable } from '#quant/features/feature-table';
import { selectFeatures } from '#quant/features/named-features';
import { bench } from '../harness';
import { randomPanel } from './random-panel';

const panel = randomPanel(3_780, 500, 1);
const features = selectFeatures('standard', panel).features.slice(0, 18);

await bench({ job: '18 features with ranks, 3,780 × 500', goalMs: 1_500 }, [
  { name: 'sextant', run: () => computeFeatureTable(panel, features, { transform: 'rank', winsorize: 0.01 }) },
]);
