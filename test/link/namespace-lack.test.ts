import { expect, it, test } from 'vitest';
import { machineFacts } from '../../src/link/machine-facts.ts';
import { namespaceFacts, namespaceLack, trial, type NamespaceFacts } from '../../src/link/namespace-lack.ts';
import { DEBIAN } from './facts.ts';

const REFUSED: NamespaceFacts = {
  ...DEBIAN,
  isRoot: false,
  missing: [],
  refused: 'unshare: unshare failed: Operation not permitted',
  forbidding: [],
};

test.each<[string, Partial<NamespaceFacts>, string]>([
  [
    'AppArmor of Ubuntu 24.04',
    { forbidding: ['kernel.apparmor_restrict_unprivileged_userns'] },
    '`sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`',
  ],
  [
    'Debian’s own switch',
    { forbidding: ['kernel.unprivileged_userns_clone'] },
    '`sudo sysctl -w kernel.unprivileged_userns_clone=1`',
  ],
  [
    'no user namespaces at all',
    { forbidding: ['user.max_user_namespaces'] },
    '`sudo sysctl -w user.max_user_namespaces=15000`',
  ],
  [
    'no network namespaces, which root needs too',
    { isRoot: true, forbidding: ['kernel.unprivileged_userns_clone', 'user.max_net_namespaces'] },
    '`sysctl -w user.max_net_namespaces=15000`',
  ],
  [
    'a setting of the host, seen from a container',
    { container: 'docker', forbidding: ['kernel.apparmor_restrict_unprivileged_userns'] },
    "On the container's host: `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`",
  ],
  [
    'root in a Docker container',
    { isRoot: true, container: 'docker' },
    '`docker run --cap-add=SYS_ADMIN --cap-add=NET_ADMIN …`',
  ],
  [
    'root there with CAP_SYS_ADMIN alone',
    { isRoot: true, container: 'podman', refused: 'RTNETLINK answers: Operation not permitted' },
    '`podman run --cap-add=SYS_ADMIN --cap-add=NET_ADMIN …`',
  ],
  [
    'settings that a container may not write',
    {
      isRoot: true,
      container: 'docker',
      refused: 'sh: 1: cannot create /proc/sys/net/ipv4/tcp_congestion_control: Read-only file system',
    },
    '--cap-add=NET_ADMIN --security-opt=systempaths=unconfined --security-opt=apparmor=unconfined …`',
  ],
  [
    'somebody else in a container',
    { container: 'docker' },
    '`docker run --user root --cap-add=SYS_ADMIN --cap-add=NET_ADMIN …`',
  ],
  [
    'a pod of Kubernetes',
    { isRoot: true, container: 'kubernetes' },
    'the equivalent of `docker run --cap-add=SYS_ADMIN --cap-add=NET_ADMIN`',
  ],
  ['no reason that can be seen, without root', {}, 'Run it as root'],
  ['no reason that can be seen, as root', { isRoot: true }, 'CAP_SYS_ADMIN and CAP_NET_ADMIN'],
  ['macOS', { platform: 'darwin' }, '--backend proxy'],
  ['no ip', { missing: ['ip', 'tc'] }, '`sudo apt-get install iproute2`'],
  [
    'no tc on RHEL',
    { missing: ['tc'], distributions: ['rhel', 'centos'], isRoot: true },
    '`dnf install iproute-tc`',
  ],
  [
    'no unshare on Alpine',
    { missing: ['unshare'], distributions: ['alpine'], isRoot: true },
    '`apk add util-linux`',
  ],
])('%s', (_, facts, mend) => {
  const lack = namespaceLack({ ...REFUSED, ...facts });
  expect(lack?.mend).toContain(mend);
  expect(lack?.reason).not.toBe('');
});

it('says what the kernel said', () => {
  expect(namespaceLack(REFUSED)?.reason).toBe(
    'no network namespace can be made: unshare: unshare failed: Operation not permitted',
  );
});

it('lacks nothing where it works', () => {
  expect(namespaceLack({ ...REFUSED, refused: undefined, forbidding: ['user.max_net_namespaces'] })).toBe(
    undefined,
  );
});

it('names the tools that this machine does not have', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    const { missing } = await namespaceFacts(await machineFacts(), ['ip', 'tc']);
    expect(missing).toEqual(['ip', 'tc']);
  } finally {
    process.env['PATH'] = path;
  }
});

it.skipIf(process.platform !== 'linux')('sees settings that cannot be written', async () => {
  // As in a container: the kernel's settings are mounted read-only.
  const readOnly = 'mount -o bind,ro /proc/sys /proc/sys && ';
  const said = await trial([
    'unshare',
    '--mount',
    'sh',
    '-c',
    `${readOnly}echo reno >/proc/sys/net/ipv4/tcp_congestion_control`,
  ]);
  expect(namespaceLack({ ...REFUSED, container: 'docker', refused: said })?.mend).toContain(
    'systempaths=unconfined',
  );
});

it.skipIf(process.platform !== 'linux')('tells what a command that failed said', async () => {
  expect(await trial(['sh', '-c', 'echo a slip >&2; exit 3'])).toMatch(/a slip|unshare/);
});
