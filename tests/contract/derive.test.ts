import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fieldsOf } from '#contract/derive/fields';
import { jsonSchemaOf, schemaAt } from '#contract/derive/json-schema';
import { editDistance, nearest } from '#contract/derive/nearest';
import { answersWithFile, findOperation, operations, startsJob } from '#contract/derive/operations';
import { describeIssues, formatPath, summarize } from '#contract/derive/problems';

describe('operations', () => {
  test('have one path and method each, and a summary', () => {
    const routes = operations.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(routes).size).toBe(operations.length);
    for (const { summary, id } of operations) expect(summary, id).toMatch(/^[A-Z]/);
  });

  test('take by position only fields that they have', () => {
    for (const { id, positional, input } of operations) {
      const names = fieldsOf(input).map(({ name }) => name);
      for (const name of positional) expect(names, id).toContain(name);
    }
  });

  test('that start a job, and those that answer with a document, are told by their answers', () => {
    expect(operations.filter(startsJob).map(({ id }) => id)).toEqual([
      'datasets.import',
      'datasets.backfill',
      'datasets.generate',
      'runs.start',
      'runs.rerun',
      'runs.audit',
      'registry.promote',
      'reports.create',
    ]);
    expect(operations.filter(answersWithFile).map(({ id }) => id)).toEqual([
      'system.metrics',
      'runs.checksums',
      'models.export',
      'portfolios.export',
      'orders.export',
      'reports.download',
      'signals.export',
      'traces.export',
    ]);
  });
});

describe('fields', () => {
  test('keep type, unit, limits, default and choices', () => {
    const fields = fieldsOf(findOperation('runs', 'start')?.input ?? {});
    const field = (name: string) => fields.find((item) => item.name === name);
    expect(field('config.model.horizon')).toMatchObject({
      kind: 'integer',
      unit: 'trading days',
      minimum: 1,
      maximum: 252,
      default: 21,
      required: false,
    });
    expect(field('config.model.features.transform')).toMatchObject({
      kind: 'choice',
      choices: ['rank', 'zscore', 'none'],
    });
    expect(field('config.model.features.set')).toMatchObject({ kind: 'list', item: 'text', scalarAllowed: true });
    expect(field('config.model.forecast')).toMatchObject({ kind: 'json', nullable: true });
    expect(field('config.data.dataset')).toMatchObject({ kind: 'text', required: true });
    expect(field('config.data.from')).toMatchObject({ kind: 'date', required: false });
  });
});

describe('problems', () => {
  const schema = z.strictObject({
    name: z.string().min(2),
    share: z.number().lte(1).meta({ unit: 'fraction' }),
    mode: z.enum(['a', 'b']),
    items: z.array(z.strictObject({ day: z.iso.date() })),
    either: z.union([z.literal('all'), z.array(z.string())]).optional(),
  });
  const problems = (input: unknown) => {
    const parsed = schema.safeParse(input);
    return parsed.success
      ? []
      : describeIssues(parsed.error.issues, input, jsonSchemaOf(schema)).map(
          ({ path, message }) => `${path}: ${message}`,
        );
  };

  test('say what was expected and what was found', () => {
    expect(problems({ name: 'x', share: 2, mode: 'c', items: [{ day: '1 May' }], either: 5, nmae: 1 })).toEqual([
      'name: Expected text with a length of at least 2, found "x".',
      'share: Expected at most 1 (fraction), found 2.',
      'mode: Expected one of a, b, found "c".',
      'items[0].day: Expected a date as YYYY-MM-DD, found "1 May".',
      'either: Expected "all" or a list, found 5.',
      'nmae: Expected one of name, share, mode, items, either, found the unknown name "nmae". Did you mean "name"?',
    ]);
    expect(problems({ name: 3, share: 'x', items: [{}] })).toEqual([
      'name: Expected text, found 3.',
      'share: Expected a number (fraction), found "x".',
      'mode: Expected one of a, b, found nothing.',
      'items[0].day: Expected a date as YYYY-MM-DD, found nothing.',
    ]);
  });

  test('of any input never throw and always have words', () => {
    for (const operation of operations) {
      fc.assert(
        fc.property(fc.anything(), (input) => {
          const parsed = operation.inputSchema.safeParse(input);
          if (parsed.success) return;
          const found = describeIssues(parsed.error.issues, input, operation.input);
          expect(found.length).toBeGreaterThan(0);
          expect(summarize(found)).toMatch(/Expected|found/);
        }),
        { numRuns: 20 },
      );
    }
  });

  test('name their place as people write it', () => {
    expect(formatPath(['a', 0, 'b', 'c'])).toBe('a[0].b.c');
    expect(schemaAt(jsonSchemaOf(schema), ['items', 3, 'day'])).toMatchObject({ format: 'date' });
    expect(schemaAt(jsonSchemaOf(schema), ['nothing', 'here'])).toBeUndefined();
  });
});

describe('the nearest name', () => {
  test('is a distance: zero for the same, symmetric, at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
    expect(editDistance('lsit', 'list')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });

  test('is found for a slip and not for another word', () => {
    expect(nearest('covarance', ['mean', 'covariance'])).toBe('covariance');
    expect(nearest('xyz', ['portfolios', 'datasets'])).toBeUndefined();
  });
});
