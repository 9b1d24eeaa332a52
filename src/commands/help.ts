import { EXIT } from '../exit-codes.ts';

export const EXAMPLES = `
Examples:
  $ mqtt-tls-bench doctor
  $ mqtt-tls-bench run scenarios/reference.yaml
  $ mqtt-tls-bench run scenarios/reference.yaml --set rounds=50 --set 'links=[geo-satellite, null]'
  $ mqtt-tls-bench run scenarios/reference.yaml --json > results.json
  $ mqtt-tls-bench compare results/runs/before results/runs/after --write markdown=comment.md
  $ mqtt-tls-bench gate my-fleet.yaml --baseline results/runs/before
  $ mqtt-tls-bench history add results/runs/after --file history.ndjson --label "$(git rev-parse --short HEAD)"
  $ mqtt-tls-bench run scenarios/reference.yaml --against-set 'broker={ name: aedes, noDelay: false }'
  $ mqtt-tls-bench modes tls13+pipelined=true
  $ mqtt-tls-bench trace tls13 --link lte --pcapng tls13.pcapng
  $ mqtt-tls-bench micro handshake tls12 tls13 tls13-psk
  $ mqtt-tls-bench init my-fleet.yaml
`;

const MEANINGS: Record<keyof typeof EXIT, string> = {
  good: 'good',
  internal: 'a defect of this tool',
  usage: 'wrong options, or a scenario or results file that is not valid',
  regression: 'a regression was found, or an expectation of the scenario does not hold',
  inconclusive: 'no verdict was possible (only with --fail-on-inconclusive)',
  environment: 'the machine lacks what was asked for',
  overBudget: "more connections failed or were excluded than the scenario's expect.failureBudget allows",
  interrupted: 'interrupted; what was measured until then is saved and marked incomplete',
};

export const EXIT_CODES = `
Exit codes:
${Object.entries(EXIT)
  .map(([name, code]) => `  ${String(code).padStart(3)}  ${MEANINGS[name as keyof typeof EXIT]}`)
  .join('\n')}
`;
