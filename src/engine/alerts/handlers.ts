/** The operations of `contract/alerts.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { AlertService } from './alert-service';

export function createAlertHandlers(alerts: AlertService): HandlersOf<'alerts'> {
  return {
    list: async ({ all, ...filter }) => alerts.list({ ...filter, all: all ?? false }),
    show: async ({ alert }) => alerts.show(alert),
    acknowledge: async ({ alert }, { actor }) => alerts.acknowledge(alert, actor),
    snooze: async ({ alert, minutes }, { actor }) => alerts.snooze(alert, minutes, actor),
    resolve: async ({ alert }, { actor }) => alerts.close(alert, actor),
  };
}
