import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Kernel } from './kernel.ts';

const INIT = fileURLToPath(new URL('./init.sh', import.meta.url));

const HARDWARE = [
  ['-accel', 'tcg,thread=single'],
  ['-cpu', 'max'],
  // Its time goes on by 2 ns an instruction, so that what it measures does not hang on how slow or busy this machine is;
  // where it idles, at the usual pace. With two processors it does not get to boot.
  ['-icount', 'shift=1'],
  ['-smp', '1'],
  ['-m', '2048'],
  ['-display', 'none'],
  ['-serial', 'stdio'],
  ['-nodefaults', '-no-reboot'],
  ['-virtfs', 'local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap'],
  // Its own clock of choice is a device, and every look at a device leaves the emulated processor.
  ['-append', 'console=ttyS0 quiet loglevel=3 panic=-1 tsc=reliable clocksource=tsc'],
].flat();

/**
 * Boots a kernel in an emulated machine, with this machine's own files read-only below it, runs a command there as
 * root, and answers its exit code. Every line that it prints is told. Throws when the machine did not get as far.
 */
export async function runInMachine(
  kernel: Kernel,
  command: readonly string[],
  options: { cwd: string; timeoutMs: number; onLine: (line: string) => void },
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'mqtt-tls-bench-initrd-'));
  try {
    const initrd = await makeInitrd(folder, kernel, script(command, options.cwd));
    const machine = execa('qemu-system-x86_64', [...HARDWARE, '-kernel', kernel.image, '-initrd', initrd], {
      stdin: 'ignore',
      buffer: false,
      reject: false,
      timeout: options.timeoutMs,
      forceKillAfterDelay: 2000,
    });
    let code: number | undefined;
    for await (const line of machine.iterable({ from: 'stdout' })) {
      const found = /^vm-exit (\d+)/.exec(line)?.[1];
      if (found !== undefined) code = Number(found);
      // What follows is the kernel's farewell.
      else if (code === undefined) options.onLine(line);
    }
    const { timedOut, shortMessage, failed } = await machine;
    if (timedOut) throw new Error(`The machine was not done after ${options.timeoutMs / 60_000} minutes`);
    if (code === undefined)
      throw new Error(failed ? shortMessage : 'The machine stopped before its command ended');
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A cpio archive with a shell, the modules and the command. */
async function makeInitrd(folder: string, kernel: Kernel, command: string): Promise<string> {
  const root = join(folder, 'root');
  await mkdir(join(root, 'bin'), { recursive: true });
  await mkdir(join(root, 'modules'));
  await copyFile(await pathOf('busybox'), join(root, 'bin/busybox'));
  await copyFile(INIT, join(root, 'init'));
  await chmod(join(root, 'init'), 0o755);
  await writeFile(join(root, 'command'), command);
  const order: string[] = [];
  for (const file of kernel.modules) {
    // Debian 13 packs them, Debian 12 does not.
    const name = basename(file, '.xz');
    order.push(name);
    if (name === basename(file)) await copyFile(file, join(root, 'modules', name));
    else await execa('xz', ['-dc', file], { stdout: { file: join(root, 'modules', name) } });
  }
  await writeFile(join(root, 'modules/order'), `${order.join('\n')}\n`);
  const names = await readdir(root, { recursive: true });
  const archive = join(folder, 'initrd');
  await execa('cpio', ['-o', '-H', 'newc', '--quiet'], {
    cwd: root,
    input: names.join('\n'),
    stdout: { file: archive },
  });
  return archive;
}

async function pathOf(tool: string): Promise<string> {
  return (await execa('sh', ['-c', 'command -v "$0"', tool])).stdout;
}

/** What runs as the first process once the machine's files are there. */
function script(command: readonly string[], cwd: string): string {
  const quoted = ['sh', '-c', 'cd "$0" && exec "$@"', cwd, ...command].map(
    (word) => `'${word.replaceAll("'", String.raw`'\''`)}'`,
  );
  return `${ENVIRONMENT} ${quoted.join(' ')}\necho "vm-exit $?"\n/run/busybox poweroff -f\n`;
}

/** Nothing of the host is written to; what must be written goes to a memory file system over /run. */
const ENVIRONMENT =
  '/usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TMPDIR=/run/tmp HOME=/run/tmp' +
  ' NODE_COMPILE_CACHE=/run/tmp/compiled';
