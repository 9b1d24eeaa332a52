import * as z from 'zod';
import type { Protocol } from '../../../src/process/protocol.ts';

const route = z.strictObject({ host: z.string(), port: z.int() });
const times = z.strictObject({ tookMs: z.array(z.number()) });

/** A process at one end of a link: on the broker's side it is asked to serve, on the client's side to measure. */
export const peerProtocol = {
  role: 'peer',
  isTimed: false,
  calls: {
    /** Serves TLS 1.3 with a certificate. */
    serveTls: {
      params: z.strictObject({ host: z.string(), certPem: z.string(), keyPem: z.string() }),
      result: z.strictObject({ port: z.int() }),
    },
    /** Answers a request of four bytes with as many bytes as it says. */
    serveBytes: {
      params: z.strictObject({ host: z.string() }),
      result: z.strictObject({ port: z.int() }),
    },
    /** Answers every time stamp with its own. */
    serveStamps: {
      params: z.strictObject({ host: z.string() }),
      result: z.strictObject({ port: z.int() }),
    },
    /** From the write of a small packet to its arrival at the server, `count` of them on one connection. */
    oneWay: { params: z.strictObject({ route, count: z.int() }), result: times },
    /** From the connect to the end of the client's TLS handshake, one connection after the other. */
    handshake: {
      params: z.strictObject({ route, caPem: z.string(), servername: z.string() }),
      result: times,
    },
    /** From the connect to the last byte, `count` connections, so many at once. */
    download: {
      params: z.strictObject({ route, bytes: z.int(), count: z.int(), atOnce: z.int() }),
      result: times,
    },
  },
  events: z.never(),
} satisfies Protocol;
