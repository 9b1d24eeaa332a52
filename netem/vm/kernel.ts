import { mkdir, readdir, readFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** What the checks need that is not built into Debian's kernel: its disk and network, the host's files, the link, its tap. */
const MODULES = [
  'virtio_pci',
  '9pnet_virtio',
  '9p',
  'veth',
  'tun',
  'sch_netem',
  'sch_ingress',
  'cls_u32',
  'act_mirred',
];

/** Debian's kernel, unpacked and nowhere installed. */
export interface Kernel {
  version: string;
  image: string;
  /** Files of modules, each after those that it needs. */
  modules: string[];
}

/**
 * Debian's own kernel package, the one that `linux-image-amd64` stands for: downloaded by apt, which checks its
 * signature, and unpacked into a folder of temporary files that later runs find again.
 */
export async function debianKernel(): Promise<Kernel> {
  const { stdout: depends } = await execa('apt-cache', ['depends', '--important', 'linux-image-amd64']);
  const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (name === undefined) throw new Error(`apt knows no linux-image-amd64 here; \`apt-get update\` may help`);
  const version = name.replace('linux-image-', '');
  const folder = join(tmpdir(), `mqtt-tls-bench-vm-${userInfo().uid}`, name);
  const modulesFolder = join(folder, 'lib/modules', version);
  const unpacked = await readdir(modulesFolder).catch((): string[] => []);
  // depmod is the last step, so its list says that the ones before were done.
  if (!unpacked.includes('modules.dep')) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await execa('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', name], { cwd: folder });
    const archive = (await readdir(folder)).find((file) => file.endsWith('.deb'));
    await execa('dpkg', ['-x', archive ?? '', '.'], { cwd: folder });
    await execa('depmod', ['-b', folder, version]);
  }
  return {
    version,
    image: join(folder, `boot/vmlinuz-${version}`),
    modules: inOrder(await readFile(join(modulesFolder, 'modules.dep'), 'utf8')).map((file) =>
      join(modulesFolder, file),
    ),
  };
}

/** The files of {@link MODULES} and of all that they need. What is not listed is built into the kernel. */
function inOrder(modulesDep: string): string[] {
  const needs = new Map(
    modulesDep.split('\n').map((line): [string, string[]] => {
      const [file = '', rest = ''] = line.split(':');
      return [file, rest.split(' ').filter((name) => name !== '')];
    }),
  );
  const order: string[] = [];
  const add = (file: string): void => {
    for (const needed of needs.get(file) ?? []) add(needed);
    if (!order.includes(file)) order.push(file);
  };
  for (const module of MODULES) {
    const file = [...needs.keys()].find((name) => new RegExp(`/${module}\\.ko(\\.\\w+)?$`).test(name));
    if (file !== undefined) add(file);
  }
  return order;
}
