import { expect, test } from 'vitest';
import { fileProblem, memoryProblem, portProblem } from '../../src/lab/limits.ts';
import { sourcesOf } from '../../src/lab/sources.ts';
import { NULL_LINK } from '../../src/link/spec.ts';
import { makePlan, type Plan } from '../../src/scenario/plan.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import { holdSchema } from '../../src/swarm/workloads/settings/hold.ts';
import { scenarioWith } from '../helpers/runs.ts';

function planOf(clients: number, changes: Parameters<typeof scenarioWith>[0] = {}): Plan {
  return makePlan(
    scenarioWith({
      modes: ['plain', 'tls13'],
      links: [NULL_LINK],
      workloads: [holdSchema.parse({ kind: 'hold', clients })],
      ...changes,
    }),
  );
}

const HOPPED = {
  topologies: [topologyOf<string>({ name: 'tls-terminated' }, () => NULL_LINK)],
  modes: ['tls13'],
};

test('the broker has an open file for each client, an emulator in userland and a hop two', () => {
  expect(fileProblem(planOf(10_000), 'none', 20_000)).toBeUndefined();
  expect(fileProblem(planOf(10_000), 'tun', 20_000)).toBeUndefined();
  expect(fileProblem(planOf(10_000, HOPPED), 'tun', 20_000)).toBeDefined();
  const problem = fileProblem(planOf(10_000), 'proxy', 20_000);
  expect(problem).toMatchObject({ exitCode: 5 });
  expect(problem?.message).toBe('The run needs about 20064 open files in one process, the limit is 20000');
  expect(problem?.mend).toContain('ulimit -n 20064');
  expect(problem?.mend).toContain('fewer `clients`');
  expect(fileProblem(planOf(10_000), 'proxy', undefined)).toBeUndefined();
});

test('over bare loopback clients dial from many addresses, over everything else from one', () => {
  expect(portProblem(planOf(60_000), 'none', 28_232)).toBeUndefined();
  expect(portProblem(planOf(28_000), 'tun', 28_232)).toBeUndefined();
  for (const [backend, changes] of [
    ['tun', {}],
    ['proxy', {}],
    ['none', HOPPED],
  ] as const) {
    const problem = portProblem(planOf(30_000, changes), backend, 28_232);
    expect(problem).toMatchObject({ exitCode: 5 });
    expect(problem?.message).toContain('needs 30,000 ports to dial from');
    expect(problem?.mend).toContain('fewer `clients`');
  }
});

test('addresses are as many as the ports of each allow, and each cell has its own', () => {
  const [first, second] = planOf(40_000).cells;
  if (first === undefined || second === undefined) throw new Error('no cells');
  expect(sourcesOf(first, 'none', 40_000)).toEqual(['127.0.1.1', '127.0.1.2', '127.0.1.3']);
  expect(sourcesOf(second, 'none', 40_000)).toEqual(['127.0.2.1', '127.0.2.2', '127.0.2.3']);
  expect(sourcesOf(first, 'none', 10_000)).toEqual([]);
  expect(sourcesOf(first, 'tun', 40_000)).toEqual([]);
  // Where the kernel gives fewer ports, fewer clients share an address.
  expect(sourcesOf(first, 'none', 12_000, 10_000)).toEqual(['127.0.1.1', '127.0.1.2', '127.0.1.3']);
});

test('memory is asked for both ends of every client, and more with TLS', () => {
  expect(memoryProblem(planOf(10_000), 24e9)).toBeUndefined();
  const problem = memoryProblem(planOf(100_000), 10e9);
  expect(problem).toMatchObject({ exitCode: 5 });
  expect(problem?.message).toMatch(
    /^tls13\/null\/aedes\/direct\/hold takes about \d+\.\d GB for 100,000 clients and their broker, 10\.0 GB are available$/,
  );
  expect(problem?.mend).toContain('fewer `clients`');
  expect(memoryProblem(planOf(100_000, { modes: ['plain'] }), 10e9)).toBeUndefined();
  expect(memoryProblem(planOf(100_000), undefined)).toBeUndefined();
});

test('a workload of single connections asks for what is open at one time, whatever is in between', () => {
  const plan = makePlan(scenarioWith());
  expect(fileProblem(plan, 'tun', 20_000)).toBeUndefined();
  expect(fileProblem(plan, 'tun', 80)).toBeDefined();
  expect(portProblem(plan, 'tun', 10)).toBeUndefined();
  expect(memoryProblem(plan, 10)).toBeUndefined();
});
