/** The trading side of the engine, put together: paper accounts, holdings, orders with their brokers, and the operations of these nouns. */
import type { Handlers } from './api/handlers';
import type { AlertService } from './alerts/alert-service';
import type { AuditLog } from './audit/audit-log';
import { createBrokerHandlers } from './brokers/handlers';
import type { DatasetService } from './datasets/dataset-service';
import type { ChangeFeed } from './events';
import { createHoldingsHandlers } from './holdings/handlers';
import { createHoldingsService } from './holdings/holdings-service';
import type { Host } from './host';
import { createLimitHandlers } from './limits/handlers';
import { createLimitService } from './limits/limit-service';
import { createOrderHandlers } from './orders/handlers';
import { createOrderDesk } from './orders/order-desk';
import { createPaperTable, type PaperTable } from './paper/paper-table';
import type { PortfolioService } from './portfolios/portfolio-service';
import type { RunService } from './runs/run-service';
import type { Database } from './store/database';
import type { Publish } from './topics/outbox';

export interface TradingParts {
  readonly database: Database;
  readonly datasets: DatasetService;
  readonly portfolios: PortfolioService;
  readonly runs: Pick<RunService, 'show'>;
  readonly audit: AuditLog;
  readonly alerts: Pick<AlertService, 'raise' | 'resolve'>;
  readonly publish: Publish;
  readonly host: Pick<Host, 'now'>;
  readonly changes: Pick<ChangeFeed, 'publish'>;
}

export interface Trading {
  readonly paper: PaperTable;
  readonly handlers: Pick<Handlers, 'holdings' | 'orders' | 'limits' | 'brokers'>;
  /** Logs sessions with brokers out. */
  close(): void;
}

export function createTrading(parts: TradingParts): Trading {
  const { database, datasets, portfolios, runs, audit, alerts, publish, host, changes } = parts;
  const now = () => host.now();
  const paper = createPaperTable(database);
  const holdings = createHoldingsService({
    database,
    datasets,
    now,
    onChange: (id) => changes.publish({ noun: 'holdings', id, action: 'created' }),
  });
  const limits = createLimitService({ database, audit, alerts, now });
  const desk = createOrderDesk({
    database,
    datasets,
    holdings,
    portfolios,
    paper,
    limits,
    configOf: (run) => runs.show(run).config,
    audit,
    publish,
    raise: alerts.raise,
    now,
    onChange: (id) => changes.publish({ noun: 'orders', id, action: 'updated' }),
  });
  return {
    paper,
    close: () => desk.close(),
    handlers: {
      holdings: createHoldingsHandlers(holdings),
      orders: createOrderHandlers({ ...desk, portfolios }),
      brokers: createBrokerHandlers(desk.sessions),
      limits: createLimitHandlers({ limits, checkAccount: desk.checkAccount }),
    },
  };
}
