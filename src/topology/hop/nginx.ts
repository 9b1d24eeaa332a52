import { environmentError } from '../../errors.ts';
import type { Mode } from '../../modes/mode.ts';
import { findStreamModule } from '../../process/nginx-stream.ts';
import { locateTool } from '../../process/tools.ts';
import { firstGroupLack, foreignHop, type LogReader, type ProgramTls } from './foreign.ts';
import { passageOf } from './log.ts';

/**
 * nginx with its stream modules: ngx_stream_ssl_module ends TLS, ngx_stream_proxy_module dials, with `proxy_ssl` under TLS.
 * It dials when the client's handshake is done. TCP_NODELAY is its default.
 */
export const nginxHop = foreignHop({
  name: 'nginx',
  tool: 'nginx',
  cannotServe: pskLack,
  cannotDial: (mode) =>
    pskLack(mode) ??
    firstGroupLack(mode, 'nginx has no list of groups for its own connections (ngx_stream_proxy_module)'),
  configure: async (lanes, folder) =>
    [
      ...(await loadLines()),
      'daemon off;',
      // The folder with the keys is its owner's alone.
      ...(process.getuid?.() === 0 ? ['user root root;'] : []),
      'worker_processes 1;',
      `pid ${quoted(`${folder}/nginx.pid`)};`,
      // What it says of connections to the broker is at `info`.
      `error_log stderr ${lanes.some(({ client }) => client !== undefined) ? 'info' : 'warn'};`,
      'events { worker_connections 8192; }',
      'stream {',
      ...lanes.flatMap(({ listen, target, server, client }, index) => [
        '  server {',
        `    listen ${listen.host}:${listen.port} ssl backlog=4096;`,
        ...directives('ssl', server),
        `    ssl_session_cache shared:lane${index}:4m;`,
        '    ssl_session_timeout 1d;',
        `    ssl_session_tickets ${server.tickets ? 'on' : 'off'};`,
        ...(server.groups === undefined ? [] : [`    ssl_ecdh_curve ${server.groups};`]),
        ...(server.ca === undefined
          ? []
          : [
              '    ssl_verify_client on;',
              `    ssl_client_certificate ${quoted(server.ca)};`,
              '    ssl_verify_depth 4;',
            ]),
        ...(server.crl === undefined ? [] : [`    ssl_crl ${quoted(server.crl)};`]),
        `    proxy_pass ${target.host}:${target.port};`,
        '    proxy_timeout 1h;',
        ...(client === undefined
          ? []
          : [
              '    proxy_ssl on;',
              ...directives('proxy_ssl', client),
              '    proxy_ssl_verify on;',
              '    proxy_ssl_verify_depth 4;',
              `    proxy_ssl_trusted_certificate ${quoted(client.ca)};`,
              `    proxy_ssl_name ${client.servername};`,
              '    proxy_ssl_server_name on;',
              '    proxy_ssl_session_reuse off;',
            ]),
        '  }',
      ]),
      '}',
      '',
    ].join('\n'),
  args: (config, folder) => ['-e', 'stderr', '-p', folder, '-c', config],
  passages: nginxPassages,
});

/** Reads the lines at `info` of a client that came and of the broker that was dialled for it: both have the connection's number. */
export function nginxPassages(): LogReader {
  const clients = new Map<string, [string | undefined, string | undefined]>();
  return (line) => {
    const [, number, who, from, port] =
      /: \*(\d+) (client|proxy) ([\d.]+:\d+) connected to [\d.]+:(\d+)/.exec(line) ?? [];
    if (number === undefined) return undefined;
    if (who === 'client') {
      clients.set(number, [from, port]);
      return undefined;
    }
    const client = clients.get(number);
    clients.delete(number);
    return client && passageOf(client, [from, port]);
  };
}

/** What makes it load its stream module, where that is not compiled in. */
async function loadLines(): Promise<string[]> {
  const module = await findStreamModule((await locateTool('nginx')) ?? 'nginx');
  return typeof module === 'object' ? [`load_module ${quoted(module.file)};`] : [];
}

/** Throws an environment error (exit code 5) for what nginx takes for a variable, which no quotes hinder. */
function quoted(path = ''): string {
  if (path.includes('$'))
    throw environmentError(
      `nginx cannot be given the file ${path}: in its configuration '$' begins a variable`,
      'Set TMPDIR to a folder without it in its path.',
    );
  return `"${path.replaceAll(/[\\"]/g, '\\$&')}"`;
}

function directives(prefix: 'ssl' | 'proxy_ssl', { version, suite, identity }: ProgramTls): string[] {
  return [
    `    ${prefix}_protocols ${version};`,
    version === 'TLSv1.3'
      ? `    ${prefix}_conf_command Ciphersuites ${suite};`
      : `    ${prefix}_ciphers ${suite};`,
    ...(identity === undefined
      ? []
      : [
          `    ${prefix}_certificate ${quoted(identity.cert)};`,
          `    ${prefix}_certificate_key ${quoted(identity.key)};`,
        ]),
  ];
}

function pskLack({ security }: Mode): string | undefined {
  return security?.authentication.endsWith('psk') === true
    ? 'nginx has no TLS-PSK: a server with ssl needs a certificate (ngx_stream_ssl_module)'
    : undefined;
}
