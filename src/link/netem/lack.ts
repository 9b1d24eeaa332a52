import { readFile } from 'node:fs/promises';
import { asRoot, type MachineFacts } from '../machine-facts.ts';
import type { Lack } from '../namespace-lack.ts';

export interface NetemFacts extends MachineFacts {
  /** What tc said to a netem qdisc in a new namespace; undefined when that works. */
  netem: string | undefined;
  /** What ip said to a veth pair there. */
  veth: string | undefined;
  /** Of the kernel modules `sch_netem` and `veth`, those that lie ready on this machine. */
  modules: string[];
}

/** The modules for the running kernel, of those that are asked for. */
export async function modulesFor(kernelRelease: string, names: readonly string[]): Promise<string[]> {
  const folder = `/lib/modules/${kernelRelease}`;
  const lists = await Promise.all(
    ['modules.dep', 'modules.builtin'].map((file) => readFile(`${folder}/${file}`, 'utf8').catch(() => '')),
  );
  return names.filter((name) => new RegExp(`/${name}\\.ko`).test(lists.join('\n')));
}

/**
 * Why netem does not work although namespaces do, or undefined when it works. A module that lies ready is loaded by
 * the kernel itself when tc asks for it; so where netem is unknown, mostly no module is there.
 */
export function netemLack(facts: NetemFacts): Lack | undefined {
  const [module, said] =
    facts.netem === undefined ? (['veth', facts.veth] as const) : (['sch_netem', facts.netem] as const);
  if (said === undefined) return undefined;
  const reason = `the kernel ${facts.kernelRelease} has no ${module} (${said.split('\n', 1)[0]})`;
  return { reason, mend: mend(module, facts) };
}

function mend(module: string, facts: NetemFacts): string {
  const { container, isWsl, modules, distributions, kernelRelease } = facts;
  const modprobe = `modprobe ${module}`;
  // The kernel is the host's: neither its modules nor its packages are a container's to change.
  if (container !== undefined) return `Ask for it on the container's host: \`sudo ${modprobe}\``;
  if (modules.includes(module)) return `\`${asRoot(modprobe, facts)}\``;
  if (isWsl) {
    return `Build a WSL2 kernel with CONFIG_${config(module)} and name it in .wslconfig (\`kernel=\`).`;
  }
  if (distributions.includes('ubuntu')) {
    return `\`${asRoot(`apt-get install linux-modules-extra-${kernelRelease}`, facts)}\``;
  }
  if (distributions.includes('fedora') || distributions.includes('rhel')) {
    return `\`${asRoot(`dnf install kernel-modules-extra-${kernelRelease}`, facts)}\``;
  }
  if (distributions.includes('debian')) {
    return `Boot Debian's own kernel, which has it: \`${asRoot('apt-get install linux-image-$(dpkg --print-architecture)', facts)}\`, then restart.`;
  }
  return `Boot a kernel that was built with CONFIG_${config(module)}.`;
}

function config(module: string): string {
  return module === 'veth' ? 'VETH' : 'NET_SCH_NETEM';
}
