import type { Mode } from '../../modes/mode.ts';
import { firstGroupLack, foreignHop, type LogReader, type ProgramTls } from './foreign.ts';
import { passageOf } from './log.ts';

/** By this its lines of connections are told from what else it says. */
const PASSAGE = 'passage';

/**
 * HAProxy in TCP mode: `bind … ssl` ends TLS, `server … ssl` encrypts anew (Configuration Manual 2.6, §5.1, §5.2). It dials
 * when the client's handshake is done. TCP_NODELAY is its default.
 */
export const haproxyHop = foreignHop({
  name: 'haproxy',
  tool: 'haproxy',
  cannotServe: pskLack,
  cannotDial: (mode) =>
    pskLack(mode) ??
    firstGroupLack(
      mode,
      'HAProxy 2.6 has no list of groups for its own connections (Configuration Manual §5.2)',
    ),
  configure: (lanes) =>
    [
      'global',
      '  maxconn 8000',
      '  nbthread 1',
      '  log stdout format raw local0',
      // Sessions by identifier are kept for as long as the bench's own broker keeps them.
      '  tune.ssl.lifetime 86400',
      'defaults',
      '  mode tcp',
      '  timeout connect 30s',
      '  timeout client 1h',
      '  timeout server 1h',
      ...lanes.flatMap(({ listen, target, server, client }, index) => [
        `listen lane-${index}`,
        ...(client === undefined
          ? []
          : ['  log global', '  option logasap', `  log-format "${PASSAGE} %ci:%cp %fp %bi:%bp %sp"`]),
        `  bind ${listen.host}:${listen.port} backlog 4096 ssl crt ${quoted(server.identity?.both)} ${common(server)}${
          server.groups === undefined ? '' : ` curves ${server.groups}`
        }${server.ca === undefined ? '' : ` ca-file ${quoted(server.ca)} verify required`}${
          server.crl === undefined ? '' : ` crl-file ${quoted(server.crl)}`
        }${server.tickets ? '' : ' no-tls-tickets'}`,
        `  server broker ${target.host}:${target.port}${
          client === undefined
            ? ''
            : ` ssl ${common(client)} verify required ca-file ${quoted(client.ca)} sni str(${client.servername}) verifyhost ${client.servername} no-ssl-reuse${
                client.identity === undefined ? '' : ` crt ${quoted(client.identity.both)}`
              }`
        }`,
      ]),
      '',
    ].join('\n'),
  args: (config) => ['-db', '-f', config],
  passages: haproxyPassages,
});

/** Reads the lines that the configuration asks for: the ends that dialled, and the ports that they dialled. */
export function haproxyPassages(): LogReader {
  return (line) => {
    const [word, client, port, local, brokerPort] = line.split(' ');
    return word === PASSAGE ? passageOf([client, port], [local, brokerPort]) : undefined;
  };
}

/** In single quotes nothing but their own end means anything (Configuration Manual 2.6, §2.2). */
function quoted(path = ''): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

function common({ version, suite }: ProgramTls): string {
  const option = version === 'TLSv1.3' ? 'ciphersuites' : 'ciphers';
  return `ssl-min-ver ${version} ssl-max-ver ${version} ${option} ${suite}`;
}

function pskLack({ security }: Mode): string | undefined {
  return security?.authentication.endsWith('psk') === true
    ? 'HAProxy has no TLS-PSK: a bind line with ssl needs a certificate (Configuration Manual 2.6, §5.1)'
    : undefined;
}
