import { expect, it } from 'vitest';
import { isWithin } from '../../../src/broker/access/topics.ts';
import { filterOf, topicOf } from '../../../src/swarm/names.ts';

it.each([
  ['a/b/c', '#', true],
  ['a/b/c', 'a/#', true],
  // OASIS MQTT 3.1.1 §4.7.1.2: the parent level is in it.
  ['a', 'a/#', true],
  ['ab', 'a/#', false],
  ['a/b/c', 'a/+/c', true],
  ['a/b/c', 'a/+', false],
  ['a', 'a/+', false],
  ['a/', 'a/+', true],
  ['a/+/c', 'a/#', true],
  ['a/+/c', 'a/+/c', true],
  ['a/+/c', 'a/b/c', false],
  ['a/#', 'a/#', true],
  ['a/#', 'a/+', false],
  ['#', 'a/#', false],
  ['#', '+', false],
  ['$SYS/uptime', '#', false],
  ['$SYS/uptime', '+/uptime', false],
  ['$SYS/uptime', '$SYS/#', true],
])('%s is within %s: %s', (asked, allowed, within) => {
  expect(isWithin(asked, allowed)).toBe(within);
});

it('what the swarm uses is within what the service allows', () => {
  for (const used of [topicOf(3, 17), filterOf(3)]) expect(isWithin(used, 'mtb/+/+')).toBe(true);
});
