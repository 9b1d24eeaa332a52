import { randomBytes } from 'node:crypto';
import { access, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modeNamed } from '../modes/index.ts';
import type { Mode } from '../modes/mode.ts';
import { needsFolder, PKI_FILES } from '../pki/folder.ts';
import { listedEntries, needsId } from '../pki/needs.ts';
import type { ProgramStart } from '../process/program.ts';
import { locateTool, toolLack } from '../process/tools.ts';
import type { BrokerKind } from './broker.ts';
import { startForeign, type Listener, type ProcessContext } from './foreign.ts';

/**
 * RabbitMQ with its plug-in rabbitmq_mqtt, by rabbitmq.com/docs/mqtt, …/ssl and …/configure. TLS is a matter of the
 * whole node, so modes that differ in it have nodes of their own. What rabbitmq.conf has no key for is an option of
 * Erlang's ssl, given in advanced.config.
 */
export const rabbitmq = {
  name: 'rabbitmq',
  title: 'RabbitMQ (MQTT plug-in)',
  mqttVersions: ['3.1.1'],
  stamps: 'wire',
  shape: {},
  lack: async () => (await toolLack('rabbitmq-server')) ?? toolLack('epmd'),
  version: rabbitmqVersion,
  cannot,
  // rabbitmq.com/docs/mqtt, "Supported MQTT features": "QoS 0 (at most once) and QoS 1 (at least once) publish & subscribe".
  qos2Lack: () => Promise.resolve("RabbitMQ's MQTT plug-in has QoS 0 and 1 only"),
  start: async (options) => {
    let epmd: Promise<number> | undefined;
    return startForeign(options, {
      version: await rabbitmqVersion(),
      group: nodesFor,
      prepare: async (context) => prepare(context, await (epmd ??= startEpmd(context))),
    });
  },
} as const satisfies BrokerKind;

/** The names that Erlang has for groups (ssl, `supported_groups`). */
const GROUPS: Record<string, string | undefined> = {
  X25519: 'x25519',
  X448: 'x448',
  'P-256': 'secp256r1',
  'P-384': 'secp384r1',
};

function cannot({ security, needs, axes }: Mode): string | undefined {
  if (security === undefined) return undefined;
  const { authentication, protocol, group, resumption } = security;
  // Erlang's ssl looks a key up by a function of the program's (`user_lookup_fun`), in TLS 1.2 alone.
  if (authentication.endsWith('psk'))
    return 'RabbitMQ has no setting for pre-shared keys: Erlang asks the program for them, and it has no answer';
  // Erlang's ssl, `session_tickets`: of TLS 1.3 alone.
  if (resumption === 'ticket' && protocol === 'TLSv1.2')
    return "Erlang's ssl has tickets in TLS 1.3 alone; TLS 1.2 is resumed by session ID";
  const wanted = axes.group ?? group;
  if (wanted !== undefined && GROUPS[wanted] === undefined)
    return `Erlang's ssl of this version has no group ${wanted}`;
  // Erlang's ssl, `crl_cache`: over HTTP, from a folder of hashed names, or by a call of the program's.
  if (listedEntries(needs) !== undefined)
    return "RabbitMQ has no setting for a file of revocation lists: Erlang's ssl fetches them";
  return undefined;
}

/** Debian puts a wrapper on the PATH that becomes the user of the service; the program itself is here. */
const DEBIAN_SCRIPT = '/usr/lib/rabbitmq/bin/rabbitmq-server';

async function script(): Promise<string> {
  const direct = await access(DEBIAN_SCRIPT).then(
    () => true,
    () => false,
  );
  return realpath(direct ? DEBIAN_SCRIPT : ((await locateTool('rabbitmq-server')) ?? 'rabbitmq-server'));
}

/** It would take seconds to say it by itself; its folder has it in its name. */
async function rabbitmqVersion(): Promise<string> {
  const version = /rabbitmq_server-([^/]+)/.exec(await script())?.[1];
  return `rabbitmq ${version ?? 'of an unknown version'}`;
}

/**
 * Modes that a node can serve together: its clients each offer one version, one suite and one group, so that it may have
 * those of all of them. Plain TCP goes with any.
 */
function nodesFor(modes: readonly string[]): string[][] {
  const plain = modes.filter((mode) => modeNamed(mode).security === undefined);
  const secured = modes.filter((mode) => !plain.includes(mode));
  const [first = [], ...others] = Map.groupBy(secured, (mode) => nodeWide(modeNamed(mode))).values();
  return [[...plain, ...first], ...others].filter((node) => node.length > 0);
}

/** What of a mode counts for a whole node. */
function nodeWide({ security, needs, tickets, axes }: Mode): string {
  const mutual = security?.authentication === 'mutual';
  const group = axes.group ?? security?.group;
  return JSON.stringify([needsId(needs), mutual, group, security?.resumption, tickets]);
}

/** An emulated processor, or a busy one, takes its time to boot Erlang. */
const READY_WITHIN_MS = 180_000;

