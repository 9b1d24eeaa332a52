import { expect, it } from 'vitest';
import { attemptOfClientId, attemptOfTopic, clientIdOf, filterOf, topicOf } from '../../src/swarm/names.ts';

it('an attempt is found again by its client identifier and by its topic', () => {
  for (const attempt of [0, 1, 35, 36, 1_400_000, Number.MAX_SAFE_INTEGER]) {
    expect(attemptOfClientId(clientIdOf(attempt))).toBe(attempt);
    expect(attemptOfTopic(topicOf(7, attempt))).toBe(attempt);
    // What every server must take (MQTT 3.1.1 §3.1.3.1).
    expect(clientIdOf(attempt)).toMatch(/^[0-9a-zA-Z]{1,23}$/);
  }
});

it('standing clients belong to no attempt', () => {
  expect(attemptOfClientId('s3-0')).toBeUndefined();
  expect(attemptOfClientId('p3-0')).toBeUndefined();
});

it('a cell’s filter takes its own topics alone', () => {
  const matches = (filter: string, topic: string): boolean =>
    new RegExp(`^${filter.replace('+', '[^/]+')}$`).test(topic);
  expect(matches(filterOf(1), topicOf(1, 5))).toBe(true);
  expect(matches(filterOf(1), topicOf(11, 5))).toBe(false);
});
