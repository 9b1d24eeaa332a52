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
  /** False where the broker sends no ticket with its first answer. */
  tickets?: boolean;
}

/**
 * A TLS 1.3 handshake (RFC 8446 §2, figure 1): one round trip; the client's Finished and its first application data
 * leave together, so the client is done one trip before the broker.
 */
export function tls13Full({ hello, broker, client, tickets = true }: Tls13Messages): TheoryFlight[] {
  return [
    ...TCP,
    { from: 'client', sends: [hello], arrives: [] },
    { from: 'broker', sends: broker, arrives: ['clientHandshakeDone'] },
    { from: 'client', sends: [...client, 'CONNECT'], arrives: ['serverHandshakeDone', 'connectReceived'] },
    tickets ? { ...CONNACK, sends: ['NewSessionTicket', 'CONNACK'] } : CONNACK,
  ];
}

/** The flights of a TLS 1.3 handshake that begins with a group which the broker does not have. */
export interface RetriedMessages extends Tls13Messages {
  /** The second ClientHello. */
  again: string;
}

/** A TLS 1.3 handshake with HelloRetryRequest (RFC 8446 §2.1, figure 2): one round trip more. */
export function tls13Retried({ hello, again, broker, client }: RetriedMessages): TheoryFlight[] {
  const [syn, synAck, ...rest] = tls13Full({ hello: again, broker, client });
  if (syn === undefined || synAck === undefined) return rest;
  return [
    syn,
    synAck,
    { from: 'client', sends: [hello], arrives: [] },
    { from: 'broker', sends: ['HelloRetryRequest'], arrives: [] },
    ...rest,
  ];
}

/**
 * An abbreviated TLS 1.2 handshake (RFC 5246 §7.3, figure 2): one round trip; the client's Finished and CONNECT leave
 * together, so that the client is done one trip before the broker.
 */
export function tls12Resumed(): TheoryFlight[] {
  return [
    ...TCP,
    { from: 'client', sends: ['ClientHello (session)'], arrives: [] },
    {
      from: 'broker',
      sends: ['ServerHello', 'ChangeCipherSpec', 'Finished'],
      arrives: ['clientHandshakeDone'],
    },
    {
      from: 'client',
      sends: ['ChangeCipherSpec', 'Finished', 'CONNECT'],
      arrives: ['serverHandshakeDone', 'connectReceived'],
    },
    CONNACK,
  ];
}

/** The same flights where the broker issues no session ticket (RFC 5077 §3.3, RFC 8446 §4.6.1); trips are the same. */
export function withoutTickets(flights: readonly TheoryFlight[]): TheoryFlight[] {
  return flights.map((flight) => ({
    ...flight,
    sends: flight.sends.filter((message) => message !== 'NewSessionTicket'),
  }));
}

/** The same flights with PUBLISH in the flight of CONNECT, which the client need not wait with (OASIS MQTT 3.1.1 §3.1.4). */
export function pipelined(flights: readonly TheoryFlight[]): TheoryFlight[] {
  return flights.map((flight) =>
    flight.sends.includes('CONNECT')
      ? { ...flight, sends: [...flight.sends, 'PUBLISH'], arrives: [...flight.arrives, 'publishReceived'] }
      : flight,
  );
}

/**
 * The same flights on to the end of a wake-up: the client publishes, waits for what the QoS asks (OASIS MQTT 3.1.1 §4.3),
 * and sends DISCONNECT (§3.14) with the end of its stream, after TLS with close_notify before it (RFC 8446 §6.1); the broker
 * closes in return. At QoS 0 the client waits for nothing, and PUBLISH and DISCONNECT leave together. Several messages leave
 * together and take the trips of one.
 */
