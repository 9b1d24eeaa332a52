import type { Family } from './family.ts';
import { CONNACK, TCP } from './flights.ts';

export const plain = {
  name: 'plain',
  title: 'plain TCP',
  description: 'MQTT over TCP without any security: the floor that every other mode is measured against.',
  security: undefined,
  theory: {
    flights: [...TCP, { from: 'client', sends: ['CONNECT'], arrives: ['connectReceived'] }, CONNACK],
    sources: ['RFC 9293 §3.5', 'OASIS MQTT 3.1.1 §3.1'],
  },
} as const satisfies Family;
