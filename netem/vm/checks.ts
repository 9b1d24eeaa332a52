/** What the netem backend must do on a kernel that has netem; runs inside the emulated machine as root. */
import { conclude } from './harness.ts';

for (const part of ['delays', 'connections', 'packets', 'leftovers']) await import(`./checks/${part}.ts`);
conclude();
