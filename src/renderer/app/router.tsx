/** Addresses of the screen. They live in the fragment, so they work from a file, over HTTP and in the desktop window. */
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';
import { z } from 'zod';
import { Frame } from './frame';
import { NotFound, RouteError } from './route-states';

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound, errorComponent: RouteError });

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('../features/overview/overview-page'), 'OverviewPage'),
});
const data = createRoute({
  getParentRoute: () => root,
  path: '/data',
  component: lazyRouteComponent(() => import('../features/datasets/datasets-page'), 'DatasetsPage'),
});
const dataImport = createRoute({
  getParentRoute: () => root,
  path: '/data/import',
  component: lazyRouteComponent(() => import('../features/datasets/import-page'), 'ImportPage'),
});
const DATASET_VIEWS = ['coverage', 'quality', 'rejects', 'prices', 'lineage'] as const;
const dataset = createRoute({
  getParentRoute: () => root,
  path: '/data/$dataset',
  validateSearch: z.object({
    view: z.enum(DATASET_VIEWS).optional().catch(undefined),
    asset: z.string().optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('../features/datasets/dataset-page'), 'DatasetPage'),
});
const research = createRoute({
  getParentRoute: () => root,
  path: '/research',
  validateSearch: z.object({
    q: z.string().optional().catch(undefined),
    status: z.string().optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('../features/runs/runs-page'), 'RunsPage'),
});
const newRun = createRoute({
  getParentRoute: () => root,
  path: '/research/new',
  validateSearch: z.object({
    dataset: z.string().optional().catch(undefined),
    from: z.string().optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('../features/runs/new-run-page'), 'NewRunPage'),
});
const compare = createRoute({
  getParentRoute: () => root,
  path: '/research/compare',
  validateSearch: z.object({ runs: z.string().catch('') }),
  component: lazyRouteComponent(() => import('../features/runs/compare-page'), 'ComparePage'),
});
const run = createRoute({
  getParentRoute: () => root,
  path: '/research/$run',
  component: lazyRouteComponent(() => import('../features/runs/run-page'), 'RunPage'),
});
const backtests = createRoute({
  getParentRoute: () => root,
  path: '/backtests',
  component: lazyRouteComponent(() => import('../features/backtests/backtests-page'), 'BacktestsPage'),
});
const backtest = createRoute({
  getParentRoute: () => root,
  path: '/backtests/$run',
  component: lazyRouteComponent(() => import('../features/backtests/backtest-page'), 'BacktestPage'),
});
const portfolios = createRoute({
  getParentRoute: () => root,
  path: '/portfolios',
  component: lazyRouteComponent(() => import('../features/portfolios/portfolios-page'), 'PortfoliosPage'),
});
const portfolio = createRoute({
  getParentRoute: () => root,
  path: '/portfolios/$portfolio',
  component: lazyRouteComponent(() => import('../features/portfolios/portfolio-page'), 'PortfolioPage'),
});
const models = createRoute({
  getParentRoute: () => root,
  path: '/models',
  component: lazyRouteComponent(() => import('../features/registry/models-page'), 'ModelsPage'),
});
const version = createRoute({
  getParentRoute: () => root,
  path: '/models/$version',
  component: lazyRouteComponent(() => import('../features/registry/version-page'), 'VersionPage'),
});
const monitor = createRoute({
  getParentRoute: () => root,
  path: '/monitor',
  component: lazyRouteComponent(() => import('../features/monitor/monitor-page'), 'MonitorPage'),
});
const reports = createRoute({
  getParentRoute: () => root,
  path: '/reports',
  component: lazyRouteComponent(() => import('../features/reports/reports-page'), 'ReportsPage'),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('../features/settings/settings-page'), 'SettingsPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    overview,
    data,
    dataImport,
    dataset,
    research,
    newRun,
    compare,
    run,
    backtests,
    backtest,
    portfolios,
    portfolio,
    models,
    version,
    monitor,
    reports,
    settings,
  ]),
  history: createHashHistory(),
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
