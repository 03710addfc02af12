/** Named views of a flat parameter array. */
import { AppError } from '#base/errors';
import { parameterLayout, type Network } from './network';

export type TensorViews = (name: string) => Float64Array;

/** Looks a tensor up by the name that `parameterLayout` gives it. Errors: INTERNAL for a name that the network lacks. */
export function tensorViews(network: Network, flat: Float64Array): TensorViews {
  const views = new Map(
    parameterLayout(network).map(({ name, offset, size }) => [name, flat.subarray(offset, offset + size)]),
  );
  return (name) => {
    const view = views.get(name);
    if (view === undefined) throw new AppError('INTERNAL', `Expected a tensor of the network, found "${name}".`);
    return view;
  };
}
