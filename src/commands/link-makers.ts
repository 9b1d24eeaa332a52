import type { Availability, LinkBackend } from '../link/backend.ts';
import { BACKENDS } from '../link/backends.ts';
import type { LinkSpec } from '../link/spec.ts';

/** A backend and what it answered when it was tried on this machine. */
export interface AskedBackend {
  backend: LinkBackend;
  found: Availability;
}

/** Whether a backend makes a link here, and why not. */
export interface Maker {
  name: string;
  makes: boolean;
  /** What it is, or what speaks against it. */
  why: string;
}

/** Tries every backend once. */
export async function askBackends(): Promise<AskedBackend[]> {
  return Promise.all(BACKENDS.map(async (backend) => ({ backend, found: await backend.probe() })));
}

/** What each backend makes of a link on this machine. */
export function makersOf(link: LinkSpec, asked: readonly AskedBackend[]): Maker[] {
  return asked.map(({ backend, found }) => {
    const reasons = [...backend.cannot(link), ...(found.available ? [] : [`not here: ${found.reason}`])];
    const makes = reasons.length === 0;
    return { name: backend.name, makes, why: found.available && makes ? found.detail : reasons.join('; ') };
  });
}
