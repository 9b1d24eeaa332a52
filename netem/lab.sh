#!/bin/sh
# The link 'reference' by hand, as `mqtt-tls-bench run --backend netem` makes it: two network namespaces, a pair of
# Ethernet devices between them, netem on each egress. Needs root, iproute2 and a kernel with sch_netem.
#
#   sh netem/lab.sh up      sets it up; then for example
#       ip netns exec bench-broker mosquitto -p 1883
#       ip netns exec bench-client ping -c 5 198.18.0.2
#   sh netem/lab.sh show    what went through each end, and what was dropped
#   sh netem/lab.sh down    takes it down
#
# Made by `node netem/make-lab.ts reference`, which makes one for any named link.
set -eu

up() {
  ip netns add bench-client
  ip netns add bench-broker
  trap '[ $? -eq 0 ] || down' EXIT
  # What would make one connection differ from the next; a kernel without IPv6 has nothing to switch off.
  ip netns exec bench-client sysctl -qw net.ipv4.tcp_no_metrics_save=1
  ip netns exec bench-broker sysctl -qw net.ipv4.tcp_no_metrics_save=1
  ip netns exec bench-client sysctl -qw net.ipv4.tcp_congestion_control=reno
  ip netns exec bench-broker sysctl -qw net.ipv4.tcp_congestion_control=reno
  ip netns exec bench-client sysctl -qw net.ipv6.conf.default.disable_ipv6=1 || true
  ip netns exec bench-broker sysctl -qw net.ipv6.conf.default.disable_ipv6=1 || true
  ip netns exec bench-client ip link set dev lo up
  ip netns exec bench-broker ip link set dev lo up
  ip netns exec bench-client ip link add up0 address 02:00:c6:12:00:01 type veth peer name down0 address 02:00:c6:12:00:02 netns bench-broker
  ip netns exec bench-client ip link set dev up0 mtu 1500 gso_max_segs 1 up
  ip netns exec bench-broker ip link set dev down0 mtu 1500 gso_max_segs 1 up
  ip netns exec bench-client ip addr add 198.18.0.1 peer 198.18.0.2 dev up0
  ip netns exec bench-broker ip addr add 198.18.0.2 peer 198.18.0.1 dev down0
  ip netns exec bench-client ip neigh add 198.18.0.2 lladdr 02:00:c6:12:00:02 nud permanent dev up0
  ip netns exec bench-broker ip neigh add 198.18.0.1 lladdr 02:00:c6:12:00:01 nud permanent dev down0
  ip netns exec bench-client tc qdisc add dev up0 root netem limit 35000 delay 34ms
  ip netns exec bench-broker tc qdisc add dev down0 root netem limit 35000 delay 34ms
}

show() {
  ip netns exec bench-client tc -s qdisc show
  ip netns exec bench-broker tc -s qdisc show
  ip netns exec bench-client ip addr show
  ip netns exec bench-broker ip addr show
}

down() {
  ip netns delete bench-client
  ip netns delete bench-broker
}

case "${1:-}" in
  up | show | down) "$1" ;;
  *) echo "usage: sh $0 up | show | down" >&2; exit 2 ;;
esac
