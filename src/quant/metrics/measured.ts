/** A number that may not exist: results carry the reason in words instead of NaN, Infinity or a made-up zero. */
export type Measured =
  { readonly value: number; readonly reason?: undefined } | { readonly value: null; readonly reason: string };

/** Wraps a computed number; anything that is not finite becomes null with the given reason. */
export function measured(value: number, reason: string): Measured {
  return Number.isFinite(value) ? { value } : { value: null, reason };
}

export function unavailable(reason: string): Measured {
  return { value: null, reason };
}
