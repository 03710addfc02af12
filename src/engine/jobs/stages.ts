/**
 * The stages of a worker as spans: one ends where the next begins, as the worker tells of its progress. Seen from the host, so a stage is as
 * long as its reports say.
 */
import { currentScope, inScope, type CallScope } from '../logs/call-scope';
import type { OpenSpan, Tracing } from '../traces/tracing';

export class Stages {
  readonly #tracing: Tracing;
  /** Reports arrive outside of any call. */
  readonly #scope: CallScope | undefined = currentScope();
  #name: string | null = null;
  #span: OpenSpan | null = null;

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  enter(name: string): void {
    if (name === this.#name) return;
    this.end();
    this.#name = name;
    const start = (): OpenSpan => this.#tracing.start('worker stage', { attributes: { 'sextant.stage': name } });
    this.#span = this.#scope === undefined ? start() : inScope(this.#scope, start);
  }

  end(): void {
    this.#span?.end();
    this.#span = null;
    this.#name = null;
  }
}
