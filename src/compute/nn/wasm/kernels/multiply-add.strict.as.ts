// @ts-nocheck: AssemblyScript, checked by its own compiler.
/** The strict build: rounded after the product and after the sum, which every processor does alike. */

/** a · b + c */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c − a · b */
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  return f32x4.sub(c, f32x4.mul(a, b));
}
