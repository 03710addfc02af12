/** Where the headless host and the command line keep things: the folders of the XDG base directory specification, or the system's own. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** XDG variables count only when they are absolute paths; anything else is ignored, as the specification demands. */
function base(environment: Environment, variable: string, otherwise: string): string {
  const value = environment[variable];
  return value !== undefined && value.startsWith('/') ? value : otherwise;
}

/**
 * Absolute path of the workspace folder.
 * @param requested what the user asked for with `--workspace`, relative to the current folder
 */
export function workspaceFolder(requested: string | undefined, environment: Environment = process.env): string {
  if (requested !== undefined) return resolve(requested);
  if (process.platform === 'win32')
    return join(environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Sextant', 'workspace');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Sextant', 'workspace');
  return join(base(environment, 'XDG_DATA_HOME', join(homedir(), '.local', 'share')), 'sextant', 'workspace');
}

/** Absolute path of the folder of the user's settings and key file; never inside a workspace. */
export function configFolder(environment: Environment = process.env): string {
  if (process.platform === 'win32')
    return join(environment.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Sextant');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Sextant', 'config');
  return join(base(environment, 'XDG_CONFIG_HOME', join(homedir(), '.config')), 'sextant');
}
