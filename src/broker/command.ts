import { createHash } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BenchError, environmentError, usageError } from '../errors.ts';
import { modeNamed } from '../modes/index.ts';
import { needsFolder, PKI_FILES } from '../pki/folder.ts';
import { DEFAULT_NEEDS, listedEntries, needsId, type CertificateNeeds } from '../pki/needs.ts';
import { openProgram, type Program } from '../process/program.ts';
import { locateProgram } from '../process/tools.ts';
import type { BrokerKind, BrokerOptions, RunningBroker } from './broker.ts';
import { entryNameOf } from './by-mode.ts';
import {
  COMMAND_SHAPE,
  freePortNames,
  portNames,
  settingsOf,
  usesSource,
  type CommandSettings,
} from './command-settings.ts';
import type { Credentials } from './peer.ts';
import { fill, type Placeholder } from './placeholders.ts';
import { credentialsOf, isReference, readSecret } from './secrets.ts';
import { buildSource, builtSource, findSource, type BuiltSource } from './source.ts';
import { sourceOf } from './source-settings.ts';

/**
 * Any broker by its command line: a build of one's own, another version of one, one that the bench has no file for. It
 * is told its ports, certificates and folder by placeholders, and is ready when it accepts connections.
 */
export const command = {
  name: 'command',
  title: 'any broker by its command line',
  // Only trying tells.
  mqttVersions: ['3.1.1', '5'],
  stamps: 'wire',
  shape: COMMAND_SHAPE,
  lack: () => Promise.resolve(undefined),
  cannot: (mode, choice) => {
    const names = portNames(settingsOf(choice));
    if (entryNameOf(names, mode) !== undefined) return undefined;
    const has = names.length === 0 ? 'none' : names.join(', ');
    return `its command line has no port for it (it has: ${has}); {port:${mode.name}} in the command or in its files makes one`;
  },
  withPaths: (options, absolute) => {
    const { command: line, source } = settingsOf({ options });
    const [program = '', ...args] = line;
    const counts = program.includes('/') && !isBuilt(program);
    return {
      ...options,
      command: [counts ? absolute(program) : program, ...args],
      ...(source === undefined
        ? {}
        : { source: { ...source, repository: absolute(source.repository ?? '.') } }),
    };
  },
  check: async (choice) => {
    const settings = settingsOf(choice);
    const [program = ''] = settings.command;
    if (settings.source === undefined) {
      if (usesSource(settings)) missing('source', 'the broker has no `source`');
    } else {
      if (!usesSource(settings)) throw NOT_OF_ITS_SOURCE;
      await findSource(sourceOf(settings.source));
    }
    // What is yet to be built is not there.
    if (!isBuilt(program)) await locate(program);
    credentialsOf(settings);
    for (const [name, text] of Object.entries(settings.env ?? {}))
      if (isReference(text)) readSecret(text, `env.${name}`);
  },
  prepare: async (choice, { pkiFolder, step, signal }) => {
    const { source } = settingsOf(choice);
    if (source !== undefined) await buildSource(sourceOf(source), { privateFolder: pkiFolder, step, signal });
  },
  start,
} as const satisfies BrokerKind;

async function start(options: BrokerOptions): Promise<RunningBroker> {
  const { choice, host, prefix, label } = options;
  const settings = settingsOf(choice);
  const credentials = credentialsOf(settings);
  const env = new Map(
    Object.entries(settings.env ?? {}).map(([name, value]) => [
      name,
      isReference(value) ? { secret: readSecret(value, `env.${name}`) } : { template: value },
    ]),
  );
  const secrets = [
    ...Object.values(credentials ?? {}),
    ...[...env.values()].flatMap((value) => ('secret' in value ? value.secret : [])),
  ].filter((secret) => secret !== undefined);
  const source =
    settings.source === undefined
      ? undefined
      : await builtSource(sourceOf(settings.source), options.pkiFolder);
  const [named = '', ...args] = settings.command;
  const file = await locate(named.replace(SOURCE, source?.folder ?? ''));
  const folder = await mkdtemp(join(options.pkiFolder, 'command-'));
  const program = await openProgram({
    name: label ?? choice.id,
    prefix,
    onCrash: (error) => options.onCrash(withoutSecrets(error, secrets)),
  });
  try {
    const ports = await portsOf(settings, program, options);
    const text = (template: string): string =>
      fill(template, (placeholder) => valueOf(placeholder, { options, folder, ports, credentials, source }));
    for (const [name, content] of Object.entries(settings.files ?? {}))
      await writeFile(join(folder, name), text(content), { mode: 0o600 });
    const listeners = new Map(
      options.modes.map((mode) => {
        const port = ports.get(entryNameOf([...ports.keys()], modeNamed(mode)) ?? '');
        if (port === undefined)
          throw usageError(`The command line of ${choice.id} has no port for mode ${mode}`);
        return [mode, { host, port }];
      }),
    );
    const withinMs = settings.ready?.withinMs;
    await program.start({
      command: [file, ...args.map(text)],
      env: Object.fromEntries(
        [...env].map(([name, value]) => [name, 'secret' in value ? value.secret : text(value.template)]),
      ),
      folder,
      ready: [...listeners.values()],
      ...(withinMs === undefined ? {} : { withinMs }),
    });
    return {
      listeners,
      unserved: new Map(),
      version: `${basename(file)} (by command line, ${await fingerprint(file)}${revisionOf(source)})`,
      processes: [program],
      ...(credentials === undefined ? {} : { access: () => ({ credentials }) }),
      flush: () => Promise.resolve(),
      stop: () => program.stop(),
    };
  } catch (error) {
    await program.stop();
    throw error instanceof BenchError ? withoutSecrets(error, secrets) : error;
  }
}

