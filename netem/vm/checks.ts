/**
 * What the netem backend must do on a kernel that has netem; runs inside the emulated machine as root. Arguments name
 * the parts to run; all without.
 */
import { conclude } from './harness.ts';

const PARTS = ['delays', 'connections', 'agreement', 'packets', 'leftovers', 'rootless'];

const asked = process.argv.slice(2);
for (const part of asked.length === 0 ? PARTS : asked) await import(`./checks/${part}.ts`);
conclude();
