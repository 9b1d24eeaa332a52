import { CONNACK, TCP } from './flights.ts';
import type { Mode } from './mode.ts';

export const plain = {
  name: 'plain',
  title: 'plain TCP',
  description: 'MQTT over TCP without any security: the floor that every other mode is measured against.',
  theory: {
    flights: [...TCP, { from: 'client', sends: ['CONNECT'], arrives: ['connectReceived'] }, CONNACK],
    sources: ['RFC 9293 §3.5', 'OASIS MQTT 3.1.1 §3.1'],
  },
  expected: {
    protocol: undefined,
    suite: undefined,
    group: undefined,
    resumed: false,
    psk: false,
    brokerCertificate: false,
    clientCertificate: false,
  },
  client: () => undefined,
  broker: () => undefined,
} as const satisfies Mode;
