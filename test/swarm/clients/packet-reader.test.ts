import { generate, type Packet } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { PacketReader } from '../../../src/swarm/clients/packet-reader.ts';

function reading(version: 4 | 5 = 4): { reader: PacketReader; packets: Packet[]; errors: Error[] } {
  const packets: Packet[] = [];
  const errors: Error[] = [];
  const reader = new PacketReader(version, {
    onPacket: (packet) => packets.push(packet),
    onMalformed: (error) => errors.push(error),
  });
  return { reader, packets, errors };
}

const STREAM = Buffer.concat([
  generate({ cmd: 'connack', returnCode: 0, sessionPresent: false }),
  generate({ cmd: 'pingresp' }),
  // Remaining Length of two bytes, and of three.
  ...[200, 20_000].map((bytes) =>
    generate({ cmd: 'publish', topic: 't', payload: 'x'.repeat(bytes), qos: 0, dup: false, retain: false }),
  ),
  generate({ cmd: 'puback', messageId: 7 }),
]);
const COMMANDS = ['connack', 'pingresp', 'publish', 'publish', 'puback'];

test('packets are read the same wherever the stream is cut', () => {
  for (const cut of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100, STREAM.length - 3, STREAM.length - 1]) {
    const { reader, packets, errors } = reading();
    reader.read(STREAM.subarray(0, cut));
    reader.read(STREAM.subarray(cut));
    expect([cut, packets.map(({ cmd }) => cmd), errors]).toEqual([cut, COMMANDS, []]);
  }
  const { reader, packets } = reading();
  for (const byte of STREAM) reader.read(Buffer.of(byte));
  expect(packets.map(({ cmd }) => cmd)).toEqual(COMMANDS);
});

test('connections whose packets are cut at one time do not get each other’s', () => {
  const all = [reading(), reading(), reading()];
  for (let at = 0; at < STREAM.length; at += 5)
    for (const { reader } of all) reader.read(STREAM.subarray(at, at + 5));
  for (const { packets } of all) expect(packets.map(({ cmd }) => cmd)).toEqual(COMMANDS);
});

test('what is malformed is told to its own connection, and spoils no other', () => {
  const [bad, good] = [reading(), reading()];
  // A PUBREL without the flags that it must have, and a Remaining Length of more than four bytes.
  bad.reader.read(Buffer.of(0x60, 2, 0, 1));
  expect(bad.errors).toHaveLength(1);
  good.reader.read(STREAM);
  expect(good.packets.map(({ cmd }) => cmd)).toEqual(COMMANDS);
  expect(good.errors).toEqual([]);
  const endless = reading();
  endless.reader.read(Buffer.of(0x30, 0xff, 0xff, 0xff, 0xff, 0x01, 0));
  expect(endless.errors).toHaveLength(1);
  expect(endless.packets).toEqual([]);
});

test('each version of MQTT is read as such', () => {
  const [three, five] = [reading(4), reading(5)];
  const refused = { cmd: 'puback', messageId: 1, reasonCode: 0x87 } as const;
  five.reader.read(generate(refused, { protocolVersion: 5 }));
  three.reader.read(generate({ cmd: 'puback', messageId: 1 }, { protocolVersion: 4 }));
  expect(five.packets[0]).toMatchObject({ cmd: 'puback', reasonCode: 0x87 });
  expect(three.packets[0]).not.toHaveProperty('reasonCode', 0x87);
});
