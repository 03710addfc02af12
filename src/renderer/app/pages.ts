/** The places of the rail: word, address, icon and key. Only what works is listed. */
import type { IconName } from '#renderer/ui/icon';

export interface Place {
  readonly word: string;
  readonly path:
    '/' | '/data' | '/research' | '/backtests' | '/portfolios' | '/models' | '/monitor' | '/reports' | '/settings';
  readonly icon: IconName;
  /** Second key after `g`. */
  readonly key: string;
  readonly purpose: string;
}

export const PLACES: readonly Place[] = [
  { word: 'Overview', path: '/', icon: 'overview', key: 'o', purpose: 'Latest verdict, weights, jobs and data' },
  { word: 'Data', path: '/data', icon: 'data', key: 'd', purpose: 'Datasets, import and quality' },
  { word: 'Research', path: '/research', icon: 'research', key: 'r', purpose: 'Runs: start, follow, compare' },
  {
    word: 'Backtests',
    path: '/backtests',
    icon: 'backtests',
    key: 'b',
    purpose: 'Equity, drawdown, weights over time',
  },
  {
    word: 'Portfolio',
    path: '/portfolios',
    icon: 'portfolio',
    key: 'p',
    purpose: 'Target weights, constraints, trades',
  },
  {
    word: 'Models',
    path: '/models',
    icon: 'models',
    key: 'm',
    purpose: 'Registered versions, champions, promotion and roll back',
  },
  {
    word: 'Monitor',
    path: '/monitor',
    icon: 'monitor',
    key: 'w',
    purpose: 'Health, service levels, alerts, schedules, audit trail',
  },
  {
    word: 'Reports',
    path: '/reports',
    icon: 'reports',
    key: 't',
    purpose: 'Documents of a run: produce, read, export',
  },
  { word: 'Settings', path: '/settings', icon: 'settings', key: 's', purpose: 'Workspace, key, appearance' },
];
