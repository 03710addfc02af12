/** The contract as a flat list: every operation with its noun, name, road signs and input schema. */
import { getEventIteratorSchemaDetails } from '@orpc/contract';
import { z } from 'zod';
import { contract } from '../index';
import type { OperationMeta } from '../operation';
import { jsonSchemaOf, type JsonSchema } from './json-schema';

export interface OperationInfo extends OperationMeta {
  /** `runs` */
  readonly noun: string;
  /** `start` */
  readonly name: string;
  /** `runs.start` */
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly inputSchema: z.ZodType;
  /** What one answer or one event holds. */
  readonly outputSchema: z.ZodType;
  /** Computed on first use: a command needs one of forty. */
  readonly input: JsonSchema;
  readonly output: JsonSchema;
}

/** The few members of an oRPC procedure that are read here; the rest of its type depends on each operation. */
interface ProcedureData {
  readonly '~orpc': {
    readonly meta: OperationMeta;
    readonly route: { readonly method: string; readonly path: string; readonly summary: string };
    readonly inputSchema: z.ZodType;
    readonly outputSchema: z.ZodType;
  };
}

function describe(noun: string, name: string, procedure: ProcedureData): OperationInfo {
  const { meta, route, inputSchema, outputSchema } = procedure['~orpc'];
  let input: JsonSchema | undefined;
  let output: JsonSchema | undefined;
  const event = getEventIteratorSchemaDetails(outputSchema)?.yields;
  const answer = event instanceof z.ZodType ? event : outputSchema;
  return {
    ...meta,
    noun,
    name,
    id: `${noun}.${name}`,
    method: route.method,
    path: route.path,
    summary: route.summary,
    inputSchema,
    outputSchema: answer,
    get input() {
      return (input ??= jsonSchemaOf(inputSchema, 'input'));
    },
    get output() {
      return (output ??= jsonSchemaOf(answer, 'output'));
    },
  };
}

export const operations: readonly OperationInfo[] = Object.entries(contract).flatMap(([noun, procedures]) =>
  Object.entries(procedures).map(
    ([name, procedure]) => describe(noun, name, procedure as unknown as ProcedureData), // each procedure has its own type
  ),
);

export const nouns: readonly string[] = Object.keys(contract);

export function findOperation(noun: string, name: string): OperationInfo | undefined {
  return operations.find((operation) => operation.noun === noun && operation.name === name);
}

/** Whether an operation answers with a job that it has started (rather than with a thing and its state). */
export function startsJob(operation: OperationInfo): boolean {
  const properties = operation.output.properties ?? {};
  return operation.kind === 'call' && 'job' in properties && !('status' in properties);
}

/** Whether an operation answers with a document that belongs in a file. */
export function answersWithFile(operation: OperationInfo): boolean {
  const properties = operation.output.properties ?? {};
  return 'filename' in properties && 'text' in properties && 'mediaType' in properties;
}
