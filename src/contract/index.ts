/** Everything the app can do. The only barrel in the repository: one noun, one file, one name in every layer. */
import { alerts } from './alerts';
import { api } from './api';
import { audit } from './audit';
import { backups } from './backups';
import { brokers } from './brokers';
import { catalog } from './catalog';
import { channels } from './channels';
import { datasets } from './datasets';
import { experiments } from './experiments';
import { flows } from './flows';
import { holdings } from './holdings';
import { interchange } from './interchange';
import { jobs } from './jobs';
import { keys } from './keys';
import { logs } from './logs';
import { limits } from './limits';
import { models } from './models';
import { orders } from './orders';
import { portfolios } from './portfolios';
import { privacy } from './privacy';
import { registry } from './registry';
import { reports } from './reports';
import { runs } from './runs';
import { schedules } from './schedules';
import { slos } from './slos';
import { signals } from './signals';
import { system } from './system';
import { topics } from './topics';
import { traces } from './traces';
import { tokens } from './tokens';
import { webhooks } from './webhooks';

export const contract = {
  system,
  datasets,
  experiments,
  runs,
  models,
  registry,
  interchange,
  portfolios,
  holdings,
  orders,
  limits,
  brokers,
  reports,
  jobs,
  catalog,
  flows,
  schedules,
  slos,
  topics,
  alerts,
  webhooks,
  channels,
  signals,
  backups,
  keys,
  audit,
  logs,
  traces,
  privacy,
  api,
  tokens,
};
export type Contract = typeof contract;
