import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../../src/errors.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { toYaml } from '../../src/scenario/to-yaml.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const HEAD = `name: mine
question: Is it told?
modes: [plain, tls13]
links: [null]
workload: { kind: handshake }
broker:
`;

function scenarioOf(broker: string, folder = temporaryFolder()): string {
  const file = join(folder, 'it.yaml');
  const lines = broker.trim().split('\n');
  writeFileSync(file, HEAD + lines.map((line) => `  ${line}\n`).join(''));
  return file;
}

/** What is said of a scenario with such a broker, its first line being line 7 of the file. */
async function complaint(broker: string, set: readonly string[] = []): Promise<string> {
  const file = scenarioOf(broker);
  const error: unknown = await loadScenario(file, { set }).catch((thrown: unknown) => thrown);
  if (!(error instanceof BenchError)) throw new Error('Nothing is said of it');
  expect(error.exitCode).toBe(2);
  return error.message.replaceAll(file, 'it.yaml');
}

const COMMAND = `
name: command
label: mine
command: [./build/broker, -c, '{folder}/my.conf']
files:
  my.conf: |
    port {port:plain} { braces of its own }
env: { LEVEL: debug, BROKER_PASSWORD: env:BROKER_PASSWORD, SECRET: '{password}' }
ports: { tls13: 8883 }
ready: { withinMs: 5000 }
username: env:MQTT_USERNAME
password: env:MQTT_PASSWORD
`;

const EXTERNAL = `
name: external
urls: { plain: mqtt://broker.example, tls13: 'mqtts://broker.example:8884' }
ca: pki/ca.pem
serverName: other.example
clientCert: /etc/device.crt
clientKey: /etc/device.key
username: env:MQTT_USERNAME
password: env:MQTT_PASSWORD
pskIdentity: env:PSK_IDENTITY
pskKey: env:PSK_KEY
`;

describe.each([
  ['command', COMMAND],
  ['external', EXTERNAL],
])('%s', (name, text) => {
  it('is taken, and stands in the resolved scenario as it was written, wherever that is read', async () => {
    const folder = temporaryFolder();
    const scenario = await loadScenario(scenarioOf(text, folder));
    expect(scenario.brokers).toMatchObject([{ name, id: name === 'command' ? 'mine' : 'external' }]);
    const elsewhere = join(temporaryFolder(), 'run');
    mkdirSync(elsewhere);
    const resolved = join(elsewhere, 'scenario.yaml');
    writeFileSync(resolved, toYaml(scenario));
    expect(await loadScenario(resolved)).toEqual(scenario);
  });
});

describe('paths count from the scenario', () => {
  it('of the program, where it is a path', async () => {
    const folder = temporaryFolder();
    const file = relative(process.cwd(), scenarioOf(COMMAND, folder));
    const load = async (...set: string[]): Promise<unknown> =>
      (await loadScenario(file, { set })).brokers[0]?.options['command'];
    const rest = ['-c', '{folder}/my.conf'];
    expect(await load()).toEqual([join(folder, 'build/broker'), ...rest]);
    expect(await load('broker.command.0=../old/broker')).toEqual([join(folder, '../old/broker'), ...rest]);
    expect(await load('broker.command.0=mosquitto')).toEqual(['mosquitto', ...rest]);
  });

  it('of files', async () => {
    const folder = temporaryFolder();
    const [broker] = (await loadScenario(scenarioOf(EXTERNAL, folder))).brokers;
    expect(broker?.options).toMatchObject({ ca: join(folder, 'pki/ca.pem'), clientCert: '/etc/device.crt' });
  });
});

describe('a secret that stands in a scenario is refused, and not repeated', () => {
  const SAYS =
    'a secret may not stand in a scenario, expected the name of an environment variable that has it';

  it.each([
    [
      'a password',
      EXTERNAL.replace('password: env:MQTT_PASSWORD', 'password: hush-hush'),
      '14:13: broker.password',
      'password: env:MQTT_PASSWORD',
    ],
    [
      'a user name',
      COMMAND.replace('username: env:MQTT_USERNAME', 'username: hush-hush'),
      '16:13: broker.username',
      'username: env:MQTT_USERNAME',
    ],
    [
      'a number',
      EXTERNAL.replace('password: env:MQTT_PASSWORD', 'password: 4711'),
      '14:13: broker.password',
      'password: env:MQTT_PASSWORD',
    ],
    [
      'a pre-shared key',
      EXTERNAL.replace('pskKey: env:PSK_KEY', 'pskKey: c0ffee'),
      '16:11: broker.pskKey',
      'pskKey: env:MQTT_PSK_KEY',
    ],
    [
      'a variable that is called a secret',
      COMMAND.replace('env:BROKER_PASSWORD', 'hush-hush'),
      '13:41: broker.env.BROKER_PASSWORD',
      'BROKER_PASSWORD: env:MQTT_BROKER_PASSWORD',
    ],
  ])('%s', async (_, text, where, mend) => {
    expect(await complaint(text)).toBe(`it.yaml:${where}: ${SAYS}: ${mend}`);
  });

  it.each([
    'API_KEY',
    'apikey',
    'MQTT_PASSWD',
    'TLS_PASSPHRASE',
    'DB_PWD',
    'PASS',
    'AUTH_TOKEN',
    'CREDENTIALS_FILE',
    'DEVICE_PSK',
  ])('a variable called %s', async (name) => {
    const text = COMMAND.replace('BROKER_PASSWORD: env:BROKER_PASSWORD', `${name}: hush-hush`);
    expect(await complaint(text)).toContain(`broker.env.${name}: ${SAYS}`);
  });

  it.each(['COMPASS', 'KEYBOARD', 'BYPASS', 'PATHS'])(
    'but not a variable called %s, which is none',
    async (name) => {
      const text = COMMAND.replace('BROKER_PASSWORD: env:BROKER_PASSWORD', `${name}: in-the-open`);
      const { brokers } = await loadScenario(scenarioOf(text, temporaryFolder()));
      expect(brokers[0]?.options['env']).toMatchObject({ [name]: 'in-the-open' });
    },
  );

  it('beside other faults', async () => {
    const text = 'name: external\npassword: hush-hush';
    expect(await complaint(text)).toBe(
      [
        '2 problems in it.yaml',
        'it.yaml:7:3: broker.urls: missing, expected a mapping',
        `it.yaml:8:13: broker.password: ${SAYS}: password: env:MQTT_PASSWORD`,
      ].join('\n'),
    );
  });

  it('in a URL', async () => {
    const text = EXTERNAL.replace('mqtts://broker', 'mqtts://user:hush-hush@broker');
    expect(await complaint(text)).toBe(
      'it.yaml:8:48: broker.urls.tls13: a secret may not stand in a scenario, so not in a URL either; expected the keys username: env:NAME and password: env:NAME',
    );
  });

  it.each([
    'broker.password=hush-hush',
    'broker={ name: external, urls: { plain: mqtt://h }, password: hush-hush }',
    'broker.urls.plain=mqtt://me:hush-hush@h',
    'broker.password hush-hush',
  ])('by an option: %s', async (option) => {
    const message = await complaint(EXTERNAL, [option]);
    expect(message).toMatch(/--set broker[.a-z]*=…: /);
    expect(message).not.toContain('hush');
  });
});

describe('what cannot be meant is refused', () => {
  it.each([
    ['command without a command', 'name: command'],
    ['an empty command', COMMAND.replace(/command: \[.*/, 'command: []')],
    ['a shell string', COMMAND.replace(/command: \[.*/, 'command: ./broker -c x')],
    ['a placeholder without quotes', COMMAND.replace("'{folder}/my.conf'", '{port:plain}')],
    ['an unknown placeholder', COMMAND.replace('{port:plain}', '{prot:plain}')],
    ['a port of no mode', COMMAND.replace('{port:plain}', '{port}')],
    ['a port of an unknown mode', COMMAND.replace('{port:plain}', '{port:tsl13}')],
    ['a host of a mode', COMMAND.replace('{port:plain}', '{host:plain}')],
    ['a password among the arguments', COMMAND.replace('-c,', '"-P{password}",')],
    ['a file in another folder', COMMAND.replace('  my.conf: |', '  ../my.conf: |')],
    ['a fixed port of an unknown mode', COMMAND.replace('{ tls13: 8883 }', '{ tsl13: 8883 }')],
    ['a port that there is not', COMMAND.replace('8883', '88830')],
    ['external without URLs', 'name: external'],
    ['no URL', EXTERNAL.replace(/urls: .*/, 'urls: {}')],
    ['a URL of an unknown mode', EXTERNAL.replace('plain: mqtt', 'plian: mqtt')],
    ['no URL at all', EXTERNAL.replace('mqtt://broker.example,', 'broker.example,')],
    ['WebSockets', EXTERNAL.replace('mqtt://broker.example,', 'ws://broker.example,')],
    ['TLS to a plain URL', EXTERNAL.replace('mqtts://', 'mqtt://')],
    ['plain to a URL of TLS', EXTERNAL.replace('mqtt://', 'mqtts://')],
    ['a path in a URL', EXTERNAL.replace('broker.example,', 'broker.example/topic,')],
    ['a port of its own', `${EXTERNAL}port: 1883`],
    ['an unknown key', `${EXTERNAL}servername: x`],
  ])('%s', async (_, text) => {
    expect(await complaint(text)).toMatchSnapshot();
  });

  it('a name alone, where that says too little', async () => {
    const file = join(temporaryFolder(), 'it.yaml');
    writeFileSync(file, HEAD.replace('broker:\n', 'broker: external\n'));
    await expect(loadScenario(file)).rejects.toMatchObject({
      exitCode: 2,
      message: `${file}:6:9: broker: expected aedes, mosquitto, nats, rabbitmq, a mapping with name or a list, got "external"`,
    });
  });
});
