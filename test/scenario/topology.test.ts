import { expect, test } from 'vitest';
import { complaint, GOOD, having, load } from './loading.ts';

test('a topology that lets nobody in is for handshakes alone, and a list says which item it is', async () => {
  const closed = 'topology: [direct, { name: firewall, closed: drop }]';
  const other = having('workload: { kind: pubsub }');
  expect(await complaint(`${other}${closed}\n`)).toBe(
    "it.yaml:6:20: topology.1: nobody is let in, which only the workload 'handshake' measures, not 'pubsub'",
  );
  expect((await load(`${GOOD}${closed}\n`)).topologies.map(({ id }) => id)).toEqual(['direct', 'firewall']);
});

test('a failover is for topologies that have another path', async () => {
  const failing = having('workload: { kind: failover }');
  expect(await complaint(`${failing}topology: [redundant-firewalls, firewall]\n`)).toBe(
    "it.yaml:6:33: topology.1: there is no other path, which the workload 'failover' needs; expected redundant-firewalls",
  );
  expect(await complaint(failing)).toContain("there is no other path, which the workload 'failover' needs");
  const { workloads } = await load(`${failing}topology: redundant-firewalls\n`);
  expect(workloads).toMatchObject([{ kind: 'failover', clients: 100, keepAliveSeconds: 5, retryMs: 1000 }]);
  expect(
    await complaint(
      `${having('workload: { kind: failover, retryJitter: 2 }')}topology: redundant-firewalls\n`,
    ),
  ).toContain('workload.retryJitter: expected at most 1, got 2');
});

test('a tunnel that each connection raises is for workloads that connect anew', async () => {
  const cold = 'topology: [direct, { name: vpn, warm: false }]';
  for (const kind of ['pubsub', 'storm', 'hold'])
    expect(await complaint(`${having(`workload: { kind: ${kind} }`)}${cold}\n`)).toBe(
      `it.yaml:6:20: topology.1: each connection raises a tunnel of its own, which the workloads 'handshake' and 'wake' do, not '${kind}'; expected warm: true`,
    );
  expect((await load(`${having('workload: { kind: wake }')}${cold}\n`)).topologies).toHaveLength(2);
  expect((await load(`${having('workload: { kind: pubsub }')}topology: vpn\n`)).topologies).toHaveLength(1);
});

test('a firewall closes by `reject` or `drop`', async () => {
  expect(await complaint(`${GOOD}topology: { name: firewall, closed: silence }\n`)).toContain(
    'topology.closed: expected reject or drop, got "silence"',
  );
});

test.each([
  ['tls13+auth=password', '`auth` is what the clients show'],
  ['tls13-resumed', 'resumes none'],
  ['plain', 'that is tls-terminated'],
])('a hop dials its broker in no mode such as %s', async (inner, why) => {
  const topology = `topology: { name: tls-reencrypted, inner: ${inner} }\n`;
  expect(await complaint(`${GOOD}${topology}`)).toContain(why);
});
