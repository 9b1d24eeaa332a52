import { execa } from 'execa';
import {
  asRoot,
  containerOptions,
  installCommand,
  read,
  type MachineFacts,
  type Tool,
} from './machine-facts.ts';
import { CONGESTION_CONTROL, newNamespace } from './namespace.ts';

/** What is lacking, and the one command that would most likely mend it. */
export interface Lack {
  reason: string;
  mend: string;
}

/** What was found out by trying to make a network namespace. */
export interface NamespaceFacts extends MachineFacts {
  /** Tools that are not there. */
  missing: Tool[];
  /** What the kernel said to a device that was brought up in a new namespace; undefined when that works. */
  refused: string | undefined;
  /** Settings that are as they should not be, by sysctl name. */
  forbidding: ForbiddingSetting[];
}

/** Settings that forbid namespaces, the value with which they do, and one with which they do not. */
const SETTINGS = {
  /** Ubuntu from 23.10 on. */
  'kernel.apparmor_restrict_unprivileged_userns': { forbids: '1', allows: '0', toRoot: false },
  /** Debian and kernels with its patch. */
  'kernel.unprivileged_userns_clone': { forbids: '0', allows: '1', toRoot: false },
  'user.max_user_namespaces': { forbids: '0', allows: '15000', toRoot: false },
  'user.max_net_namespaces': { forbids: '0', allows: '15000', toRoot: true },
} as const;
export type ForbiddingSetting = keyof typeof SETTINGS;
const SETTING_NAMES = Object.keys(SETTINGS) as ForbiddingSetting[];

/** What is done in a namespace by whatever backend: a device is brought up, and TCP is settled. */
const USES = `ip link set dev lo up && echo ${CONGESTION_CONTROL} >/proc/sys/net/ipv4/tcp_congestion_control`;

/** Tries it, without leaving anything behind. */
export async function namespaceFacts(machine: MachineFacts, tools: readonly Tool[]): Promise<NamespaceFacts> {
  const found = await Promise.all(
    tools.map(async (tool) => (await execa(tool, ['-V'], { reject: false })).code !== 'ENOENT'),
  );
  const missing = tools.filter((_, n) => !found[n]);
  const values = await Promise.all(
    SETTING_NAMES.map((name) => read(`/proc/sys/${name.replaceAll('.', '/')}`)),
  );
  return {
    ...machine,
    missing,
    refused: missing.length > 0 ? undefined : await trial(['sh', '-c', USES]),
    forbidding: SETTING_NAMES.filter((name, n) => values[n]?.trim() === SETTINGS[name].forbids),
  };
}

/** Runs a command in a network namespace that is gone afterwards; answers what went wrong, or undefined. */
export async function trial(argv: readonly string[]): Promise<string | undefined> {
  const [command = '', ...args] = [...newNamespace(), ...argv];
  const { failed, stderr, shortMessage } = await execa(command, args, { reject: false });
  return failed ? stderr.trim() || shortMessage : undefined;
}

/**
 * Why no network namespace can be made, or undefined when one can.
 *
 * In a container with Docker's default capabilities root lacks CAP_SYS_ADMIN for `unshare` and `nsenter`, and
 * CAP_NET_ADMIN for the devices in the namespace. With both, Docker's seccomp profile lets them pass. What keeps
 * /proc/sys from being written there is a read-only mount (`systempaths`) and, on some hosts, AppArmor.
 */
export function namespaceLack(facts: NamespaceFacts): Lack | undefined {
  const { platform, isRoot, container, missing, refused, forbidding } = facts;
  if (platform !== 'linux') {
    return {
      reason: `network namespaces are of Linux, and this is ${platform}`,
      mend: 'Run it in a Linux machine, or take what works everywhere: `--backend proxy`.',
    };
  }
  if (missing.length > 0) {
    return { reason: `${missing.join(' and ')} not found`, mend: `\`${installCommand(missing, facts)}\`` };
  }
  if (refused === undefined) return undefined;
  const reason = `no network namespace can be made: ${refused.replaceAll('\n', '; ')}`;
  const setting = forbidding.find((name) => !isRoot || SETTINGS[name].toRoot);
  if (setting !== undefined) {
    const command = `sysctl -w ${setting}=${SETTINGS[setting].allows}`;
    return {
      reason: `${reason} (${setting} forbids it)`,
      mend:
        container === undefined
          ? `\`${asRoot(command, facts)}\``
          : `On the container's host: \`sudo ${command}\``,
    };
  }
  if (container !== undefined) {
    const user = isRoot ? '' : '--user root ';
    const settings = /\/proc\/sys/.test(refused)
      ? ' --security-opt=systempaths=unconfined --security-opt=apparmor=unconfined'
      : '';
    const options = `${user}--cap-add=SYS_ADMIN --cap-add=NET_ADMIN${settings}`;
    return { reason, mend: `Start the container with \`${containerOptions(container, options)}\`.` };
  }
  if (!isRoot) return { reason, mend: 'Run it as root: `sudo npm run -s bench -- …`.' };
  return {
    reason,
    mend: 'Run it with CAP_SYS_ADMIN and CAP_NET_ADMIN, on a kernel with CONFIG_NET_NS; `--backend proxy` needs neither.',
  };
}
