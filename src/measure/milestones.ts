/**
 * The instants of one connection, in the order in which a full handshake passes them. `at` says whose clock stamps
 * it: the client, the broker, or a standing subscriber.
 */
export const MILESTONES = {
  tcpAccepted: {
    at: 'broker',
    meaning: 'the connection request is at the broker, whose TCP answers it (SYN-ACK leaves)',
  },
  tcpConnected: { at: 'client', meaning: 'the client holds the TCP SYN-ACK' },
  serverHandshakeDone: { at: 'broker', meaning: 'the broker finished the TLS handshake' },
  clientHandshakeDone: { at: 'client', meaning: 'the client finished the TLS handshake' },
  refused: {
    at: 'client',
    meaning:
      'the client learns that it is refused: by an alert, a CONNACK or SUBACK that says no, or the end of its connection, by a reset where a port is closed, or, where nobody answers, when it gives up',
  },
  connectReceived: { at: 'broker', meaning: 'first data: the broker holds the first byte of CONNECT' },
  connackSent: { at: 'broker', meaning: 'the broker wrote CONNACK' },
  connackReceived: { at: 'client', meaning: 'the client holds CONNACK' },
  subackReceived: { at: 'client', meaning: 'the client holds SUBACK' },
  publishReceived: { at: 'broker', meaning: 'the broker holds the first PUBLISH' },
  delivered: { at: 'subscriber', meaning: 'a standing subscriber one trip away holds the message' },
  pubackReceived: { at: 'client', meaning: 'the client holds PUBACK (QoS 1)' },
  pubrecReceived: { at: 'client', meaning: 'the client holds PUBREC (QoS 2)' },
  pubcompReceived: { at: 'client', meaning: 'the client holds PUBCOMP (QoS 2)' },
  disconnected: {
    at: 'client',
    meaning:
      'the socket of a client that goes to sleep is closed: it has sent DISCONNECT and FIN, and has read the end of what the broker sends',
  },
} as const satisfies Record<string, { at: 'client' | 'broker' | 'subscriber'; meaning: string }>;

export type Milestone = keyof typeof MILESTONES;

export const MILESTONE_NAMES = Object.keys(MILESTONES) as [Milestone, ...Milestone[]];

/** First data: the milestone on which modes are compared, since it is the same event at the same end in all of them. */
export const FIRST_DATA = 'connectReceived' satisfies Milestone;

/**
 * What a link can tell of the broker's end of a connection, by the bytes that pass it. `accepted`: the client's last part
 * of the TCP handshake is there; `firstFlight`: its first bytes are; `handshakeAnswered`: what ends the broker's handshake
 * leaves, where that comes after the client's part. The others are the milestones of these names, with
 * `serverHandshakeDone` when the client's last handshake bytes are there, before the broker has computed on them.
 */
export const WIRE_INSTANTS = [
  'accepted',
  'firstFlight',
  'serverHandshakeDone',
  'handshakeAnswered',
  'connectReceived',
  'connackSent',
  'publishReceived',
] as const;

export type WireInstant = (typeof WIRE_INSTANTS)[number];
