/** Reads the files beside the prices: sectors, index levels, membership. */
import { AppError } from '#base/errors';
import { readIndexLevels, readSectors, type FileRole, type IndexLevels } from '#quant/prices/companion-files';
import { readMembership, type MembershipInterval } from '#quant/prices/membership';
import { readWhole } from './file-stream';
import type { ImportLimits } from './import-types';
import type { FoundFile } from './source-files';

/** Companions are small; more bytes than this are not read. */
const MOST_BYTES = 64 << 20;

export interface Companions {
  readonly sectors: ReadonlyMap<string, string> | null;
  readonly index: IndexLevels | null;
  readonly membership: readonly MembershipInterval[] | null;
  /** SHA-256 by path. */
  readonly sha256: ReadonlyMap<string, string>;
}

/** Errors: CONFLICT for two files of one role; those of the readers. */
export async function readCompanions(
  files: readonly FoundFile[],
  limits: ImportLimits,
  signal: AbortSignal | undefined,
): Promise<Companions> {
  const sha256 = new Map<string, string>();
  const load = async (role: FileRole) => {
    const [file, second] = files.filter((candidate) => candidate.role === role);
    if (second)
      throw new AppError(
        'CONFLICT',
        `Expected one ${role} file, found ${file.name} and ${second.name}. Name the one to use.`,
      );
    if (!file) return null;
    const { bytes, sha256: digest } = await readWhole(file, limits, signal, MOST_BYTES);
    sha256.set(file.path, digest);
    return { bytes, name: file.name };
  };
  const companies = await load('companies');
  const index = await load('index');
  const membership = await load('membership');
  return {
    sectors: companies && readSectors(companies.bytes, companies.name),
    index: index && readIndexLevels(index.bytes, index.name),
    membership: membership && readMembership(membership.bytes, membership.name),
    sha256,
  };
}
