/** Tensors of calculation cases: `{"shape": […], "data": […]}`, row-major, given inside the case or as a JSON file. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import type { CalcInput } from './kind';
import { readText } from './tables';

export const tensorSchema = z
  .object({ shape: z.array(z.int().gte(0)), data: z.array(z.number()) })
  .refine(({ shape, data }) => shape.reduce((a, b) => a * b, 1) === data.length, {
    error: 'Expected as many numbers as the shape has entries.',
  });

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** An input as JSON of the given form. Errors: INVALID_DATA naming the input and what is wrong. */
export function readJson<T>(input: CalcInput, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(readText(input));
  } catch {
    throw new AppError('INVALID_DATA', `Expected JSON in ${input.name}, found something else.`);
  }
  return checkJson(value, schema, input.name);
}

/** JSON that was read already, of the given form. Errors: INVALID_DATA naming the place. */
export function checkJson<T>(value: unknown, schema: z.ZodType<T>, name: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = [name, ...issue.path.map(String)].join('.');
  throw new AppError('INVALID_DATA', `Expected other JSON at ${place}: ${issue.message}.`);
}

/** A tensor of exactly that shape, as numbers. Errors: INVALID_DATA. */
export function tensorData(tensor: Tensor, shape: readonly number[], name: string): Float64Array {
  if (tensor.shape.length === shape.length && tensor.shape.every((size, axis) => size === shape[axis])) {
    return Float64Array.from(tensor.data);
  }
  throw new AppError(
    'INVALID_DATA',
    `Expected ${name} of shape [${shape.join(', ')}], found [${tensor.shape.join(', ')}].`,
  );
}

export function tensor(shape: readonly number[], data: Float64Array): Tensor {
  return { shape, data: Array.from(data) };
}