const SOURCE = '{source}';

/** What is called a commit of it in the results would be whatever its program is. */
const NOT_OF_ITS_SOURCE = usageError(
  'broker.source: nothing that the broker is started from is of its source',
  "Name the built program as `command: ['{source}/…']`, or give it {source} in its arguments, files or env.",
);

/** Whether a program is one that its source brings. */
function isBuilt(program: string): boolean {
  return program.startsWith(SOURCE);
}

/** Tells commits of one repository apart. */
function revisionOf(source: BuiltSource | undefined): string {
  if (source === undefined) return '';
  return source.commit === undefined ? ', working tree' : `, commit ${source.commit.slice(0, 12)}`;
}

/** The program's file. Throws an environment error (exit code 5) when there is none. */
async function locate(program: string): Promise<string> {
  const file = await locateProgram(program);
  if (file !== undefined) return file;
  throw environmentError(
    `The broker's program ${program} is not there, or may not be executed`,
    'Name it in `broker.command` by a path that counts from the scenario, or by a name that PATH leads to.',
  );
}

/** A port for each mode that the command line has one for; a broker may listen on more than the run asks for. */
async function portsOf(
  settings: CommandSettings,
  program: Program,
  { host, choice }: BrokerOptions,
): Promise<Map<string, number>> {
  const fixed = Object.entries(settings.ports ?? {});
  const names = freePortNames(settings);
  const { port: first } = choice;
  const found =
    first === undefined
      ? await program.freePorts(host, names.length)
      : names.map((_, index) => first + index);
  const ports = new Map([
    ...fixed,
    ...names.map((name, index): [string, number] => [name, found[index] ?? 0]),
  ]);
  await program.checkPorts(host, [...ports.values()]);
  return ports;
}

/** What the placeholders of one start stand for. */
interface Values {
  options: BrokerOptions;
  folder: string;
  ports: ReadonlyMap<string, number>;
  credentials: Credentials | undefined;
  source: BuiltSource | undefined;
}

function valueOf({ name, mode }: Placeholder, values: Values): string {
  const { options, folder, ports, credentials, source } = values;
  switch (name) {
    case 'host':
      return options.host;
    case 'folder':
      return folder;
    case 'source':
      return source?.folder ?? missing(name, 'the broker has no `source`');
    case 'noDelay':
      return String(options.choice.noDelay);
    case 'port':
      return String(ports.get(mode ?? ''));
    case 'username':
    case 'password':
      return credentials?.[name] ?? missing(name, `the broker has no \`${name}: env:NAME\``);
    default:
      return pkiFile(name, mode, options);
  }
}

const FILES: Record<string, keyof typeof PKI_FILES> = {
  ca: 'ca',
  cert: 'brokerCert',
  key: 'brokerKey',
  clientCa: 'clientCa',
  psk: 'psk',
  crl: 'crl',
};

function pkiFile(name: string, mode: string | undefined, { modes, pkiFolder }: BrokerOptions): string {
  const needs = mode === undefined ? commonNeeds(name, modes) : modeNamed(mode).needs;
  const made = modes.some((each) => needsId(modeNamed(each).needs) === needsId(needs));
  if (!made) missing(`${name}:${mode}`, `the run has no mode with such certificates, ${mode} among them`);
  if (name === 'crl' && listedEntries(needs) === undefined)
    missing(name, 'no mode here has a revocation list (`crlEntries`)');
  return join(needsFolder(pkiFolder, needs), PKI_FILES[FILES[name] ?? 'ca']);
}

/** The certificates of all modes with TLS, where those are the same. */
function commonNeeds(name: string, modes: readonly string[]): CertificateNeeds {
  const secured = modes.map(modeNamed).filter(({ security }) => security !== undefined);
  const [first = { needs: modeNamed(modes[0] ?? 'plain').needs }] = secured;
  const other = secured.find(({ needs }) => needsId(needs) !== needsId(first.needs));
  if (other !== undefined)
    missing(name, `the modes have different certificates, so each needs its own: {${name}:${other.name}}`);
  return first.needs ?? DEFAULT_NEEDS;
}

function missing(placeholder: string, why: string): never {
  throw usageError(`{${placeholder}} of the broker's command line stands for nothing here: ${why}`);
}

/** Tells builds of one name apart. */
async function fingerprint(file: string): Promise<string> {
  const hash = createHash('sha256').update(await readFile(file));
  return `sha256 ${hash.digest('hex').slice(0, 12)}`;
}

/** A program that quotes its own configuration would quote what may stand nowhere. */
function withoutSecrets({ exitCode, message, mend }: BenchError, secrets: readonly string[]): BenchError {
  const hide = (text: string): string =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
  return new BenchError(exitCode, hide(message), mend === undefined ? {} : { mend: hide(mend) });
}
