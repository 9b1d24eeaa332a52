import { describe, expect, test } from 'vitest';
import { answersOf } from '../../src/report/answer.ts';
import { problemsOf } from '../../src/report/problems.ts';
import type { Results } from '../../src/results/schema.ts';
import { fixture } from './fixture.ts';
import { variant, VARIANTS, withoutSamples } from './variants.ts';

const first = (results: Results): string | undefined => answersOf(results)[0]?.sentences[0];

/** Sets the median of first data of a mode over the first link, with an interval of ±0.1 ms. */
function setMedian(results: Results, mode: string, p50Ms: number): void {
  const data = results.cells.find((cell) => cell.mode === mode)?.milestones.connectReceived;
  if (data !== undefined) Object.assign(data, { p50Ms, p50LowMs: p50Ms - 0.1, p50HighMs: p50Ms + 0.1 });
}

describe('the answer', () => {
  test('tells TLS 1.2 and TLS 1.3 by both figures, their trips and their difference', () => {
    const results = variant({}, (draft) => {
      setMedian(draft, 'tls12', 241.5);
      setMedian(draft, 'tls13', 172.9);
    });
    expect(first(results)).toBe(
      'At 34 ms one way the broker holds the first byte after 172.9 ms with tls13 (5 trips) and 241.5 ms with tls12 (7 trips): tls12 costs 68.6 ms more, one round trip.',
    );
  });

  test('says what security adds to plain TCP, and how far trips explain the figures', () => {
    const results = variant({ modes: ['plain', 'tls13'] }, (draft) => {
      setMedian(draft, 'plain', 102.4);
      setMedian(draft, 'tls13', 172.9);
      for (const cell of draft.cells.slice(0, 2)) {
        const trips = cell.trips.connectReceived;
        if (trips !== undefined) trips.residualMs = cell.mode === 'plain' ? 0.2 : 2.6;
      }
    });
    expect(answersOf(results)[0]?.sentences.slice(1)).toEqual([
      'Plain TCP takes 102.4 ms (3 trips); security adds 70.5 ms (tls13).',
      'Trips at the measured one-way delay (34.06 ms up, 34.05 ms down) explain every median to within 2.60 ms (tls13); the rest is compute, bytes and scheduling.',
      'Medians of 200 connections each, from the client’s intended start to the broker’s first byte of CONNECT.',
    ]);
  });

  test('does not claim a difference that the intervals do not support', () => {
    const results = variant({ modes: ['tls13', 'mtls13'] }, (draft) => {
      setMedian(draft, 'tls13', 172.9);
      setMedian(draft, 'mtls13', 173);
    });
    expect(first(results)).toContain('their medians do not differ beyond their 95 % intervals');
  });

  test('calls a difference without trips one of bytes and compute', () => {
    const results = variant({ modes: ['tls13', 'mtls13'] }, (draft) => {
      setMedian(draft, 'tls13', 172.9);
      setMedian(draft, 'mtls13', 175);
    });
    expect(first(results)).toContain('mtls13 costs 2.10 ms more with as many trips, for bytes and compute.');
  });

  test('does not lay a difference on trips that are too short to make it', () => {
    expect(first(fixture({ modes: ['tls12', 'tls13'], links: { null: 0 } }))).toMatch(
      /^Over a link without delay the broker holds .*: tls12 costs 0\.\d\d ms more, for bytes and compute\.$/,
    );
  });

  test('falls back to the slowest and the fastest mode', () => {
    expect(first(fixture({ modes: ['plain', 'tls13-psk', 'mtls12'] }))).toMatch(
      /with plain \(3 trips\) and .* with mtls12 \(7 trips\): mtls12 costs .* ms more, 2 round trips\.$/,
    );
  });

  test('has one answer for each link that is not null', () => {
    const answers = answersOf(fixture({ links: { reference: 34, lte: 70, null: 0 } }));
    expect(answers.map(({ sentences }) => sentences[0]?.slice(0, 17))).toEqual([
      'At 34 ms one way ',
      'At 70 ms one way ',
    ]);
  });

  test('says so when there is nothing to answer with', () => {
    expect(first(VARIANTS['no samples at all']?.() ?? fixture())).toBe(
      'At 34 ms one way no connection brought its first byte to the broker, so these results hold no answer.',
    );
  });

  test('names an asymmetric link with all that it does', () => {
    const results = variant({ links: { 'nb-iot': 420 } }, (draft) => {
      const asked = draft.links[0]?.requested;
      Object.assign(asked ?? {}, {
        upMs: 440,
        downMs: 400,
        jitterUpMs: 150,
        jitterDownMs: 150,
        lossUp: 0.005,
        lossDown: 0.005,
        rateUpKbit: 26,
      });
    });
    expect(first(results)).toMatch(
      /^At 440 ms up and 400 ms down, ±150 ms jitter, 0\.50 % loss, 26 kbit\/s up the broker holds/,
    );
  });

  test('of a load names what was asked for, what was lost and the medians', () => {
    const results = variant({ modes: ['tls12', 'tls13'], load: ['tls12', 'tls13'] }, (draft) => {
      for (const { mode, throughput } of draft.cells) {
        if (throughput?.endToEnd === undefined) continue;
        throughput.endToEnd.p50Ms = mode === 'tls12' ? 69.5 : 69.1;
        throughput.lost = mode === 'tls12' ? 12 : 0;
      }
    });
    expect(answersOf(results)[1]?.sentences).toEqual([
      'At 34 ms one way, with 200 messages a second asked for, tls12 lost 12 deliveries; the median message took 69.1 ms (tls13) to 69.5 ms (tls12) from its intended time to its subscriber.',
      'Medians of 2,000 deliveries a mode, measured.',
    ]);
  });
});

