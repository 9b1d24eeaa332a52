import { usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { ATTACK_NAMES, ATTACKS, type AttackOutcome } from '../payload/attacks.ts';
import type { Method, Promises } from '../payload/method.ts';
import { PROPERTY_NAMES, type Property } from '../payload/properties.ts';
import { keepsItsPromises, tryMethod, type Trial } from '../payload/trial.ts';
import { integer, NONE } from '../report/format.ts';
import { methodsOf } from './method-names.ts';
import { columns, log, print, printJson } from './output.ts';

interface PayloadOptions {
  attack?: boolean;
  attempts: number;
  genuine: number;
  seed: number;
  json?: boolean;
}

const PROMISE_TITLES: Record<keyof Promises, string> = {
  integrity: 'integrity',
  authentication: 'authentication',
  nonRepudiation: 'non-repudiation',
  confidentiality: 'confidentiality',
  replay: 'replay',
};
const PROMISE_NAMES = Object.keys(PROMISE_TITLES) as (keyof Promises)[];
/** A payload as long as a record of a few readings. */
const EXAMPLE_BYTES = 64;

/** `payload [METHOD…]`: what each way to protect a payload promises and adds; with `--attack`, what it really detects. */
export async function execute(names: readonly string[], options: PayloadOptions): Promise<ExitCode> {
  const methods = methodsOf(names);
  if (options.attack !== true) {
    if (options.json === true) printJson(methods.map(describe));
    else print(list(methods));
    return EXIT.good;
  }
  if (options.attempts === 0 || options.genuine === 0)
    throw usageError('Expected 1 or more for `--attempts` and `--genuine`: of nothing, nothing is told');
  const trials: Trial[] = [];
  for (const method of methods) {
    log(`attacking ${method.name}`);
    trials.push(await tryMethod(method, options));
  }
  const { attempts, genuine, seed } = options;
  if (options.json === true) printJson({ attempts, genuine, seed, methods: trials });
  else print(attackTable(trials));
  return trials.every(keepsItsPromises) ? EXIT.good : EXIT.internal;
}

function describe({ name, id, title, sources, promises, needs, addedBytes }: Method): unknown {
  return {
    name,
    id,
    title,
    sources,
    promises,
    needs,
    addedBytes: { [EXAMPLE_BYTES]: addedBytes(EXAMPLE_BYTES) },
  };
}

function list(methods: readonly Method[]): string {
  return [
    columns(
      ['method', 'id', 'added', ...PROMISE_NAMES.map((name) => PROMISE_TITLES[name]), 'what it is'],
      methods.map((method) => [
        method.name,
        method.id,
        method.addedBytes(EXAMPLE_BYTES),
        ...PROMISE_NAMES.map((name) => (method.promises[name] ? 'yes' : NONE)),
        `${method.title} (${method.sources.join(', ')})`,
      ]),
      ['left', 'right', 'right', ...PROMISE_NAMES.map(() => 'left' as const), 'left'],
    ),
    '',
    `added: bytes that a payload of ${EXAMPLE_BYTES} grows by. What is promised is tried with --attack. integrity: a changed bit or another topic`,
    'is told. authentication: nobody without a key can make a message. non-repudiation: nor can who only opens them.',
    'confidentiality: nobody without a key can read it. replay: an old message cannot be given a new number.',
  ].join('\n');
}

/** What each method was found to give, and below it what was detected of each attack, from which that follows. */
export function attackTable(trials: readonly Trial[]): string {
  const attempts = Object.values(trials[0]?.attacks ?? {})[0]?.attempts ?? 0;
  return [
    columns(
      ['method', ...PROPERTY_NAMES.map((name) => PROMISE_TITLES[name]), 'readable', 'false alarms'],
      trials.map(({ method, genuine, falseAlarms, readable, properties }) => [
        method,
        ...PROPERTY_NAMES.map((name) => propertyText(properties[name])),
        readable === 0 ? 'no' : 'yes',
        `${integer(falseAlarms)} of ${integer(genuine)}`,
      ]),
      ['left', ...PROPERTY_NAMES.map(() => 'left' as const), 'left', 'right'],
    ),
    '',
    'As the attacks below found it. integrity: all that was tampered with or came to another topic was detected.',
    'authentication: so was all that an outsider forged, and all with other keys. non-repudiation: so was all that a',
    'subscriber forged. readable: the payload stands in the message as it was. (!): not what the method promises.',
    '',
    columns(
      ['method', ...ATTACK_NAMES.map((name) => ATTACKS[name].title.join('\n'))],
      trials.map(({ method, attacks }) => [
        method,
        ...ATTACK_NAMES.map((name) => outcomeText(attacks[name])),
      ]),
    ),
    '',
    `Detected of ${integer(attempts)} attempts of each attack; (!): less than promised; ${NONE}: there are no keys. The receiver keeps a window`,
    'of sequence numbers. An outsider knows format, topic, public keys and what was sent; a subscriber knows the keys that',
    'messages are opened with, too. A checksum finds accidents: whoever changes a message computes it anew.',
  ].join('\n');
}

function propertyText({ promised, found }: Property): string {
  return `${found ? 'yes' : 'no'}${found === promised ? '' : ' (!)'}`;
}

function outcomeText(outcome: AttackOutcome | undefined): string {
  if (outcome === undefined) return NONE;
  const { promised, attempts, detected } = outcome;
  const share =
    detected === attempts ? 'all' : detected === 0 ? 'none' : `${integer(detected)}/${integer(attempts)}`;
  return promised && detected < attempts ? `${share} (!)` : share;
}
