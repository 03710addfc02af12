/** Everything the app can do. The only barrel in the repository: one noun, one file, one name in every layer. */
import { catalog } from './catalog';
import { datasets } from './datasets';
import { jobs } from './jobs';
import { portfolios } from './portfolios';
import { reports } from './reports';
import { runs } from './runs';
import { system } from './system';

export const contract = { system, datasets, runs, portfolios, reports, jobs, catalog };
export type Contract = typeof contract;
