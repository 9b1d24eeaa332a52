import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modeNamed } from '../../modes/index.ts';
import type { Mode } from '../../modes/mode.ts';
import { needsFolder, PKI_FILES, readBrokerMaterial, readClientMaterial } from '../../pki/folder.ts';
import { BROKER_NAME } from '../../pki/material.ts';
import { openProgram } from '../../process/program.ts';
import { locateTool, toolLack, type ToolName } from '../../process/tools.ts';
import type { HopPassage } from '../hop-passage.ts';
import { WRONG_NAME } from '../hop-record.ts';
import type { HopKind, HopLane, HopStart, RunningHop } from './kind.ts';

/** One end of a TLS connection as a program's configuration has it. */
export interface ProgramTls {
  version: 'TLSv1.2' | 'TLSv1.3';
  /** In OpenSSL's words, for the option that its version has. */
  suite: string;
  /** As OpenSSL lists them; undefined where no group is negotiated. */
  groups: string | undefined;
  /** Own chain and key, in files of their own and in one; undefined where this end shows none. */
  identity: { cert: string; key: string; both: string } | undefined;
  /** The authority that the other end is verified by; undefined where it shows nothing. */
  ca: string | undefined;
  /** The revocation lists that clients are checked against. */
  crl: string | undefined;
  /** The file of the pre-shared key, a line `identity:hexkey`; undefined where there is none. */
  psk: string | undefined;
  tickets: boolean;
}

/** A lane of a program: where it listens and dials, and with what. */
export interface ProgramLane {
  listen: { host: string; port: number };
  target: { host: string; port: number };
  server: ProgramTls;
  /** Undefined where the broker is spoken to without TLS. */
  client: (ProgramTls & { servername: string }) | undefined;
  /** A further free port of loopback, for programs that need one between two parts of theirs. */
  between: number;
}

/** Given the next line of a log, answers which passage is known now. */
export type LogReader = (line: string) => HopPassage | undefined;

/** How a program is told what to do. */
export interface ForeignHop {
  name: string;
  tool: ToolName;
  cannotServe(mode: Mode): string | undefined;
  cannotDial(mode: Mode): string | undefined;
  /** The text of its configuration; files of its own belong in `folder`. */
  configure(lanes: readonly ProgramLane[], folder: string): string | Promise<string>;
  /** Its arguments, given the file of the configuration. */
  args(config: string, folder: string): string[];
  /**
   * Begins to read what it says of lanes that dial under TLS, line by line: whose connection a line shows to be passed on. What
   * is passed on in clear tells by itself whose it is.
   */
  passages(lanes: readonly Pick<ProgramLane, 'listen' | 'target'>[]): LogReader;
}

/** A program that is not the bench's own as a hop: it tells no more than its log does, and dials when it likes to. */
export function foreignHop(foreign: ForeignHop): HopKind {
  return {
    name: foreign.name,
    tells: false,
    keepsWarm: false,
    lack: () => toolLack(foreign.tool),
    cannotServe: (mode) => systemLack(mode) ?? foreign.cannotServe(mode),
    cannotDial: (mode) => systemLack(mode) ?? foreign.cannotDial(mode),
    start: (start) => startProgram(foreign, start),
  };
}

/** What the OpenSSL 3.0 that Debian builds them with does not have, or none of their configurations can say. */
function systemLack({ security, axes, tickets }: Mode): string | undefined {
  const group = axes.group ?? security?.group;
  if (group?.includes('MLKEM') === true) return `its OpenSSL 3.0 has no ${group}`;
  if (axes.key?.startsWith('ml-dsa') === true) return `its OpenSSL 3.0 has no ${axes.key}`;
  return security?.protocol === 'TLSv1.3' && !tickets
    ? 'it cannot be told to send no tickets in TLS 1.3'
    : undefined;
}

/**
 * Why a program that offers groups as its OpenSSL lists them by default cannot dial in a mode: its key share in TLS 1.3 is
 * for the first of them, X25519, and another group would cost a HelloRetryRequest that nobody sees.
 */
export function firstGroupLack({ security, axes }: Mode, why: string): string | undefined {
  const group = security?.refusedGroup ?? axes.group ?? security?.group;
  return security?.protocol !== 'TLSv1.3' || group === undefined || group === 'X25519'
    ? undefined
    : `${why}: its first ClientHello would offer X25519, not ${group}`;
}

