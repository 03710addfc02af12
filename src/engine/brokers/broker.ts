/**
 * What a broker is to the rest of the engine: a place that orders go to exactly once, and executions come from. `submit`, `cancel` and
 * `replace` run inside the transaction that changes the order, so that the order and what leads to its sending are stored together or not at all.
 */
import type { BrokerName } from '#contract/orders';

export interface BrokerOrder {
  /** Client order identifier: the broker's key against doubles. */
  readonly order: string;
  readonly asset: string;
  readonly side: 'buy' | 'sell';
  readonly shares: number;
  readonly filled: number;
}

export const EXECUTION_KINDS = ['new', 'partial-fill', 'fill', 'replaced', 'cancelled', 'rejected', 'expired'] as const;

export interface Execution {
  readonly broker: BrokerName;
  /** The broker's own identifier: the same execution told twice counts once. */
  readonly execution: string;
  readonly order: string;
  readonly kind: (typeof EXECUTION_KINDS)[number];
  /** Of this execution alone; 0 where nothing was traded. */
  readonly shares: number;
  /** Per share; null where nothing was traded. */
  readonly price: number | null;
  /** Currency. */
  readonly cost: number;
  readonly reason: string | null;
  /** New ordered quantity, of a replacement. */
  readonly ordered?: number;
}

export interface Broker {
  readonly name: BrokerName;
  /** Errors: UNAVAILABLE where nothing can be sent now; the transaction is then undone. */
  submit(order: BrokerOrder): void;
  /** Asks for a cancel. @returns 'cancelled' where it holds at once, 'requested' where an execution will tell */
  cancel(order: BrokerOrder): 'cancelled' | 'requested';
  /** Asks for another quantity. Errors: CONFLICT where the broker cannot. */
  replace(order: BrokerOrder, shares: number): void;
  /** After the transaction: sends what was stored. */
  flush(): void;
}

export type Brokers = Readonly<Partial<Record<BrokerName, Broker>>>;
