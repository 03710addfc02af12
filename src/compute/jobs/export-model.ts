/** A sealed model in the form of other programs: its bundle as ONNX. */
import { decodeBundle } from '../models/bundle';
import { onnxOf } from '../models/onnx';

export interface ExportModelInput {
  readonly bytes: Uint8Array;
}

/** Errors: INVALID_DATA for a bundle that is not sound; BAD_REQUEST for a network that ONNX has no form for. */
export async function run({ bytes }: ExportModelInput): Promise<Uint8Array> {
  return onnxOf(decodeBundle(bytes));
}
