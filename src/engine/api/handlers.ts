/** The type of the code behind each operation: a missing or ill-typed handler does not compile. */
import type { AnyContractProcedure, InferSchemaInput, InferSchemaOutput } from '@orpc/contract';
import type { Contract } from '#contract/index';
import type { Scope } from '#contract/operation';

/** Who calls, by which road, and the signal that fires when the caller goes away. */
export interface CallContext {
  readonly actor: string;
  readonly transport: 'inline' | 'port' | 'http';
  readonly scopes: ReadonlySet<Scope>;
  readonly signal: AbortSignal | undefined;
  /** Last event id that a reconnecting reader saw. */
  readonly lastEventId: string | undefined;
  /**
   * There where the caller sent an Idempotency-Key. Called inside the transaction that does the work, it stores the answer
   * with it: the work and the knowledge that it was done then survive a kill together, or neither does.
   */
  readonly remember?: ((answer: unknown) => void) | undefined;
}

export type Handler<Procedure extends AnyContractProcedure> = (
  input: InferSchemaOutput<NonNullable<Procedure['~orpc']['inputSchema']>>,
  context: CallContext,
) => Promise<InferSchemaInput<NonNullable<Procedure['~orpc']['outputSchema']>>>;

export type HandlersOf<Noun extends keyof Contract> = {
  readonly [Operation in keyof Contract[Noun]]: Contract[Noun][Operation] extends AnyContractProcedure
    ? Handler<Contract[Noun][Operation]>
    : never;
};

export type Handlers = { readonly [Noun in keyof Contract]: HandlersOf<Noun> };
