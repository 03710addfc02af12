/** A door without a workspace behind it: nothing is refused and nothing written down. */
import type { CallWatch } from '#engine/api/call-watch';

export const noWatch: CallWatch = { admit() {}, record() {} };
