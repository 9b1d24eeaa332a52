import { expect, test } from 'vitest';
import { AEADS, PAYLOAD_BYTES, type RecordReport } from '../../src/micro/records.ts';
import type { HandshakeReport } from '../../src/micro/handshake.ts';
import { callIn } from '../helpers/cli.ts';

test('micro handshake: one JSON document with what each end pays, each mode once', async () => {
  const names = ['tls12-psk', 'tls13', 'tls13-resumed', 'tls13+key=ecdsa-p256'];
  const { code, stdout, stderr } = await callIn(
    '.',
    'micro',
    'handshake',
    ...names,
    '--seconds',
    '1',
    '--json',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'warming up\nmeasuring 3 modes for 1 s' });
  const report = JSON.parse(stdout) as HandshakeReport & { environment: object; seed: number };
  expect(report.environment).toMatchObject({
    node: process.versions.node,
    openssl: process.versions.openssl,
  });
  expect(report).toMatchObject({ seed: 1, seconds: 1, missing: [] });
  expect(report.modes.map(({ mode }) => mode)).toEqual(['tls12-psk', 'tls13', 'tls13-resumed']);
  expect(report.warmupRounds).toBeGreaterThanOrEqual(2);
  for (const { samples, client, broker, both, ...cost } of report.modes) {
    expect(samples).toBe(report.rounds);
    for (const { p50Ms, p50LowMs, p50HighMs } of [client, broker, both]) {
      expect(p50Ms).toBeGreaterThan(0.03);
      expect(p50LowMs).toBeLessThanOrEqual(p50Ms);
      expect(p50HighMs).toBeGreaterThanOrEqual(p50Ms);
    }
    expect(both.meanMs).toBeCloseTo(client.meanMs + broker.meanMs, 6);
    expect(cost.clientPerSecond).toBeCloseTo(1000 / client.meanMs, 6);
    expect(cost.context.clientMs).toBeGreaterThan(0);
  }
  const [psk, full, resumed] = report.modes;
  expect(full?.both.p50Ms).toBeGreaterThan(1.3 * (psk?.both.p50Ms ?? Infinity));
  expect(full?.bytesDown).toBeGreaterThan(3 * (resumed?.bytesDown ?? Infinity));
});

test('micro handshake: a table that says what is in the figures and what is not', async () => {
  const { code, stdout } = await callIn('.', 'micro', 'handshake', 'tls12-psk', '--seconds', '1');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^mode +client ms +broker ms +both ms +95 % interval +n +client\/s +broker\/s +client context +broker context +bytes up +down +flights\ntls12-psk +\d+\.\d{3} /,
  );
  expect(stdout).toContain('Not in it: TCP and the kernel, MQTT, other threads');
  expect(stdout).toMatch(/after \d+ to warm up, which are left out\.$/);
});

test('micro records: every suite with every size', async () => {
  const { code, stdout } = await callIn('.', 'micro', 'records', '--seconds', '1', '--json');
  expect(code).toBe(0);
  const { records } = JSON.parse(stdout) as RecordReport;
  expect(records.map(({ suite, payloadBytes }) => [suite, payloadBytes])).toEqual(
    AEADS.flatMap(({ name }) => PAYLOAD_BYTES.map((size) => [name, size])),
  );
  for (const { name } of AEADS) {
    const own = records.filter(({ suite }) => suite === name);
    const [small, large] = [own[0], own.at(-1)];
    expect(large?.nsPerRecord).toBeGreaterThan(1.3 * (small?.nsPerRecord ?? Infinity));
    for (const { payloadBytes, nsPerRecord, megabytesPerSecond } of own)
      expect(megabytesPerSecond).toBeCloseTo((payloadBytes / nsPerRecord) * 1000, 6);
  }
});

test.each([
  [['handshake', 'tls14'], 'There is no mode "tls14"; did you mean "tls12"?'],
  [
    ['handshake', 'tls13+kye=rsa-2048'],
    'There is no axis "kye" in "tls13+kye=rsa-2048"; did you mean "key"?',
  ],
  [['handshake', 'tls12-psk+key=rsa-2048'], 'it has no `key`: nobody shows a certificate'],
  [['handshake', 'plain'], 'The mode "plain" has no handshake: it has no TLS'],
  [['handshake', 'mtls13+client=revoked'], 'its clients are refused'],
  [['handshake', 'tls13+clientRuntime=bun'], 'both ends share this process, which runs on Node'],
  [['handshake', 'tls13+tickets=false'], 'in all of a process or in none of it'],
  [['records', 'tls13'], 'give no mode'],
  [['nothing'], "'nothing' is invalid for argument 'what'"],
])('micro %j is a usage error', async (args, message) => {
  const { code, stdout, stderr } = await callIn('.', 'micro', ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});
