import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { complaint, complaintOf, GOOD, having, load } from './loading.ts';

test('fills defaults in, looks profiles up and makes lists of single values', async () => {
  expect(await load(GOOD)).toEqual({
    name: 'good',
    question: 'Does it load?',
    modes: ['plain', 'tls13'],
    links: [
      {
        id: 'reference',
        up: { delayMs: 34, jitterMs: 0, loss: 0 },
        down: { delayMs: 34, jitterMs: 0, loss: 0 },
      },
    ],
    brokers: [{ id: 'aedes', name: 'aedes', port: undefined, noDelay: true, runtime: 'node', options: {} }],
    topologies: [{ id: 'direct', name: 'direct', innerLink: undefined, options: {} }],
    workloads: [
      {
        kind: 'handshake',
        action: 'publish',
        qos: 1,
        payloadBytes: 64,
        connectionsPerSecond: 35,
        arrivals: 'even',
        timeoutMs: 30_000,
        workers: 1,
      },
    ],
    rounds: 200,
    warmupRounds: 3,
    seed: 1,
    expect: { failureBudget: 0.01 },
  });
});

test('takes rttMs as two one-way delays and values for each direction', async () => {
  const { links } = await load(
    having('links: [{ rttMs: 68 }, { name: sat, oneWayMs: { up: 300, down: 250 }, rateKbit: 5 }]'),
  );
  expect(links).toEqual([
    { id: '34ms', up: { delayMs: 34, jitterMs: 0, loss: 0 }, down: { delayMs: 34, jitterMs: 0, loss: 0 } },
    {
      id: 'sat',
      up: { delayMs: 300, jitterMs: 0, loss: 0, rateKbit: 5 },
      down: { delayMs: 250, jitterMs: 0, loss: 0, rateKbit: 5 },
    },
  ]);
});

test('a bare `null` in links is the null link, as its name would be', async () => {
  expect((await load(having('links: [null]'))).links).toEqual((await load(having("links: ['null']"))).links);
});

test('tells all that is wrong with a scenario at once, each at its place', async () => {
  const text = `name: Bad Name
question: ""
modes: [tsl13, plain, plain]
links:
  - refrence
  - oneWayMs: 34
    rttMs: 68
  - { jitterMs: 1 }
  - oneWayMs: -1
  - oneWayMs: .nan
  - oneWayMs: { up: 1, dwn: 2 }
  - latencyMs: 5
    oneWayMs: 1
  - 5
broker: { nam: aedes }
topology: [direct, direct]
workload:
  kind: pubsub
  qos: 4
  publisherz: 3
rounds: 1000000000
warmupRounds: 1.5
seed: many
nosuch: 1
expect:
  failureBudget: 2
`;
  expect(await complaint(text)).toMatchInlineSnapshot(`
    "21 problems in it.yaml
    it.yaml:1:7: name: expected a name of lower-case letters, digits and dashes, got "Bad Name"
    it.yaml:2:11: question: expected at least 1 character, got ""
    it.yaml:3:9: modes.0: expected plain, tls12, tls13, tls12-psk, tls12-psk-ccm8, tls12-ecdhe-psk, tls12-dhe-psk, tls13-psk, mtls12, mtls13, tls12-resumed-id, tls12-resumed-ticket, mtls12-resumed-ticket, tls13-resumed, mtls13-resumed, tls13-hrr, tls13-x25519, tls13-p256, tls13-mlkem or a mapping with mode, got "tsl13"; did you mean "tls13"?
    it.yaml:5:5: links.0: expected null, lan, reference, wifi, transatlantic, 5g, lte, 4g, 3g, 3g-slow, 2g, edge, edge-lossy, 2g-rural, geo-satellite, leo-satellite, lte-m, nb-iot, nb-iot-poor or a mapping, got "refrence"; did you mean "reference"?
    it.yaml:6:5: links.1: a link has either \`oneWayMs\` or \`rttMs\`, not both: a round trip is two one-way delays
    it.yaml:8:5: links.2: a link needs its delay: \`oneWayMs\` (for example 34) or \`rttMs\` (for example 68)
    it.yaml:9:15: links.3.oneWayMs: expected at least 0, got -1
    it.yaml:10:15: links.4.oneWayMs: expected a number or a mapping with up and down, got NaN
    it.yaml:11:15: links.5.oneWayMs.down: missing, expected a number
    it.yaml:11:24: links.5.oneWayMs.dwn: unknown key, expected up or down; did you mean "down"?
    it.yaml:12:5: links.6.latencyMs: unknown key, expected name, oneWayMs, rttMs, jitterMs, jitterDistribution, loss, burstLoss, rateKbit, reorder or duplicate
    it.yaml:14:5: links.7: expected null, lan, reference, wifi, transatlantic, 5g, lte, 4g, 3g, 3g-slow, 2g, edge, edge-lossy, 2g-rural, geo-satellite, leo-satellite, lte-m, nb-iot, nb-iot-poor or a mapping, got 5
    it.yaml:15:9: broker.name: missing, expected aedes, mosquitto, nats, rabbitmq, command or external
    it.yaml:16:20: topology.1: direct stands in this list a second time (first as item 0), expected each name once
    it.yaml:19:8: workload.qos: expected 0, 1 or 2, got 4
    it.yaml:20:3: workload.publisherz: unknown key, expected kind, publishers, subscribers, ratePerPublisher, payloadBytes, qos, seconds, timeoutMs, client, workers, protection or tamper; did you mean "publishers"?
    it.yaml:21:9: rounds: expected at most 100000, got 1000000000
    it.yaml:22:15: warmupRounds: expected a whole number, got 1.5
    it.yaml:23:7: seed: expected a number, got "many"
    it.yaml:24:1: nosuch: unknown key, expected name, question, modes, linkProfiles, links, broker, topology, workload, rounds, warmupRounds, seed or expect
    it.yaml:26:18: expect.failureBudget: expected at most 1, got 2"
  `);
});

