/**
 * What the netem backend must do on a kernel that has netem; runs inside the emulated machine as root. Arguments name
 * the parts to run.
 */
import { conclude } from './harness.ts';

for (const part of process.argv.slice(2)) await import(`./checks/${part}.ts`);
conclude();
