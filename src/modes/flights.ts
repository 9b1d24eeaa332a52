import type { TheoryFlight } from '../model/theory.ts';

/** TCP's three-way handshake as far as it takes trips of its own (RFC 9293 §3.5); its last ACK rides with the data. */
export const TCP: TheoryFlight[] = [
  { from: 'client', sends: ['SYN'], arrives: ['tcpAccepted'] },
  { from: 'broker', sends: ['SYN-ACK'], arrives: ['tcpConnected'] },
];

/** The broker's answer to CONNECT (OASIS MQTT 3.1.1 §3.2). */
export const CONNACK: TheoryFlight = { from: 'broker', sends: ['CONNACK'], arrives: ['connackReceived'] };

/** Names of messages that differ between the certificate, mutual and PSK forms of a TLS 1.2 full handshake. */
export interface Tls12Messages {
  broker: string[];
  client: string[];
}

/**
 * A full TLS 1.2 handshake (RFC 5246 §7.3, figure 1; the ticket by RFC 5077 §3.3): two round trips, and the client
 * speaks first after them. The broker is done one trip before the client.
 */
export function tls12Full({ broker, client }: Tls12Messages): TheoryFlight[] {
  return [
    ...TCP,
    { from: 'client', sends: ['ClientHello'], arrives: [] },
    { from: 'broker', sends: broker, arrives: [] },
    { from: 'client', sends: client, arrives: ['serverHandshakeDone'] },
    {
      from: 'broker',
      sends: ['NewSessionTicket', 'ChangeCipherSpec', 'Finished'],
      arrives: ['clientHandshakeDone'],
    },
    { from: 'client', sends: ['CONNECT'], arrives: ['connectReceived'] },
    CONNACK,
  ];
}

/** What the flights of a TLS 1.3 handshake carry. */
export interface Tls13Messages {
  hello: string;
  broker: string[];
  client: string[];
}

/**
 * A TLS 1.3 handshake (RFC 8446 §2, figure 1): one round trip; the client's Finished and its first application data
 * leave together, so the client is done one trip before the broker.
 */
export function tls13Full({ hello, broker, client }: Tls13Messages): TheoryFlight[] {
  return [
    ...TCP,
    { from: 'client', sends: [hello], arrives: [] },
    { from: 'broker', sends: broker, arrives: ['clientHandshakeDone'] },
    { from: 'client', sends: [...client, 'CONNECT'], arrives: ['serverHandshakeDone', 'connectReceived'] },
    { ...CONNACK, sends: ['NewSessionTicket', 'CONNACK'] },
  ];
}
