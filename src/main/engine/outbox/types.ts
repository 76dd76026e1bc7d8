import type { EngineContext } from '../context.ts';

/** A row as its handler gets it. */
export interface OutboxDelivery {
  readonly id: number;
  readonly kind: string;
  readonly payload: unknown;
  readonly brandId?: number;
  readonly orderId?: string;
  readonly createdAt: number;
  /** The same at every attempt, also after a crash or a replay: the receiver drops repeats by it (SGP.22 v2.2, 6.5.1.3). */
  readonly functionCallIdentifier: string;
}

export type OutboxOutcome =
  | { readonly done: true }
  | {
      readonly done: false;
      /** A plain sentence for the operator, without secrets. */
      readonly why: string;
      /** Trying again cannot help. */
      readonly permanent?: boolean;
      /** The receiver could not be reached or is overloaded: nothing is wrong with this message, and all for it wait. */
      readonly unreachable?: boolean;
      /** The receiver asked to be left alone so long. Milliseconds. */
      readonly retryAfter?: number;
    };

export interface OutboxDescription {
  /** Where it goes. */
  readonly target: string;
  /** The body as it is sent, identifiers of people masked. */
  readonly body: string;
}

/** How messages of one kind are delivered. */
export interface OutboxHandler {
  readonly kind: string;
  /** One attempt. `signal` aborts when the engine ends: such an attempt counts as not made. What it throws is a failed attempt. */
  deliver(ctx: EngineContext, row: OutboxDelivery, signal: AbortSignal): Promise<OutboxOutcome>;
  describe(ctx: EngineContext, row: OutboxDelivery): Promise<OutboxDescription>;
}
