// @ts-nocheck: AssemblyScript, checked by its own compiler.
/**
 * Elementary functions of four lanes, to about two units in the last place of single precision. Their coefficients are read from a
 * table in memory, since V8 makes a constant vector anew with three instructions at every use, and one load is cheaper.
 */
import { madd, nmadd } from './multiply-add.as';

const TABLE: usize = 64;

/** Fills the table, below byte 1024; once per memory, before anything else. */
export function fillTable(): void {
  store<f32>(TABLE, -87.0, 0);
  store<f32>(TABLE, 88.0, 4);
  store<f32>(TABLE, -7.90531110763549805, 8);
  store<f32>(TABLE, 7.90531110763549805, 12);
  store<f32>(TABLE, 1.44269504, 16);
  store<f32>(TABLE, 0.693359375, 20);
  store<f32>(TABLE, -2.1219444e-4, 24);
  store<f32>(TABLE, 1.98756915e-4, 28);
  store<f32>(TABLE, 1.3981999507e-3, 32);
  store<f32>(TABLE, 8.3334519073e-3, 36);
  store<f32>(TABLE, 4.1665795894e-2, 40);
  store<f32>(TABLE, 1.6666665459e-1, 44);
  store<f32>(TABLE, 5.0000001201e-1, 48);
  store<f32>(TABLE, 1, 52);
  store<f32>(TABLE, -2.76076847742355e-16, 56);
  store<f32>(TABLE, 2.00018790482477e-13, 60);
  store<f32>(TABLE, -8.60467152213735e-11, 64);
  store<f32>(TABLE, 5.12229709037114e-8, 68);
  store<f32>(TABLE, 1.48572235717979e-5, 72);
  store<f32>(TABLE, 6.37261928875436e-4, 76);
  store<f32>(TABLE, 4.89352455891786e-3, 80);
  store<f32>(TABLE, 1.19825839466702e-6, 84);
  store<f32>(TABLE, 1.18534705686654e-4, 88);
  store<f32>(TABLE, 2.268434632439e-3, 92);
  store<f32>(TABLE, 4.89352518554385e-3, 96);
  store<f32>(TABLE, 0.5, 100);
}

/** Entry of the table at that many bytes, in every lane. */
@inline
function constant(offset: usize): v128 {
  return v128.load32_splat(TABLE + offset);
}

@inline
function clamp(x: v128, low: v128, high: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, high), low); // this order of operands lets NaN through
}

/** eˣ by Cody–Waite reduction and the polynomial of Cephes (Moshier); saturates beyond −87 … 88; NaN stays NaN. */
@inline
export function exp4(x: v128): v128 {
  const z = clamp(x, constant(0), constant(4));
  const n = f32x4.nearest(f32x4.mul(z, constant(16)));
  let r = nmadd(n, constant(20), z);
  r = nmadd(n, constant(24), r);
  let p = constant(28);
  p = madd(p, r, constant(32));
  p = madd(p, r, constant(36));
  p = madd(p, r, constant(40));
  p = madd(p, r, constant(44));
  p = madd(p, r, constant(48));
  p = madd(p, f32x4.mul(r, r), f32x4.add(r, constant(52)));
  const exponent = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(p, exponent);
}

/** tanh x as an odd rational function of degree 13/6 within ±7.905 (the minimax fit of Eigen), beyond which it is ±1; NaN stays NaN. */
@inline
export function tanh4(x: v128): v128 {
  const z = clamp(x, constant(8), constant(12));
  const s = f32x4.mul(z, z);
  let p = constant(56);
  p = madd(p, s, constant(60));
  p = madd(p, s, constant(64));
  p = madd(p, s, constant(68));
  p = madd(p, s, constant(72));
  p = madd(p, s, constant(76));
  p = madd(p, s, constant(80));
  let q = constant(84);
  q = madd(q, s, constant(88));
  q = madd(q, s, constant(92));
  q = madd(q, s, constant(96));
  return f32x4.div(f32x4.mul(z, p), q);
}

/** 1 / (1 + e⁻ˣ) */
@inline
export function sigmoid4(x: v128): v128 {
  const half = constant(100);
  return madd(tanh4(f32x4.mul(x, half)), half, half);
}

/** Sum of the four lanes, in one fixed order. */
@inline
export function sum4(v: v128): f32 {
  return (
    (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}
