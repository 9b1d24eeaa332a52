import type { LinkSpec } from '../spec.ts';
import { CONGESTION_CONTROL } from '../namespace.ts';
import { addressesOf } from '../addresses.ts';
import { linkCommands, namespaceCommands, type Command } from './commands.ts';

const NAMESPACES = { client: 'bench-client', broker: 'bench-broker' } as const;

/** A shell script that sets one link up by hand, with the commands of a run, for who wants to look. */
export function labScript(link: LinkSpec): string {
  const { client, broker } = NAMESPACES;
  const brokerAddress = addressesOf(0).broker;
  return `#!/bin/sh
# The link '${link.id}' by hand, as \`mqtt-tls-bench run --backend netem\` makes it: two network namespaces, a pair of
# Ethernet devices between them, netem on each egress. Needs root, iproute2 and a kernel with sch_netem.
#
#   sh netem/lab.sh up      sets it up; then for example
#       ip netns exec ${broker} mosquitto -p 1883
#       ip netns exec ${client} ping -c 5 ${brokerAddress}
#   sh netem/lab.sh show    what went through each end, and what was dropped
#   sh netem/lab.sh down    takes it down
#
# Made by \`node netem/make-lab.ts ${link.id}\`, which makes one for any named link.
set -eu

up() {
  ip netns add ${client}
  ip netns add ${broker}
  trap '[ $? -eq 0 ] || down' EXIT
  # What would make one connection differ from the next; a kernel without IPv6 has nothing to switch off.
${sideBySide(
  ['net.ipv4.tcp_no_metrics_save=1', `net.ipv4.tcp_congestion_control=${CONGESTION_CONTROL}`].map(sysctl),
)
  .map((text) => `  ${text}`)
  .join('\n')}
${sideBySide([`${sysctl('net.ipv6.conf.default.disable_ipv6=1')} || true`])
  .map((text) => `  ${text}`)
  .join('\n')}
${[...namespaceCommands(), ...linkCommands(link, { index: 0, brokerNamespace: broker })].map(line).join('\n')}
}

show() {
${sideBySide(['tc -s qdisc show', 'ip addr show'])
  .map((text) => `  ${text}`)
  .join('\n')}
}

down() {
  ip netns delete ${client}
  ip netns delete ${broker}
}

case "\${1:-}" in
  up | show | down) "$1" ;;
  *) echo "usage: sh $0 up | show | down" >&2; exit 2 ;;
esac
`;
}

function line({ side, argv }: Command): string {
  return `  ip netns exec ${NAMESPACES[side]} ${argv.join(' ')}`;
}

function sysctl(setting: string): string {
  return `sysctl -qw ${setting}`;
}

function sideBySide(texts: readonly string[]): string[] {
  return texts.flatMap((text) =>
    Object.values(NAMESPACES).map((namespace) => `ip netns exec ${namespace} ${text}`),
  );
}