export function untilDisconnected(flights: readonly TheoryFlight[], qos: 0 | 1 | 2): TheoryFlight[] {
  const early = flights.some(({ arrives }) => arrives.includes('publishReceived'));
  const acknowledged: TheoryFlight[] = [
    [],
    [{ from: 'broker' as const, sends: ['PUBACK'], arrives: ['pubackReceived' as const] }],
    [
      { from: 'broker' as const, sends: ['PUBREC'], arrives: ['pubrecReceived' as const] },
      { from: 'client' as const, sends: ['PUBREL'], arrives: [] },
      { from: 'broker' as const, sends: ['PUBCOMP'], arrives: ['pubcompReceived' as const] },
    ],
  ][qos] as TheoryFlight[];
  const publish: TheoryFlight = { from: 'client', sends: ['PUBLISH'], arrives: ['publishReceived'] };
  const published = early
    ? joined(flights, acknowledged)
    : [...flights, ...(qos === 0 ? [] : [publish]), ...acknowledged];
  const last: TheoryFlight = { from: 'client', sends: ['DISCONNECT', 'FIN'], arrives: [] };
  return [
    ...published,
    qos === 0 && !early ? { ...publish, sends: [...publish.sends, ...last.sends] } : last,
    { from: 'broker', sends: ['FIN'], arrives: ['disconnected'] },
  ];
}

/** Flights of which the first ones' last and the others' first are one: the broker answers CONNECT and PUBLISH together. */
function joined(flights: readonly TheoryFlight[], others: readonly TheoryFlight[]): TheoryFlight[] {
  const [last, first] = [flights.at(-1), others[0]];
  if (last === undefined || first === undefined) return [...flights];
  return [
    ...flights.slice(0, -1),
    { ...last, sends: [...last.sends, ...first.sends], arrives: [...last.arrives, ...first.arrives] },
    ...others.slice(1),
  ];
}

/**
 * The flights of a client whose certificate the broker refuses: the answer to the flight that carries it closes the
 * connection. Node and OpenSSL finish a TLS 1.2 handshake before they look at the verdict, so CONNECT never leaves.
 */
export function refusedInHandshake(flights: readonly TheoryFlight[]): TheoryFlight[] {
  const shown = flights.findIndex(({ from, sends }) => from === 'client' && sends.includes('Certificate'));
  const answer = flights[shown + 1];
  if (shown < 0 || answer === undefined)
    throw new RangeError('Expected flights with a certificate of the client');
  return [
    ...flights.slice(0, shown + 1).map(({ arrives, ...flight }, index) => ({
      ...flight,
      arrives: index < shown ? arrives : [],
    })),
    { from: 'broker', sends: ['alert or close'], arrives: ['refused'] },
  ];
}

/** The same flights where the broker's answer to CONNECT is no (OASIS MQTT 3.1.1 §3.2.2.3); what left with CONNECT is not read. */
export function refusedAtConnect(flights: readonly TheoryFlight[]): TheoryFlight[] {
  return flights.map((flight) => ({
    ...flight,
    arrives: flight.arrives
      .filter((milestone) => milestone !== 'publishReceived')
      .map((milestone) => (milestone === 'connackReceived' ? 'refused' : milestone)),
  }));
}

/**
 * The flights of a client that is let in and may not use its topic: PUBLISH is answered by the end of the connection
 * (OASIS MQTT 3.1.1 §3.3.5) or a PUBACK that refuses (MQTT 5.0 §3.4.2.1), SUBSCRIBE by a SUBACK of 0x80 (§3.9.3).
 */
export function refusedAtTopic(
  flights: readonly TheoryFlight[],
  action: 'publish' | 'subscribe',
): TheoryFlight[] {
  const no: TheoryFlight = {
    from: 'broker',
    sends: [action === 'publish' ? 'PUBACK or close' : 'SUBACK'],
    arrives: ['refused'],
  };
  const published = flights.some(({ arrives }) => arrives.includes('publishReceived'));
  if (action === 'publish' && published)
    return flights.map((flight) =>
      flight.arrives.includes('connackReceived')
        ? { ...flight, sends: [...flight.sends, ...no.sends], arrives: [...flight.arrives, 'refused'] }
        : flight,
    );
  return [
    ...flights,
    action === 'publish'
      ? { from: 'client', sends: ['PUBLISH'], arrives: ['publishReceived'] }
      : { from: 'client', sends: ['SUBSCRIBE'], arrives: [] },
    no,
  ];
}
