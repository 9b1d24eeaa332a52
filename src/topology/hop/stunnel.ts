import { foreignHop, type ProgramTls } from './foreign.ts';

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
      'debug = warning',
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
});

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
