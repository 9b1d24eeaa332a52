import { existsSync } from 'node:fs';
import { asRoot, containerOptions, type MachineFacts } from '../machine-facts.ts';
import type { Lack } from '../namespace-lack.ts';

export interface TunFacts extends MachineFacts {
  hasDevice: boolean;
  /** What opening the delay line said. */
  said: string;
}

export function hasTunDevice(): boolean {
  return existsSync('/dev/net/tun');
}

/** Why the TUN delay line cannot be opened although namespaces work; errno names are those of open(2) and netdevice(7). */
export function tunLack(facts: TunFacts): Lack {
  const { said, hasDevice, container, isRoot } = facts;
  const reason = said.split('\n', 1)[0] ?? '';
  const allow = `${isRoot ? '' : '--user root '}--device=/dev/net/tun --cap-add=SYS_ADMIN --cap-add=NET_ADMIN`;
  if (!hasDevice) {
    const absent = 'there is no /dev/net/tun';
    if (container !== undefined) {
      return { reason: absent, mend: `Start the container with \`${containerOptions(container, allow)}\`.` };
    }
    return { reason: absent, mend: `\`${asRoot('modprobe tun', facts)}\`` };
  }
  if (/ENODEV|ENXIO/.test(said)) {
    return {
      reason: `${reason}: the kernel has no tun driver`,
      mend: `\`${asRoot('modprobe tun', facts)}\``,
    };
  }
  if (/EACCES|EPERM/.test(said)) {
    if (container !== undefined) {
      return { reason, mend: `Start the container with \`${containerOptions(container, allow)}\`.` };
    }
    if (!isRoot) return { reason, mend: '`sudo chmod 0666 /dev/net/tun`' };
    return { reason, mend: 'Run it with CAP_NET_ADMIN; `--backend proxy` needs no privilege.' };
  }
  if (/EBUSY/.test(said)) {
    return {
      reason: `${reason}: another process holds a device of this name in the same namespace`,
      mend: 'See `ip tuntap list` for the process that holds it, end it, and try again.',
    };
  }
  return { reason, mend: 'Choose another backend: `--backend auto` takes the best that works here.' };
}
