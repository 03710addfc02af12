/**
 * The model registry: versions of what runs have made, who is champion, and why. A version never changes; aliases move, each move is kept
 * with its reason and its checklist, and nobody becomes champion without a gate or a stated override.
 */
import { z } from 'zod';
import { idField, instantField, measureSchema, pageInput, refField, sha256Field } from './fields';
import { operation } from './operation';

const namePart = /^[a-z0-9][a-z0-9._]*$/;
export const universeField = z
  .string()
  .max(60)
  .regex(namePart, 'Expected lower-case letters, digits, dots or underscores.');

/** `<symbol or universe>-<target>-<model type>`, for example `sp500-return21d-ridge`. */
export const registryNameField = z
  .string()
  .max(140)
  .regex(
    /^[a-z0-9][a-z0-9._-]*-[a-z0-9._]+-[a-z0-9._-]+$/,
    'Expected symbol or universe, target and model type, joined by dashes.',
  )
  .meta({ title: 'Registered name', examples: ['sp500-return21d-ridge'] });

/** An identifier, `name@3`, `name@champion`, or a name (its champion, else its newest version). */
const versionRef = refField.meta({ title: 'Version', examples: ['sp500-return21d-ridge@champion'] });
const reasonField = z
  .string()
  .trim()
  .min(10, 'Expected a reason of at least 10 characters; it is kept with the decision.')
  .max(2000)
  .meta({ title: 'Reason', examples: ['Half the turnover for the same return.'] });

export const gateCheckSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    rule: z.string(),
    status: z.enum(['passed', 'failed', 'warning', 'not-run']),
    summary: z.string(),
    figures: z.array(z.object({ name: z.string(), value: z.number().nullable(), unit: z.string() })),
  })
  .meta({ id: 'GateCheck' });
export type GateCheck = z.infer<typeof gateCheckSchema>;

export const promotionPolicySchema = z
  .strictObject({
    outOfSample: z
      .strictObject({
        measure: z.enum(['r2', 'rank_ic', 'sharpe']).default('rank_ic').meta({ title: 'Measure' }),
        minimum: z.number().default(0.02).meta({ title: 'At least', description: 'For R² the usual rule is 0.1.' }),
        implausibleR2: z.number().gt(0).max(1).default(0.1).meta({ title: 'Implausible R² above' }),
      })
      .prefault({}),
    significance: z
      .strictObject({
        level: z.number().gt(0).lte(0.2).default(0.05).meta({ title: 'Level' }),
        replications: z.int().gte(100).lte(20_000).default(2000).meta({ title: 'Bootstrap replications' }),
      })
      .prefault({}),
    drift: z
      .strictObject({
        warnAbove: z.number().gt(0).default(0.1).meta({ title: 'Warning above', unit: 'PSI' }),
        failAbove: z.number().gt(0).default(0.25).meta({ title: 'Failed above', unit: 'PSI' }),
      })
      .prefault({}),
  })
  .meta({ id: 'PromotionPolicy' });
export type PromotionPolicy = z.infer<typeof promotionPolicySchema>;

export const gateSchema = z
  .object({
    job: idField,
    at: instantField,
    /** The champion it was tested against; null where there was none, then equal weight is the reference. */
    champion: z.object({ id: idField, label: z.string() }).nullable(),
    policy: promotionPolicySchema,
    checks: z.array(gateCheckSchema),
    passed: z.boolean(),
    decision: z.enum(['promoted', 'promoted-with-override', 'refused', 'superseded']),
    override: z.string().nullable(),
    verdict: z.string(),
  })
  .meta({ id: 'PromotionGate' });
export type PromotionGate = z.infer<typeof gateSchema>;

export const stageSchema = z.enum(['None', 'Staging', 'Production', 'Archived']);

export const versionSummarySchema = z
  .object({
    id: idField,
    name: registryNameField,
    version: z.int(),
    /** `name@3` */
    label: z.string(),
    run: idField,
    runName: z.string(),
    createdAt: instantField,
    aliases: z.array(z.string()),
    /** What the aliases mean elsewhere: champion = Production, challenger = Staging, a champion of the past = Archived. */
    stage: stageSchema,
    artifact: z.object({ sha256: sha256Field, bytes: z.int() }),
    sharpe: measureSchema,
    leakage: z.enum(['passed', 'failed', 'warning', 'none']),
    /** Of the newest gate; null where none was run. */
    gate: z.object({ at: instantField, passed: z.boolean(), decision: gateSchema.shape.decision }).nullable(),
  })
  .meta({ id: 'RegistryVersionSummary' });
export type VersionSummary = z.infer<typeof versionSummarySchema>;

export const modelCardSchema = z
  .object({
    purpose: z.string(),
    facts: z.array(z.object({ section: z.string(), name: z.string(), value: z.string() })),
    limits: z.array(z.string()),
  })
  .meta({ id: 'ModelCard' });
