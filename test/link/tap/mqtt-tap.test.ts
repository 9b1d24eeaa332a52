import * as fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { MqttTap } from '../../../src/link/tap/mqtt-tap.ts';
import type { StreamMarks } from '../../../src/link/tap/stream-marks.ts';
import { CONNACK, CONNECT } from './recording.ts';

const SUBSCRIBE = generate({ cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: 'a/b', qos: 0 }] });
const PINGREQ = generate({ cmd: 'pingreq' });

function publish(payloadBytes: number): Buffer {
  const payload = Buffer.alloc(payloadBytes, 0x31);
  return generate({ cmd: 'publish', topic: 'a/b', payload, qos: 0, dup: false, retain: false });
}

/** What the tap marks when the client's stream comes in pieces of these sizes. */
function marksOf(client: Buffer, broker: Buffer = CONNACK, sizes: readonly number[] = [1448]): StreamMarks {
  const tap = new MqttTap();
  for (let at = 0, piece = 0; at < client.length; piece++) {
    const size = sizes[piece % sizes.length] ?? 1448;
    tap.feed('client', client.subarray(at, at + size));
    at += size;
  }
  tap.feed('broker', broker);
  return tap.marks;
}

describe('MQTT without TLS', () => {
  it.each([0, 100, 130, 20_000, 3_000_000])(
    'marks CONNECT, CONNACK and the end of a PUBLISH of %i bytes',
    (bytes) => {
      const before = Buffer.concat([CONNECT, SUBSCRIBE, PINGREQ]);
      const client = Buffer.concat([before, publish(bytes), publish(9)]);
      expect(marksOf(client)).toEqual({
        connect: 1,
        connack: 1,
        publish: before.length + publish(bytes).length,
      });
    },
  );

  it('marks the same however the stream is cut', () => {
    const client = Buffer.concat([CONNECT, SUBSCRIBE, publish(300), PINGREQ]);
    const whole = marksOf(client);
    expect(whole.publish).toBe(client.length - PINGREQ.length);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 9 }), (sizes) => {
        expect(marksOf(client, CONNACK, sizes)).toEqual(whole);
      }),
    );
  });

  it.each([4, 5] as const)(
    'reads the client identifier of protocol level %i, however the stream is cut',
    (level) => {
      const connect = generate(
        {
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: level,
          clientId: 'm1x',
          clean: true,
          keepalive: 0,
          username: 'device',
          password: Buffer.from('secret'),
        },
        { protocolVersion: level },
      );
      fc.assert(
        fc.property(fc.integer({ min: 1, max: connect.length - 1 }), fc.boolean(), (cut, hasHole) => {
          const tap = new MqttTap();
          tap.feed('client', connect.subarray(0, cut));
          if (hasHole) tap.miss();
          tap.feed('client', Buffer.concat([connect.subarray(cut), publish(2000)]));
          expect(tap.clientId).toBe(hasHole ? undefined : 'm1x');
        }),
      );
      const other = new MqttTap();
      other.feed('client', Buffer.from('GET / HTTP/1.1\r\n\r\n'));
      expect(other.clientId).toBeUndefined();
    },
  );

  it('marks nothing of what is not MQTT, nor behind a hole', () => {
    expect(marksOf(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toEqual({});
    // A remaining length of more than four bytes.
    expect(marksOf(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01]), Buffer.alloc(0)).publish).toBe(
      undefined,
    );
    expect(marksOf(CONNECT, publish(3))).toEqual({ connect: 1 });
    const tap = new MqttTap();
    tap.feed('client', CONNECT);
    tap.miss();
    tap.feed('client', publish(3));
    tap.feed('broker', CONNACK);
    expect(tap.marks).toEqual({ connect: 1 });
  });
});
