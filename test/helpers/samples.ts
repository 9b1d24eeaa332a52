import type { Flow } from '../../src/link/flow.ts';
import type { Sample } from '../../src/measure/sample.ts';
import type { Attempt } from '../../src/swarm/workloads/handshake.protocol.ts';

/** A good sample over nothing in particular. */
export function sampleWith(changes: Partial<Sample> = {}): Sample {
  return {
    id: 0,
    cell: 'tls13/near/aedes/direct/handshake',
    round: 0,
    warmup: false,
    intendedAtMs: 0,
    startLateMs: 0,
    outcome: { status: 'ok' },
    tainted: [],
    milestonesMs: {},
    negotiated: {},
    flights: [],
    ...changes,
  };
}

/** What a swarm tells of a good attempt that began at one second of the clock, from port 40000 to port 1883. */
export function attemptWith(changes: Partial<Attempt> = {}): Attempt {
  return {
    id: 1,
    startedUs: 1_000_000,
    stampsUs: { tcpConnected: 1_000_300, connackReceived: 1_002_000 },
    local: { host: '127.0.0.1', port: 40_000 },
    dialledPort: 1883,
    modelledConnectMs: 0,
    negotiated: { noDelay: true },
    ...changes,
  };
}

/** The same attempt as the link saw it. */
export function flowWith(changes: Partial<Flow> = {}): Flow {
  return {
    client: { host: '127.0.0.1', port: 40_000 },
    dialledPort: 1883,
    linkId: 'near',
    openedUs: 1_000_200,
    atBroker: {},
    flights: [],
    bytesUp: 0,
    bytesDown: 0,
    maxLateMs: 0,
    ...changes,
  };
}