export type ModelCard = z.infer<typeof modelCardSchema>;

export const registryEventSchema = z
  .object({
    at: instantField,
    actor: z.string(),
    action: z.enum(['registered', 'promoted', 'rolled-back', 'alias-set', 'alias-removed']),
    alias: z.string().nullable(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    reason: z.string(),
  })
  .meta({ id: 'RegistryEvent' });

export const versionSchema = versionSummarySchema
  .extend({
    card: modelCardSchema,
    lastGate: gateSchema.nullable(),
    history: z.array(registryEventSchema),
    /** The version that a rollback would make champion; null where there is none. */
    rollbackTo: z.string().nullable(),
  })
  .meta({ id: 'RegistryVersion' });
export type RegistryVersion = z.infer<typeof versionSchema>;

const one = { version: versionRef };

export const registry = {
  list: operation({
    method: 'GET',
    path: '/registry',
    summary: 'Registered versions, newest first',
    input: z.strictObject({
      ...pageInput,
      name: z.string().max(140).optional().meta({ title: 'Only of this name' }),
      stage: stageSchema.optional().meta({ title: 'Only in this stage' }),
    }),
    output: z.object({ versions: z.array(versionSummarySchema), total: z.int() }),
  }),
  show: operation({
    method: 'GET',
    path: '/registry/{version}',
    summary: 'One version: card, checklist of its newest gate, history',
    positional: ['version'],
    input: z.strictObject(one),
    output: versionSchema,
  }),
  register: operation({
    method: 'POST',
    path: '/registry',
    summary: 'Register a finished run as the next version of a name',
    scope: 'train',
    positional: ['run'],
    input: z.strictObject({
      run: refField,
      universe: universeField
        .optional()
        .meta({ title: 'Symbol or universe', description: 'The name of the dataset unless told.' }),
    }),
    output: versionSchema,
  }),
  promote: operation({
    method: 'POST',
    path: '/registry/{version}/promote',
    summary: 'Run the gate; a version that passes becomes champion at once, one that fails only with a reason',
    scope: 'execute',
    positional: ['version'],
    input: z.strictObject({
      ...one,
      override: reasonField.optional().meta({
        title: 'Override',
        examples: ['Half the turnover for the same return.'],
        description: 'Why it is promoted although a check fails; kept with the decision.',
      }),
    }),
    output: z.object({ version: idField, job: idField }),
  }),
  rollback: operation({
    method: 'POST',
    path: '/registry/{version}/rollback',
    summary: 'Make the champion before this one champion again, in one step',
    scope: 'execute',
    positional: ['version'],
    input: z.strictObject({ ...one, reason: reasonField }),
    output: versionSchema,
  }),
  alias: operation({
    method: 'PUT',
    path: '/registry/{version}/alias',
    summary: 'Point an alias such as challenger at a version, or take it away; champion is decided by promotion',
    scope: 'execute',
    positional: ['version', 'alias'],
    input: z.strictObject({
      ...one,
      alias: z
        .string()
        .max(40)
        .regex(/^[a-z][a-z0-9_-]*$/, 'Expected lower-case letters, digits, dashes or underscores.')
        .meta({ title: 'Alias' }),
      remove: z.boolean().default(false).meta({ title: 'Take it away' }),
    }),
    output: versionSchema,
  }),
  compare: operation({
    method: 'GET',
    path: '/registry/compare',
    summary: 'What differs between versions, and nothing else: their cards and the outcome of each check',
    positional: ['versions'],
    input: z.strictObject({
      versions: z
        .union([z.array(versionRef), versionRef.transform((value) => value.split(','))])
        .pipe(z.array(versionRef).min(2).max(10)),
    }),
    output: z.object({
      versions: z.array(z.object({ id: idField, label: z.string() })),
      facts: z.array(z.object({ name: z.string(), values: z.array(z.string()) })),
    }),
  }),
  verify: operation({
    method: 'GET',
    path: '/registry/{version}/verify',
    summary: 'Read every artifact of a version back and prove that it is what was registered',
    positional: ['version'],
    input: z.strictObject(one),
    output: z.object({
      id: idField,
      label: z.string(),
      intact: z.boolean(),
      artifacts: z.array(z.object({ name: z.string(), sha256: sha256Field, problem: z.string().nullable() })),
    }),
  }),
  policy: operation({
    method: 'GET',
    path: '/registry/policy',
    summary: 'The rules that a promotion is held against',
    input: z.strictObject({}),
    output: promotionPolicySchema,
  }),
  configure: operation({
    method: 'PUT',
    path: '/registry/policy',
    summary: 'Change the rules that promotions are held against; gates already run keep theirs',
    scope: 'execute',
    input: z.strictObject(promotionPolicySchema.shape),
    output: promotionPolicySchema,
  }),
};
