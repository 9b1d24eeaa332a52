import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { log, print } from './output.ts';

/** A scenario that runs as it stands, with every other choice in a comment. */
const SCENARIO = `# yaml-language-server: $schema=./scenario.schema.json
# For completion and checks in an editor: mqtt-tls-bench schema > scenario.schema.json

# What this scenario is called (letters, digits, dashes), and the question that it answers.
name: my-fleet
question: What does TLS 1.3 cost our devices before the broker holds their first byte?

# How connections are secured. \`mqtt-tls-bench modes\` describes them.
modes: [plain, tls12, tls13]

# What lies between clients and broker: names of \`mqtt-tls-bench links\`, or links of your own.
links:
  - reference
  # Nothing in between: what the machine itself costs. With it, trips can be told from compute.
  - null
  # A link of your own has either oneWayMs or rttMs; every value may be one for each direction.
  # - name: our-carrier
  #   oneWayMs: { up: 120, down: 90 }
  #   rateKbit: { up: 62, down: 26 }

# What the clients do.
workload:
  kind: handshake           # one connection of every cell each round; or \`pubsub\`: steady load
  action: publish           # once the client holds CONNACK: publish or subscribe
  qos: 1
  payloadBytes: 64
  connectionsPerSecond: 35  # of all cells together; far below saturation

# Connections of each cell, and rounds that warm up and count in no figure.
rounds: 50
warmupRounds: 3

# The same seed makes the same plan and the same order of arrivals.
seed: 1

expect:
  # The share of connections that may fail or be excluded; more ends with exit code 6.
  failureBudget: 0.01
`;

/** `init [FILE]`: writes a commented scenario; never over a file that exists. */
export async function execute(file: string): Promise<ExitCode> {
  try {
    await mkdir(dirname(file), { recursive: true });
  } catch (error) {
    throw usageError(`${file} cannot be written: ${messageOf(error)}`);
  }
  try {
    await writeFile(file, SCENARIO, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw usageError(`${file} cannot be written: ${messageOf(error)}`);
    }
    throw usageError(
      `${file} exists already, and init never overwrites`,
      'Name another file: mqtt-tls-bench init FILE.',
    );
  }
  print(file);
  log(`Now change it, then: mqtt-tls-bench run ${file}`);
  return EXIT.good;
}
