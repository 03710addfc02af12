/** The ordered list of all schema steps; its length is the schema version that this release writes. */
import type { Migration } from './migrate';
import { initial } from './migrations/0001-initial';
import { audits } from './migrations/0002-audits';
import { auditChain } from './migrations/0003-audit-chain';
import { experiments } from './migrations/0004-experiments';
import { jobMemory } from './migrations/0005-job-memory';
import { models } from './migrations/0006-models';
import { registry } from './migrations/0007-registry';
import { retiredKeys } from './migrations/0008-retired-keys';
import { reports } from './migrations/0009-reports';
import { pausedJobs } from './migrations/0010-paused-jobs';
import { flows } from './migrations/0011-flows';
import { outbox } from './migrations/0012-outbox';
import { quarantine } from './migrations/0013-quarantine';
import { metricTimes } from './migrations/0014-metric-times';
import { api } from './migrations/0015-api';
import { deliveries } from './migrations/0016-deliveries';
import { slos } from './migrations/0017-slos';
import { orders } from './migrations/0018-orders';
import { jobOrigins } from './migrations/0019-job-origins';
import { signals } from './migrations/0020-signals';
import { limits } from './migrations/0021-limits';
import { fix } from './migrations/0022-fix';
import { spans } from './migrations/0023-spans';

export const migrations: readonly Migration[] = [
  initial,
  audits,
  auditChain,
  experiments,
  jobMemory,
  models,
  registry,
  retiredKeys,
  reports,
  pausedJobs,
  flows,
  outbox,
  quarantine,
  metricTimes,
  api,
  deliveries,
  slos,
  orders,
  jobOrigins,
  signals,
  limits,
  fix,
  spans,
];
