import { foreignHop, type ForeignHop, type LogReader, type ProgramTls } from './foreign.ts';
import { passageOf } from './log.ts';

/** What a service says of a connection at `notice`. */
const SAID =
  /LOG5\[(\d+)\]: Service \[lane-(\d+)(-inner)?\] (accepted connection|connected remote server) from ([\d.]+:\d+)/;

/**
 * stunnel: a service that accepts TLS and dials without; encrypting anew takes a second service, which accepts what the
 * first one dials on loopback (stunnel(8)). TCP_NODELAY is set for both sides, which by default it is not.
 */
export const stunnelHop = foreignHop({
  name: 'stunnel',
  tool: 'stunnel4',
  cannotServe: () => undefined,
  cannotDial: (mode) =>
    mode.security?.refusedGroup === undefined
      ? undefined
      : 'the group that is offered first, and refused, would have to be set for its own connections alone',
  configure: (lanes) =>
    [
      'foreground = yes',
      'pid =',
      'syslog = no',
      // What it says of connections is at `notice`.
      `debug = ${lanes.some(({ client }) => client !== undefined) ? 'notice' : 'warning'}`,
      'socket = l:TCP_NODELAY=1',
      'socket = r:TCP_NODELAY=1',
      'socket = a:TCP_NODELAY=1',
      ...lanes.flatMap(({ listen, target, server, client, between }, index) => [
        `[lane-${index}]`,
        `accept = ${listen.host}:${listen.port}`,
        client === undefined ? `connect = ${target.host}:${target.port}` : `connect = 127.0.0.1:${between}`,
        ...settings(server),
        'TIMEOUTclose = 0',
        ...(server.ca === undefined
          ? []
          : [`CAfile = ${server.ca}`, 'verifyChain = yes', 'requireCert = yes']),
        ...(server.crl === undefined ? [] : [`CRLfile = ${server.crl}`]),
        ...(client === undefined
          ? []
          : [
              `[lane-${index}-inner]`,
              'client = yes',
              `accept = 127.0.0.1:${between}`,
              `connect = ${target.host}:${target.port}`,
              ...settings(client),
              'TIMEOUTclose = 0',
              // Each connection begins a session of its own, as those of the other hops do.
              'sessionResume = no',
              ...(client.ca === undefined
                ? []
                : [
                    `CAfile = ${client.ca}`,
                    'verifyChain = yes',
                    `checkHost = ${client.servername}`,
                    `sni = ${client.servername}`,
                  ]),
            ]),
      ]),
      '',
    ].join('\n'),
  args: (config) => [config],
  passages: stunnelPassages,
});

/**
 * Reads the lines at `notice` of both services of a lane: who came, by the number of the connection in its service, and who was
 * dialled for it. The two are put together by the connection between them, whose ends may speak in either order.
 */
export function stunnelPassages(lanes: Parameters<ForeignHop['passages']>[0]): LogReader {
  const came = new Map<string, string>();
  const clients = new Map<string, string>();
  const dialled = new Map<string, string>();
  return (line) => {
    const [, number = '', lane = '', inner, what, from = ''] = SAID.exec(line) ?? [];
    if (what === undefined) return undefined;
    const key = `${number} ${lane} ${inner ?? 'outer'}`;
    if (what.startsWith('accepted')) {
      came.set(key, from);
      return undefined;
    }
    const whose = came.get(key) ?? '';
    came.delete(key);
    const between = inner === undefined ? from : whose;
    if (inner === undefined) clients.set(between, whose);
    else dialled.set(between, from);
    const [client, local] = [clients.get(between), dialled.get(between)];
    if (client === undefined || local === undefined) return undefined;
    clients.delete(between);
    dialled.delete(between);
    const own = lanes[Number(lane)];
    return passageOf([client, own?.listen.port], [local, own?.target.port]);
  };
}

function settings({ version, suite, groups, identity, psk }: ProgramTls): string[] {
  return [
    `sslVersionMin = ${version}`,
    `sslVersionMax = ${version}`,
    version === 'TLSv1.3' ? `ciphersuites = ${suite}` : `ciphers = ${suite}`,
    ...(groups === undefined ? [] : [`curves = ${groups}`]),
    ...(identity === undefined ? [] : [`cert = ${identity.both}`, `key = ${identity.key}`]),
    ...(psk === undefined ? [] : [`PSKsecrets = ${psk}`]),
  ];
}