async function prepare(
  { options, listeners, folder, freePort }: ProcessContext,
  epmd: number,
): Promise<ProgramStart> {
  const { host, pkiFolder } = options;
  const file = (name: string): string => join(folder, name);
  const secured = listeners.filter(({ mode }) => modeNamed(mode).security !== undefined);
  await writeFile(file('rabbitmq.conf'), configuration(options, listeners));
  await writeFile(
    file('advanced.config'),
    sslTerms(
      secured.map(({ mode }) => modeNamed(mode)),
      pkiFolder,
    ),
  );
  await writeFile(file('enabled_plugins'), '[rabbitmq_mqtt].\n');
  await writeFile(file('.erlang.cookie'), randomBytes(20).toString('hex'), { mode: 0o400 });
  return {
    // With this variable its script becomes Erlang instead of standing before it; the rest is what it is for.
    command: [await script(), '-noinput'],
    env: {
      RABBITMQ_ALLOW_INPUT: '1',
      HOME: folder,
      RABBITMQ_CONF_ENV_FILE: file('none'),
      RABBITMQ_CONFIG_FILE: file('rabbitmq.conf'),
      RABBITMQ_ADVANCED_CONFIG_FILE: file('advanced.config'),
      RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins'),
      RABBITMQ_MNESIA_BASE: file('mnesia'),
      RABBITMQ_LOG_BASE: file('log'),
      RABBITMQ_LOGS: '-',
      RABBITMQ_PID_FILE: file('pid'),
      RABBITMQ_FEATURE_FLAGS_FILE: file('feature_flags'),
      RABBITMQ_GENERATED_CONFIG_DIR: file('generated'),
      RABBITMQ_NODENAME: `bench${randomBytes(6).toString('hex')}@localhost`,
      RABBITMQ_DIST_PORT: String(await freePort()),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false',
      ERL_EPMD_PORT: String(epmd),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      ERL_CRASH_DUMP: '/dev/null',
    },
    folder,
    ready: listeners.map(({ port }) => ({ host, port })),
    withinMs: READY_WITHIN_MS,
  };
}

/** Erlang starts a daemon that would outlive the run, unless there is one at this port. */
async function startEpmd({ helper, freePort }: ProcessContext): Promise<number> {
  const epmd = await helper('epmd');
  const port = await freePort();
  await epmd.start({
    command: [(await locateTool('epmd')) ?? 'epmd', '-port', String(port), '-address', '127.0.0.1'],
    ready: [{ host: '127.0.0.1', port }],
  });
  return port;
}

function configuration({ host, choice }: ProcessContext['options'], listeners: readonly Listener[]): string {
  const secured = listeners.filter(({ mode }) => modeNamed(mode).security !== undefined);
  const plain = listeners.filter((listener) => !secured.includes(listener));
  const places = (kind: string, all: readonly Listener[]): string[] =>
    all.length === 0
      ? [`mqtt.listeners.${kind} = none`]
      : all.map(({ port }, index) => `mqtt.listeners.${kind}.${index + 1} = ${host}:${port}`);
  return [
    'listeners.tcp = none',
    ...places('tcp', plain),
    ...places('ssl', secured),
    `mqtt.tcp_listen_options.nodelay = ${choice.noDelay}`,
    'mqtt.tcp_listen_options.backlog = 4096',
    'mqtt.allow_anonymous = true',
    // The user of those who name none, from anywhere: clients in a namespace do not come over loopback.
    'mqtt.default_user = guest',
    'mqtt.default_pass = guest',
    'loopback_users = none',
    'log.console = true',
    'log.console.level = warning',
    'log.file = false',
    // It would refuse publishers on a disk that is fuller than it likes.
    'disk_free_limit.absolute = 1MB',
    '',
  ].join('\n');
}

/** The options of Erlang's ssl for some modes, as terms of Erlang. */
function sslTerms(modes: readonly Mode[], pkiFolder: string): string {
  const [first] = modes;
  if (first?.security === undefined) return '[].\n';
  const { security, needs } = first;
  const file = (which: keyof typeof PKI_FILES): string =>
    JSON.stringify(join(needsFolder(pkiFolder, needs), PKI_FILES[which]));
  const speaks = (protocol: string): boolean => modes.some((mode) => mode.security?.protocol === protocol);
  const group = groupOf(first);
  const options = [
    `{certfile, ${file('brokerCert')}}`,
    `{keyfile, ${file('brokerKey')}}`,
    ...(security.authentication === 'mutual'
      ? [`{cacertfile, ${file('clientCa')}}`, '{verify, verify_peer}', '{fail_if_no_peer_cert, true}']
      : ['{verify, verify_none}']),
    `{ciphers, [${[...new Set(modes.map(suiteName))].map((name) => JSON.stringify(name)).join(', ')}]}`,
  ];
  const versions = [];
  if (speaks('TLSv1.3')) {
    versions.push("'tlsv1.3'");
    if (group !== undefined) options.push(`{supported_groups, [${group}]}`);
    // Off unless asked for.
    if (security.resumption === 'ticket') options.push('{session_tickets, stateless}');
  }
  if (speaks('TLSv1.2')) {
    versions.push("'tlsv1.2'");
    // It refuses every client that is to have X25519 alone; what it takes instead is seen by trying.
    if (group !== undefined && group !== 'x25519') options.push(`{eccs, [${group}]}`);
  }
  options.push(`{versions, [${versions.join(', ')}]}`);
  return `[{rabbit, [{ssl_options, [${options.join(',\n  ')}]}]}].\n`;
}

/** The group that a mode's clients offer, as Erlang calls it. */
function groupOf({ security, axes }: Mode): string | undefined {
  const name = axes.group ?? security?.group;
  return name === undefined ? undefined : GROUPS[name];
}

/** Erlang knows suites by OpenSSL's names, without what OpenSSL's list says beside them. */
function suiteName({ context }: Mode): string {
  return (context?.ciphers ?? '').replace(/:@.*$/, '');
}
