/**
 * The few rules of the house that no linter ships, as one oxlint plugin: the layer table, no `export *`, a reason beside every cast,
 * no plaintext copy of the database, no clock in the science.
 */
import { importProblem } from './layers.ts';

/** The part of an ESTree node that is used here. */
interface Node {
  readonly type: string;
  readonly range: readonly [number, number];
  readonly loc: { readonly start: { readonly line: number }; readonly end: { readonly line: number } };
}

interface Comment extends Node {
  readonly value: string;
}

interface CastNode extends Node {
  readonly typeAnnotation: Node & { readonly typeName?: { readonly name?: string } };
}

interface CallNode extends Node {
  readonly callee: Node & {
    readonly name?: string;
    readonly object?: Node & { readonly name?: string };
    readonly property?: Node & { readonly name?: string };
  };
  readonly arguments: readonly Node[];
}

interface ImportNode extends Node {
  readonly source?: (Node & { readonly value?: unknown }) | null;
}

interface Context {
  readonly cwd: string;
  readonly filename: string;
  readonly sourceCode: { getAllComments(): readonly Comment[] };
  report(problem: { readonly node: Node; readonly message: string }): void;
}

const layers = {
  create(context: Context) {
    const importer = context.filename.slice(context.cwd.length + 1).replaceAll('\\', '/');
    const check = (node: ImportNode): void => {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string') return;
      const message = importProblem(importer, specifier);
      if (message !== null) context.report({ node, message });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      TSImportType: check,
    };
  },
};

const noExportAll = {
  create: (context: Context) => ({
    ExportAllDeclaration: (node: Node) =>
      context.report({ node, message: 'Expected named exports; found `export *`. Name what is exported.' }),
  }),
};

const castNeedsReason = {
  create: (context: Context) => ({
    TSAsExpression(node: CastNode) {
      if (node.typeAnnotation.typeName?.name === 'const') return;
      const { start, end } = node.loc;
      const isExplained = context.sourceCode
        .getAllComments()
        .some(({ loc }) => loc.start.line >= start.line - 1 && loc.start.line <= end.line + 1);
      if (isExplained) return;
      context.report({ node, message: 'Expected a comment on the line of this cast that says why it is safe.' });
    },
  }),
};

const noDatabaseSerialize = {
  create: (context: Context) => ({
    CallExpression(node: CallNode) {
      const { object, property } = node.callee;
      if (property?.name !== 'serialize' || object?.name === 'v8') return;
      context.report({ node, message: 'serialize() of an encrypted database gives plaintext. Use VACUUM INTO.' });
    },
  }),
};

const noCurrentTime = {
  create: (context: Context) => ({
    NewExpression(node: CallNode) {
      if (node.callee.name !== 'Date' || node.arguments.length > 0) return;
      context.report({ node, message: 'The science knows no clock: pass the time in.' });
    },
  }),
};

export default {
  meta: { name: 'house' },
  rules: {
    layers,
    'no-export-all': noExportAll,
    'cast-needs-reason': castNeedsReason,
    'no-database-serialize': noDatabaseSerialize,
    'no-current-time': noCurrentTime,
  },
};
