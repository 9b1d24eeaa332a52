import { expect, test } from 'vitest';
import { compare, runOf } from './runs.ts';

test('what differs beside the code under test is called out', () => {
  const candidate = runOf({ seed: 2 });
  const [reference, ...links] = candidate.results.links;
  if (reference === undefined) throw new Error('a fixture without links');
  candidate.results = {
    ...candidate.results,
    environment: { ...candidate.results.environment, openssl: '3.6.0', cpus: 4 },
    scenario: { ...candidate.results.scenario, rounds: 30 },
    links: [
      {
        ...reference,
        backend: 'tun',
        trip: { ...reference.trip, upMs: 35.1 },
        calibrated: false,
      },
      ...links,
    ],
  };
  const { environment, notes } = compare(runOf(), candidate);
  expect(environment).toEqual([
    { what: 'openssl', baseline: '3.5.8', candidate: '3.6.0' },
    { what: 'cpus', baseline: '2', candidate: '4' },
    { what: 'scenario rounds', baseline: '60', candidate: '30' },
    { what: 'link reference, backend', baseline: 'proxy', candidate: 'tun' },
    { what: 'link reference, calibrated', baseline: 'true', candidate: 'false' },
    {
      what: 'link reference, measured',
      baseline: '34.06 ms up, 34.05 ms down',
      candidate: '35.10 ms up, 34.05 ms down',
    },
  ]);
  expect(notes).toEqual(['The link reference of the candidate was not what was asked for.']);
});

test('settings of one broker that differ, and jitter, loss and rate as they were measured, are called out', () => {
  const measuring = (loss: number, rateKbit: number, noDelay: boolean) => {
    const run = runOf();
    const near = (value: number, by: number) => ({ value, low: value - by, high: value + by, count: 100 });
    const links = run.results.links.map((link) => {
      const up = { ...link.calibrations.before.up, loss: near(loss, 0.01), rateKbit: near(rateKbit, 1) };
      const calibration = { ...link.calibrations.before, up };
      return { ...link, calibrations: { before: calibration, after: calibration } };
    });
    const brokers = [{ id: 'aedes', name: 'aedes', noDelay, env: { LEVEL: noDelay ? '1' : '2' } }];
    run.results = { ...run.results, links, scenario: { ...run.results.scenario, brokers } };
    return run;
  };
  expect(compare(measuring(0.02, 1000, true), measuring(0.03, 1009, true)).environment).toEqual([]);
  const { environment } = compare(measuring(0.02, 1000, true), measuring(0.06, 1200, false));
  expect(environment).toEqual([
    { what: 'broker aedes noDelay', baseline: 'true', candidate: 'false' },
    { what: 'broker aedes env LEVEL', baseline: '1', candidate: '2' },
    ...['reference', 'null'].flatMap((link) => [
      { what: `link ${link}, measured loss up`, baseline: '2.00 %', candidate: '6.00 %' },
      { what: `link ${link}, measured rateKbit up`, baseline: '1000 kbit/s', candidate: '1200 kbit/s' },
    ]),
  ]);
});
