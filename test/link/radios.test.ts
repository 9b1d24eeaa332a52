import { describe, expect, it, test } from 'vitest';
import { BenchError } from '../../src/errors.ts';
import { profileNames } from '../../src/link/profiles.ts';
import { radioNamed, radioNames, radiosOfLink, readRadios } from '../../src/link/radios.ts';

const GOOD = `ours:
  description: Ours
  links: []
  transmitMw: 300
  receiveMw: 100
  listenMw: 90
  sleepMw: 0.1
  rateKbit: { up: 50, down: 50 }
  source: measured
`;

/** What is told of radios that are not valid. */
function complaint(text: string): string {
  let thrown: unknown;
  try {
    readRadios(text, 'ours.yaml');
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(BenchError);
  const { exitCode, message } = thrown as BenchError;
  expect(exitCode).toBe(2);
  return message;
}

describe.each(radioNames())('the radio %s', (name) => {
  const radio = radioNamed(name);

  it('says where its figures come from, and when', () => {
    expect(radio.source).toMatch(/\b(19|20)\d\d\b/);
    expect(radio.description).toBeTruthy();
  });

  it('takes least asleep, and no more in its tail than while it listens', () => {
    const awake = [radio.transmitMw, radio.receiveMw, radio.listenMw];
    expect(radio.sleepMw).toBeLessThan(Math.min(...awake, radio.tail?.mw ?? Infinity));
    expect(radio.tail?.mw ?? 0).toBeLessThanOrEqual(radio.listenMw);
  });
});

test('named links have the radios that they are of, and all that are named there are links', () => {
  expect(radiosOfLink('nb-iot').map(({ name }) => name)).toEqual(['nb-iot']);
  expect(radiosOfLink('lte-m').map(({ name }) => name)).toEqual(['lte-m']);
  expect(radiosOfLink('our-own')).toEqual([]);
  const links = profileNames().filter((link) => radiosOfLink(link).length > 0);
  expect(links).toEqual(expect.arrayContaining(['wifi', '2g', 'lte', 'nb-iot-poor']));
  expect(radiosOfLink('nb-iot')[0]).not.toHaveProperty('links');
});

test('faults are told with file, line and column', () => {
  expect([...readRadios(GOOD, 'ours.yaml').keys()]).toEqual(['ours']);
  expect(complaint(GOOD.replace('up: 50', 'up: -50'))).toMatch(
    /^The radio profiles are not valid\nours\.yaml:8:19: ours: rateKbit: up: Too small/,
  );
  expect(complaint(GOOD.replace('sleepMw', 'sleepmw'))).toMatch(/ours\.yaml:7:3: .*expected transmitMw, /);
  expect(complaint(GOOD.replace('  source: measured\n', ''))).toMatch(/ours\.yaml:2:3: ours: source: /);
  expect(complaint(`${GOOD}  tail: { mw: 5 }\n`)).toMatch(/ours\.yaml:10:9: ours: tail: seconds: /);
});

test('a name that there is none of is a defect of the caller', () => {
  expect(() => radioNamed('carrier-pigeon')).toThrow(RangeError);
});