async function startProgram(
  foreign: ForeignHop,
  { label, lanes, innerCertificate, context }: HopStart,
): Promise<RunningHop> {
  const { link, pkiFolder, onCrash, onPassage } = context;
  const host = link.brokerHost;
  // The label of a paired run has a colon, which separates paths in lists of them.
  const folder = join(pkiFolder, `hop-${label.replaceAll(':', '_')}`);
  await mkdir(folder, { mode: 0o700 });
  const own: ProgramLane[] = [];
  let passageIn: LogReader | undefined;
  const program = await openProgram({
    name: `hop-${label}`,
    prefix: link.prefix.broker,
    onCrash,
    onLine: (line) => {
      const passage = passageIn?.(line);
      if (passage !== undefined) onPassage(passage);
    },
  });
  try {
    const ports = await program.freePorts(host, 2 * lanes.length);
    for (const [index, lane] of lanes.entries())
      own.push({
        listen: { host, port: ports[2 * index] ?? 0 },
        between: ports[2 * index + 1] ?? 0,
        target: lane.target,
        ...(await endsOf(lane, innerCertificate, { pkiFolder, folder, name: `lane-${index}` })),
      });
    passageIn = foreign.passages(own);
    const config = join(folder, 'hop.conf');
    await writeFile(config, await foreign.configure(own, folder), { mode: 0o600 });
    const file = await locateTool(foreign.tool);
    await program.start({
      command: [file ?? foreign.tool, ...foreign.args(config, folder)],
      folder,
      ready: own.map(({ listen: { port } }) => ({ host: '127.0.0.1', port })),
    });
    return {
      endpoints: own.map(({ listen }) => listen),
      processes: [program],
      flush: () => Promise.resolve(),
      stop: () => program.stop(),
    };
  } catch (error) {
    await program.stop();
    throw error;
  }
}

interface Places {
  pkiFolder: string;
  folder: string;
  name: string;
}

async function endsOf(
  { mode: outerName, innerMode: innerName }: HopLane,
  innerCertificate: HopStart['innerCertificate'],
  places: Places,
): Promise<Pick<ProgramLane, 'server' | 'client'>> {
  const [outer, inner] = [modeNamed(outerName), modeNamed(innerName)];
  const files = needsFolder(places.pkiFolder, outer.needs);
  const material = await readBrokerMaterial(places.pkiFolder, outer.needs);
  const options = outer.broker(material);
  const isMutual = options?.requestCert === true;
  const server: ProgramTls = {
    ...parametersOf(outer, options?.ecdhCurve),
    identity: options?.cert === undefined ? undefined : await identityOf(files, 'broker', places),
    ca: isMutual ? join(files, PKI_FILES.clientCa) : undefined,
    crl: isMutual && material.crlPem !== undefined ? join(files, PKI_FILES.crl) : undefined,
    psk: options?.pskCallback === undefined ? undefined : join(files, PKI_FILES.psk),
  };
  const innerFiles = needsFolder(places.pkiFolder, inner.needs);
  const client = inner.client(await readClientMaterial(places.pkiFolder, inner.needs));
  if (client === undefined) return { server, client };
  const { context, psk } = client;
  const { ca, clientCa } = PKI_FILES;
  return {
    server,
    client: {
      ...parametersOf(inner, context.ecdhCurve),
      identity: context.cert === undefined ? undefined : await identityOf(innerFiles, 'client', places),
      ca: psk === undefined ? join(innerFiles, innerCertificate === 'wrong-ca' ? clientCa : ca) : undefined,
      crl: undefined,
      psk: psk === undefined ? undefined : join(innerFiles, PKI_FILES.psk),
      servername: innerCertificate === 'wrong-name' ? WRONG_NAME : BROKER_NAME,
    },
  };
}

function parametersOf(
  { security, context, tickets, resumption }: Mode,
  groups: string | undefined,
): Pick<ProgramTls, 'version' | 'suite' | 'groups' | 'tickets'> {
  if (security === undefined || context?.ciphers === undefined) throw new Error('A hop without TLS to end');
  return {
    version: security.protocol,
    suite: context.ciphers,
    groups,
    tickets: tickets && resumption !== 'session-id',
  };
}

/** HAProxy and stunnel want the chain and the key in one file. */
async function identityOf(
  files: string,
  end: 'broker' | 'client',
  { folder, name }: Places,
): Promise<NonNullable<ProgramTls['identity']>> {
  const [cert, key] = [join(files, PKI_FILES[`${end}Cert`]), join(files, PKI_FILES[`${end}Key`])];
  const both = join(folder, `${name}-${end}.pem`);
  await writeFile(both, `${await readFile(cert, 'utf8')}${await readFile(key, 'utf8')}`, { mode: 0o600 });
  return { cert, key, both };
}