test.each([
  ['a missing key', GOOD.replace('modes: [plain, tls13]\n', '')],
  ['an unknown mode', having('modes: [tls1.3]')],
  ['an unknown mode like none there is', having('modes: [quic]')],
  ['an unknown key', having('round: 5')],
  ['no modes', having('modes: []')],
  ['no links', having('links: []')],
  ['no workload', having('workload: []')],
  ['a mode where a list belongs', having('modes: plain')],
  ['a key without a value', having('rounds:')],
  ['a text where a number belongs', having('rounds: "50"')],
  ['infinitely many rounds', having('rounds: .inf')],
  ['no rounds', having('rounds: 0')],
  ['an unknown workload', having('workload: { kind: stampede }')],
  ['a storm at a negative rate', having('workload: { kind: storm, connectionsPerSecond: -5 }')],
  ['a storm of nobody', having('workload: { kind: storm, clients: 0 }')],
  ['a fleet of unknown clients', having('workload: { kind: hold, client: paho }')],
  ['more clients than may be', having('workload: { kind: hold, clients: 1000000 }')],
  ['a workload without kind', having('workload: { qos: 1 }')],
  ['a workload by name alone', having('workload: handshake')],
  ['the wrong of several workloads', having('workload: [{ kind: handshake }, { kind: pubsub, seconds: 0 }]')],
  ['a broker that there is not', having('broker: mosquito')],
  ['a port that there is not', having('broker: { name: aedes, port: 70000 }')],
  ['an X.509 identity without a certificate', having('modes: [{ mode: tls13, auth: x509 }]')],
  ['a wrong password that nobody asks for', having('modes: [{ mode: plain, credentials: wrong-password }]')],
  ['a password of a mode', having('modes: [{ mode: plain, auth: password, password: "hunter2" }]')],
  ['a password of a broker', having('broker: { name: aedes, password: hunter2 }')],
  ['a token of access management', having('broker: { name: aedes, access: { token: hunter2 } }')],
  ['a negative delay of access management', having('broker: { name: aedes, access: { delayMs: -1 } }')],
  ['an unknown key of access management', having('broker: { name: aedes, access: { delay: 20 } }')],
  ['a denial where nobody is asked', having('broker: { name: aedes, access: { deny: connect } }')],
  [
    'a delay of a mode that there is not',
    having('broker: { name: aedes, access: { delayMsByMode: { tls1: 5 } } }'),
  ],
  [
    'a delay longer than anybody waits',
    having('broker: { name: aedes, access: { delayMs: 200, timeoutMs: 100 } }'),
  ],
  ['both delays', having('links: [{ oneWayMs: 34, rttMs: 68 }]')],
  ['no delay', having('links: [{ name: fast }]')],
  ['a negative delay one way', having('links: [{ oneWayMs: { up: -5, down: 5 } }]')],
  ['loss of everything', having('links: [{ oneWayMs: 5, loss: 1 }]')],
  ['one link under two spellings', having('links: [{ oneWayMs: 34 }, { rttMs: 68 }]')],
  ['a list', '- plain\n'],
  ['a sentence', 'measure it, please\n'],
  ['nothing', ''],
  ['a comment', '# later\n'],
  ['an unclosed list', 'name: [a\nquestion: b\n'],
  ['tabs', 'name: a\nexpect:\n\tfailureBudget: 1\n'],
  ['a key twice', `${GOOD}rounds: 5\nname: again\n`],
  ['two documents', `${GOOD}---\n${GOOD}`],
  ['an empty list item', having('links:\n  - reference\n  -')],
  ['an alias of nothing', having('links: [*mine]')],
  ['a list for a key', `${GOOD}[a, b]: 1\n`],
  ['a tag', having('rounds: !many 5')],
  ['a prototype', `${GOOD}__proto__: { rounds: 5 }\n`],
])('refuses %s', async (_, text) => {
  expect(await complaint(text)).toMatchSnapshot();
});

