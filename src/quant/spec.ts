/** What every pluggable piece of the science states about itself: forms, CLI flags, OpenAPI and documents follow from it. */
import type { z } from 'zod';

export interface Spec<Params extends z.ZodType = z.ZodType> {
  /** Stable kebab-case identifier, also the folder's or file's name. */
  readonly id: string;
  readonly title: string;
  /** One sentence for a person choosing between pieces. */
  readonly summary: string;
  /** A strict object with defaults for every field; titles, units and help in `.meta()`. */
  readonly params: Params;
  /** Author, year, title or equation. */
  readonly references: readonly string[];
}
