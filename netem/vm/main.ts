/**
 * `npm run -s test:netem-vm [-- PART…]`: the netem backend on a kernel that has netem, on machines whose own has not. Boots Debian's
 * kernel in an emulated machine (QEMU without KVM) for each part of the checks, all without PART, runs `checks.ts` in it,
 * and fails when one failed. Takes minutes: emulated processors are slow, so delays, ratios and counts are checked, and
 * no speed. A part that fails is tried once more in a new machine, and says so: Node crashes on an emulated processor
 * now and then, and what is really broken fails twice.
 */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { messageOf } from '../../src/errors.ts';
import { debianKernel, type Kernel } from './kernel.ts';
import { runInMachine } from './machine.ts';

const PARTS = ['delays', 'connections', 'agreement', 'packets', 'leftovers', 'rootless'];
/** Three or four on a machine with a core to spare; more is a machine that hangs. */
const TIMEOUT_MS = 20 * 60_000;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Tools, and Debian's packages of them. */
const TOOLS = {
  'apt-get': 'apt',
  dpkg: 'dpkg',
  depmod: 'kmod',
  cpio: 'cpio',
  xz: 'xz-utils',
  busybox: 'busybox-static',
  ip: 'iproute2',
  'qemu-system-x86_64': 'qemu-system-x86',
} as const;

process.exitCode = await main().catch((error: unknown) => {
  say(`FAIL  ${messageOf(error)}\n0 passed, 1 failed`);
  return 1;
});

async function main(): Promise<number> {
  const missing = await missingTools();
  if (missing.length > 0) {
    const mend = `apt-get install --no-install-recommends ${missing.map((tool) => TOOLS[tool]).join(' ')}`;
    say(`The emulated machine needs ${missing.join(', ')}: \`${mend}\` (Debian, x86-64)`);
    const isRequired = process.env['CI'] === 'true';
    say(isRequired ? '0 passed, 1 failed' : 'SKIPPED. 0 passed, 0 failed');
    return isRequired ? 1 : 0;
  }
  const kernel = await debianKernel();
  const asked = process.argv.slice(2);
  const parts = asked.length === 0 ? PARTS : asked;
  say(`Booting Linux ${kernel.version} in an emulated machine for each of ${parts.join(', ')}`);
  let failed = 0;
  for (const part of parts) {
    if (await passes(kernel, part)) continue;
    say(`      ${part} is tried once more`);
    if (!(await passes(kernel, part))) failed++;
  }
  say(`${parts.length - failed} of ${parts.length} parts passed`);
  return failed === 0 ? 0 : 1;
}

async function passes(kernel: Kernel, part: string): Promise<boolean> {
  const command = [process.execPath, 'netem/vm/checks.ts', part];
  const options = { cwd: ROOT, timeoutMs: TIMEOUT_MS, onLine: say };
  try {
    return (await runInMachine(kernel, command, options)) === 0;
  } catch (error) {
    say(`FAIL  ${part}: ${messageOf(error)}`);
    return false;
  }
}

async function missingTools(): Promise<(keyof typeof TOOLS)[]> {
  const tools = Object.keys(TOOLS) as (keyof typeof TOOLS)[];
  const found = await Promise.all(
    tools.map(
      async (tool) => !(await execa('sh', ['-c', 'command -v "$0"', tool], { reject: false })).failed,
    ),
  );
  return tools.filter((_, n) => !found[n]);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