describe('problems', () => {
  test('there are none in good results', () => {
    expect(problemsOf(fixture())).toEqual([]);
  });

  test('an interrupted run and an uncalibrated link are grave', () => {
    expect(problemsOf(VARIANTS['incomplete']?.() ?? fixture())).toEqual([
      {
        severity: 'grave',
        text: 'The run did not finish: interrupted by SIGINT. What was measured until then is here.',
      },
      {
        severity: 'grave',
        text: 'The link reference was not what was asked for when it was calibrated before the run: up: 34 ms asked, 37.10 ms measured.',
      },
    ]);
  });

  test('a mode that could not be run is named with its reason, once', () => {
    const results = VARIANTS['a mode missing']?.() ?? fixture();
    results.unsupported = [{ mode: 'mtls13', reason: 'no such group' }];
    expect(problemsOf(results)).toEqual([
      {
        severity: 'caution',
        text: 'mtls13 was left out: no such group.',
      },
    ]);
  });

  test('modes left out for one reason share a sentence, which names the broker where a mode was run on another', () => {
    const results = VARIANTS['a mode missing']?.() ?? fixture();
    const reason = 'the broker says no.';
    results.unsupported = [
      { mode: 'tls13', broker: 'aedes-node-22', reason },
      { mode: 'mtls13', broker: 'aedes-node-22', reason },
      { mode: 'mtls13', broker: 'aedes', reason },
    ];
    expect(problemsOf(results)[0]).toEqual({
      severity: 'caution',
      text: 'tls13 on aedes-node-22 and mtls13 were left out: the broker says no.',
    });
  });

  test('a mode that was asked for and is not there is grave', () => {
    expect(problemsOf(VARIANTS['a mode missing']?.() ?? fixture())).toEqual([
      { severity: 'grave', text: 'The scenario asks for mtls13; these results have nothing on it.' },
    ]);
  });

  test('lost and disturbed samples are counted', () => {
    const results = variant({ modes: ['plain', 'tls12', 'tls13'], links: { reference: 34 } }, (draft) => {
      const [plain, tls12, tls13] = draft.cells;
      if (plain !== undefined) withoutSamples(plain);
      if (tls12 !== undefined) Object.assign(tls12.samples, { ok: 195, failed: 3, excluded: 2 });
      if (tls13 !== undefined) tls13.samples.tainted = 50;
    });
    expect(problemsOf(results)).toEqual([
      {
        severity: 'grave',
        text: 'No samples: plain/reference/aedes/direct/handshake (200 failed and 0 excluded of 200 attempts).',
      },
      {
        severity: 'caution',
        text: 'Failed or excluded: tls12/reference/aedes/direct/handshake (3 failed and 2 excluded of 200 attempts).',
      },
      {
        severity: 'caution',
        text: 'The machine or the link disturbed 25 % of the attempts of tls13/reference/aedes/direct/handshake; they are left out of the figures.',
      },
    ]);
  });

  test('a few failures of many are left to the table of samples', () => {
    const results = variant({}, (draft) => {
      const [cell] = draft.cells;
      if (cell !== undefined) Object.assign(cell.samples, { ok: 199, failed: 1 });
    });
    expect(problemsOf(results)).toEqual([]);
  });

  test('of many cells only some are named', () => {
    const [problem] = problemsOf(VARIANTS['no samples at all']?.() ?? fixture());
    expect(problem?.text).toMatch(/and 9 more cells\.$/);
  });
});

test('after a failure it is told who is lost, and how long full and resumed handshakes took', () => {
  const results = VARIANTS['after a failure']?.();
  expect(results && answersOf(results).map(({ sentences }) => sentences)).toEqual([
    [
      'At 34 ms one way, tls12 lost 3 of 40 clients; the slowest took 5,995.0 ms.',
      'The median client was back so long after it had noticed, without TLS: 244.8 ms with plain; in full: 402.0 ms with tls12; resumed: 324.8 ms with tls13-resumed.',
      'The routes led over the other path 1,010.0 ms after the failure at the latest; what a client takes beyond that is its keep-alive’s.',
    ],
  ]);
});

test('each of several brokers and topologies is named, and a single one is not', () => {
  const results = fixture();
  const behind = (broker: string, topology: string): Results['cells'] =>
    results.cells.map((cell) => ({ ...cell, broker, topology, id: `${cell.id} ${broker} ${topology}` }));
  const begins = (...cells: Results['cells'][]): string[] =>
    answersOf({ ...results, cells: cells.flat() }).map(
      ({ sentences: [sentence = ''] }) => sentence.split(' the broker ')[0] ?? '',
    );
  expect(begins(behind('aedes', 'direct'))).toEqual(['At 34 ms one way']);
  expect(begins(behind('aedes', 'direct'), behind('nats', 'direct'))).toEqual([
    'On aedes, at 34 ms one way',
    'On nats, at 34 ms one way',
  ]);
  expect(begins(behind('aedes', 'direct'), behind('aedes', 'firewall'))).toEqual([
    'Direct, at 34 ms one way',
    'Behind firewall, at 34 ms one way',
  ]);
  expect(begins(behind('nats', 'dmz'), behind('aedes', 'firewall'))).toEqual([
    'On nats behind dmz, at 34 ms one way',
    'On aedes behind firewall, at 34 ms one way',
  ]);
});
