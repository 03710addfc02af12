/**
 * Health of the parts: every part states in one function what it finds; this remembers since when, raises an alert when a part begins to
 * fail and resolves it when it no longer does. A part that cannot be looked at is failing, never fine.
 */
import { toWire } from '#base/errors';
import type { Log } from '#base/log';
import { HEALTH_COMPONENTS, type ComponentHealth, type HealthComponent, type HealthState } from '#contract/health';
import type { NewAlert } from '../alerts/alert-service';
import type { Clock } from '../schedules/clock';

export interface Finding {
  readonly state: HealthState;
  readonly detail: string;
  readonly action?: string;
}

export interface HealthCheck {
  readonly component: HealthComponent;
  look(): Finding | Promise<Finding>;
}

export interface HealthServiceOptions {
  readonly checks: readonly HealthCheck[];
  readonly clock: Clock;
  readonly log: Log;
  readonly alerts: { raise(alert: NewAlert): unknown; resolve(rule: string, subject: string): unknown };
  /** Called when a part changes its state. */
  onChange(component: HealthComponent): void;
}

const TICK_MS = 15_000;
const RULE = 'health.failing';
const RANK: readonly HealthState[] = ['ok', 'degraded', 'failing'];

export type HealthService = ReturnType<typeof createHealthService>;

export function createHealthService({ checks, clock, log, alerts, onChange }: HealthServiceOptions) {
  const known = new Map<HealthComponent, ComponentHealth>();
  let cancelTimer: (() => void) | null = null;
  let looking: Promise<readonly ComponentHealth[]> | null = null;
  let isStarted = false;
  let isClosed = false;

  async function find({ component, look }: HealthCheck): Promise<ComponentHealth> {
    const found = await Promise.resolve()
      .then(look)
      .catch((error: unknown): Finding => ({
        state: 'failing',
        detail: `It could not be looked at: ${toWire(error).message}`,
        action: 'See the log of the host.',
      }));
    const before = known.get(component);
    const now = new Date(clock.now()).toISOString();
    // A clock that went back must not show a beginning in the future.
    const since = before?.state === found.state && before.since <= now ? before.since : now;
    const health = {
      component,
      title: HEALTH_COMPONENTS[component],
      state: found.state,
      since,
      detail: found.detail,
      action: found.action ?? null,
    };
    known.set(component, health);
    if (before?.state !== found.state) settle(health, before?.state);
    return health;
  }

  function settle({ component, title, state, detail, action }: ComponentHealth, before: HealthState | undefined): void {
    if (!isStarted) return;
    try {
      if (state === 'failing') {
        const message = `${title}: ${detail}${action === null ? '' : ` ${action}`}`;
        alerts.raise({ rule: RULE, severity: 'error', subject: component, message });
      } else alerts.resolve(RULE, component); // also what an earlier host raised
    } catch (error) {
      log.error('An alert about health could not be stored.', { component, state, found: toWire(error).message });
    }
    if (before !== undefined) onChange(component);
  }

  async function lookNow(): Promise<readonly ComponentHealth[]> {
    const found: ComponentHealth[] = [];
    for (const check of checks) found.push(await find(check));
    return found;
  }

  /** Looks at every part now; calls at the same time share one look. */
  function look(): Promise<readonly ComponentHealth[]> {
    looking ??= lookNow().finally(() => {
      looking = null;
    });
    return looking;
  }

  function schedule(): void {
    if (isClosed) return;
    cancelTimer = clock.after(TICK_MS, () => void look().then(schedule));
  }

  return {
    start(): void {
      isStarted = true;
      schedule();
    },
    look,
    /** What the last look found. */
    last: (): readonly ComponentHealth[] => [...known.values()],
    async close(): Promise<void> {
      isClosed = true;
      cancelTimer?.();
      await looking;
    },
  };
}

export function worstOf(components: readonly Pick<ComponentHealth, 'state'>[]): HealthState {
  return RANK[Math.max(0, ...components.map(({ state }) => RANK.indexOf(state)))];
}
