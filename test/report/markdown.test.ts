import { describe, expect, test } from 'vitest';
import { reportMarkdown } from '../../src/report/markdown.ts';
import { fixture } from './fixture.ts';
import { hostile, variant, VARIANTS } from './variants.ts';

describe.each(Object.entries(VARIANTS))('Markdown of results that are: %s', (_, make) => {
  test('has no hole, no live markup, and tables whose rows agree', () => {
    const markdown = reportMarkdown(make());
    expect(markdown).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(markdown.replaceAll(/<\/?(?:details|summary|sub)>/g, '')).not.toContain('<');
    const tables = markdown.split('\n\n').filter((block) => block.startsWith('|'));
    for (const table of tables) {
      const widths = table.split('\n').map((row) => row.replaceAll(String.raw`\|`, '').split('|').length);
      expect(new Set(widths).size).toBe(1);
    }
  });
});

test('the whole summary of a small run', () => {
  const results = fixture({ modes: ['plain', 'tls12', 'tls13'] });
  expect(reportMarkdown(results)).toMatchInlineSnapshot(`
    "# What do TLS 1.2 and TLS 1.3 cost before the broker holds the first byte, at 34 ms one way?

    **At 34 ms one way the broker holds the first byte after 172.2 ms with tls13 (5 trips) and 241.0 ms with tls12 (7 trips): tls12 costs 68.7 ms more, one round trip.** Plain TCP takes 102.4 ms (3 trips); security adds 69.9 ms (tls13) to 138.6 ms (tls12). Trips at the measured one-way delay (34.06 ms up, 34.05 ms down) explain every median to within 2.56 ms (tls12); the rest is compute, bytes and scheduling. Medians of 200 connections each, from the client’s intended start to the broker’s first byte of CONNECT.

    ## First data: reference, 34 ms one way

    | mode  | trips | predicted ms | p50 ms |   95 % interval | p95 ms | residual ms | null p50 ms | inferred trips | n/attempted |
    | :---- | ----: | -----------: | -----: | --------------: | -----: | ----------: | ----------: | -------------: | ----------: |
    | plain |     3 |       102.17 | 102.36 | 102.36 – 102.37 | 102.54 |       +0.19 |        0.38 |           3.00 |   200 / 200 |
    | tls12 |     7 |       238.39 | 240.95 | 240.88 – 241.02 | 242.27 |       +2.56 |        2.88 |           7.00 |   200 / 200 |
    | tls13 |     5 |       170.28 | 172.23 | 172.18 – 172.30 | 173.38 |       +1.95 |        2.24 |           5.00 |   200 / 200 |

    First data: from the client’s intended start to the broker’s first byte of CONNECT, measured. Predicted: trips × measured one-way delay, and bytes at the link’s rate. Residual: p50 minus predicted. Null: the same over a link without delay.

    <details><summary>tls12: what leaves when, predicted beside measured</summary>

    | end        | what                                                               | predicted ms | measured p50 ms | difference ms | trips | source       |       n | bytes |
    | :--------- | :----------------------------------------------------------------- | -----------: | --------------: | ------------: | ----: | :----------- | ------: | ----: |
    | client     | SYN leaves                                                         |         0.00 |            0.02 |         +0.02 |     0 | measured     |     200 |     – |
    | broker     | SYN-ACK leaves                                                     |        34.06 |           35.32 |         +1.26 |     1 | measured     |     200 |     – |
    | client     | ClientHello leaves                                                 |        68.11 |           69.58 |         +1.47 |     2 | modelled     |     200 |   160 |
    | broker     | ServerHello, Certificate, ServerKeyExchange, ServerHelloDone leave |       102.17 |          103.86 |         +1.69 |     3 | measured     |     200 |   240 |
    | client     | ClientKeyExchange, ChangeCipherSpec, Finished leave                |       136.22 |          138.13 |         +1.91 |     4 | measured     |     200 |   320 |
    | broker     | NewSessionTicket, ChangeCipherSpec, Finished leave                 |       170.28 |          172.40 |         +2.12 |     5 | measured     |     200 |   400 |
    | client     | CONNECT leaves                                                     |       204.33 |          206.67 |         +2.34 |     6 | measured     |     200 |   480 |
    | **broker** | **first data: the broker holds the first byte of CONNECT**         |   **238.39** |      **240.95** |     **+2.56** | **7** | **measured** | **200** | **–** |
    | client     | the client holds CONNACK                                           |       272.44 |          275.22 |         +2.78 |     8 | measured     |     200 |     – |

    </details>

    <details><summary>tls13: what leaves when, predicted beside measured</summary>

    | end        | what                                                                                         | predicted ms | measured p50 ms | difference ms | trips | source       |       n | bytes |
    | :--------- | :------------------------------------------------------------------------------------------- | -----------: | --------------: | ------------: | ----: | :----------- | ------: | ----: |
    | client     | SYN leaves                                                                                   |         0.00 |            0.02 |         +0.02 |     0 | measured     |     200 |     – |
    | broker     | SYN-ACK leaves                                                                               |        34.06 |           35.22 |         +1.16 |     1 | measured     |     200 |     – |
    | client     | ClientHello (key share) leaves                                                               |        68.11 |           69.47 |         +1.36 |     2 | modelled     |     200 |   160 |
    | broker     | ServerHello (key share), EncryptedExtensions, Certificate, CertificateVerify, Finished leave |       102.17 |          103.73 |         +1.56 |     3 | measured     |     200 |   240 |
    | client     | Finished, CONNECT leave                                                                      |       136.22 |          137.98 |         +1.76 |     4 | measured     |     200 |   320 |
    | **broker** | **first data: the broker holds the first byte of CONNECT**                                   |   **170.28** |      **172.23** |     **+1.95** | **5** | **measured** | **200** | **–** |
    | client     | the client holds CONNACK                                                                     |       204.33 |          206.49 |         +2.16 |     6 | measured     |     200 |     – |

    </details>

    ## Theory and measurement

    - All 3 modes take the trips of theory, to first data and to CONNACK.

    | mode  | verdict | trips to first data, theory | inferred | 95 % interval | trips to CONNACK, theory | inferred | 95 % interval | compute ms | 95 % interval | read off               |   n | reasons |
    | :---- | :------ | --------------------------: | -------: | ------------: | -----------------------: | -------: | ------------: | ---------: | ------------: | :--------------------- | --: | :------ |
    | plain | agrees  |                           3 |     3.00 |   2.99 – 3.02 |                        4 |     4.00 |   3.99 – 4.02 |       0.21 |   0.11 – 0.41 | the difference to null | 400 | –       |
    | tls12 | agrees  |                           7 |     7.00 |   6.99 – 7.02 |                        8 |     8.00 |   7.99 – 8.02 |       2.49 |   2.39 – 2.69 | the difference to null | 400 | –       |
    | tls13 | agrees  |                           5 |     5.00 |   4.99 – 5.02 |                        6 |     6.00 |   5.99 – 6.02 |       1.96 |   1.86 – 2.16 | the difference to null | 400 | –       |

    Trips in theory beside those inferred without it: the slope of the medians over the links’ one-way delays (Theil–Sen), with a bootstrap over rounds; compute is what the line has at no delay. All attempts that came to their end are in it, also those that negotiated something else; a mode whose clients are to be refused has its refusal in the place of first data.

    ## Warnings

    - The client’s TCP connect is modelled by the proxy, not measured.

    <sub>mqtt-tls-bench 0.1.0, scenario reference, 2025-11-23T09:00:00.000Z, took 48.2 s, seed 7</sub>
    "
  `);
});

test('problems are alerts above the answer', () => {
  const results = variant({ modes: ['tls13'] }, (draft) => {
    draft.complete = false;
    const [cell] = draft.cells;
    if (cell !== undefined) Object.assign(cell.samples, { ok: 150, failed: 50 });
  });
  expect(reportMarkdown(results).split('\n\n').slice(1, 3)).toEqual([
    '> [!CAUTION]\n> - The run did not finish. What was measured until then is here.',
    '> [!WARNING]\n> - Failed or excluded: tls13/reference/aedes/direct/handshake (50 failed and 0 excluded of 200 attempts).',
  ]);
});

test('hostile names neither break a table nor become markup', () => {
  const markdown = reportMarkdown(hostile());
  expect(markdown).toContain(String.raw`"&gt;&lt;script&gt;`);
  expect(markdown).toContain(String.raw`\|`);
  expect(markdown).not.toContain('<script>');
});
