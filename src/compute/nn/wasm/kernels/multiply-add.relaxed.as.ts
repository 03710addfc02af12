// @ts-nocheck: AssemblyScript, checked by its own compiler.
/** The relaxed build: fused where the processor has a fused instruction, so bits may differ between processor families. */

/** a · b + c */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.relaxed_madd(a, b, c);
}

/** c − a · b */
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  return f32x4.relaxed_nmadd(a, b, c);
}