test('refuses aliases that multiply without end', async () => {
  const bomb = [`a: &a [${'x,'.repeat(9)}x]`];
  for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef']) {
    bomb.push(`${to}: &${to} [${`*${from},`.repeat(9)}*${from}]`);
  }
  expect(await complaint(bomb.join('\n'))).toMatch(/^it\.yaml:1:1: Excessive alias count/);
});

test('a fault inside an anchor is told where the anchor stands', async () => {
  const text = `${GOOD.replace('links: [reference]', 'links: &slow [{ oneWayMs: -1 }]')}broker: *slow\n`;
  expect(await complaint(text)).toContain('it.yaml:4:27: links.0.oneWayMs: expected at least 0, got -1');
});

test('a missing file: names the one that was meant, or how to make one', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'reference.yaml'), GOOD);
  expect(await complaintOf(join(folder, 'refrence.yml'), folder)).toMatchInlineSnapshot(`
    "refrence.yml: there is no such file, expected a scenario
    Did you mean reference.yaml?"
  `);
  expect(await complaintOf(join(folder, 'satellite.yaml'), folder)).toMatchInlineSnapshot(`
    "satellite.yaml: there is no such file, expected a scenario
    \`mqtt-tls-bench init\` writes a scenario to start from."
  `);
});

test('a folder: names what it holds', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'scenarios'));
  expect(await complaintOf(join(folder, 'scenarios'), folder)).toMatchInlineSnapshot(`
    "scenarios: this is a folder, expected a scenario file
    \`mqtt-tls-bench init\` writes a scenario to start from."
  `);
  for (const name of ['b.yaml', 'a.yml', 'notes.txt']) writeFileSync(join(folder, 'scenarios', name), GOOD);
  expect(await complaintOf(join(folder, 'scenarios'), folder)).toMatchInlineSnapshot(`
    "scenarios: this is a folder, expected a scenario file
    Name a file of it: a.yml or b.yaml."
  `);
});

test('--set changes what the file says, in order', async () => {
  const scenario = await load(GOOD, [
    'rounds=7',
    'modes=[tls12]',
    'modes.1=mtls13',
    'links.0={ oneWayMs: 5 }',
    'links[0].loss=0.25',
    'expect.failureBudget=0',
    'workload.qos=2',
    'rounds=8',
  ]);
  expect(scenario).toMatchObject({
    rounds: 8,
    modes: ['tls12', 'mtls13'],
    links: [{ id: '5ms-loss0.25' }],
    expect: { failureBudget: 0 },
    workloads: [{ kind: 'handshake', qos: 2 }],
  });
});

test('a fault that --set brought in is told with the option, beside those of the file', async () => {
  const set = [
    'rounds=abc',
    'nosuch=1',
    'expect.budget=1',
    'workload.kind=pubsbu',
    'links.5=lte',
    'links.first=lte',
    'links.0.oneWayMs=3',
    'seed=',
    '__proto__.rounds=1',
  ];
  expect(await complaint(having('modes: []'), set)).toMatchInlineSnapshot(`
    "10 problems in it.yaml
    it.yaml:5:8: modes: expected at least 1 item, got an empty list
    it.yaml: --set workload.kind=pubsbu: workload.kind: expected handshake, pubsub, failover, wake, storm or hold, got "pubsbu"; did you mean "pubsub"?
    it.yaml: --set rounds=abc: rounds: expected a number, got "abc"
    it.yaml: --set seed=: seed: expected a number, got nothing
    it.yaml: --set expect.budget=1: expect.budget: unknown key, expected failureBudget, trips, bytes, negotiated or limits
    it.yaml: --set nosuch=1: nosuch: unknown key, expected name, question, modes, linkProfiles, links, broker, topology, workload, rounds, warmupRounds, seed or expect
    it.yaml: --set __proto__.rounds=1: __proto__: unknown key, expected name, question, modes, linkProfiles, links, broker, topology, workload, rounds, warmupRounds, seed or expect
    it.yaml: --set links.5=lte: links is a list of 1, expected an index from 0 to 1, got 5
    it.yaml: --set links.first=lte: links is a list of 1, expected an index from 0 to 1, got "first"
    it.yaml: --set links.0.oneWayMs=3: links.0 is "reference", expected a mapping or a list to set oneWayMs in; set links.0 as a whole"
  `);
});

test.each([['rounds'], ['=5'], ['links..oneWayMs=5'], ['rounds=['], ['links=*mine']])(
  'refuses --set %s',
  async (option) => {
    expect(await complaint(GOOD, [option])).toMatchSnapshot();
  },
);
