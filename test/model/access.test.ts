import { expect, it } from 'vitest';
import { MILESTONE_NAMES } from '../../src/measure/milestones.ts';
import { accessWaitMs, type AccessTheory } from '../../src/model/access.ts';

function later(changes: Partial<AccessTheory>): string[] {
  const theory: AccessTheory = { at: 'topic', askMs: 20, refusedAt: undefined, ...changes };
  return MILESTONE_NAMES.filter((milestone) => accessWaitMs(theory, milestone) === 20);
}

it('what waits for access management, asked at CONNECT or at a topic', () => {
  const acknowledged = ['delivered', 'pubackReceived', 'pubrecReceived', 'pubcompReceived'];
  expect(later({ at: 'topic' })).toEqual(['refused', 'subackReceived', ...acknowledged]);
  expect(later({ at: 'connect' })).toEqual([
    'refused',
    'connackSent',
    'connackReceived',
    'subackReceived',
    'publishReceived',
    ...acknowledged,
  ]);
  // Who does not come to a topic does not wait for it, and TLS is before all of it.
  expect(later({ at: 'topic', refusedAt: 'connect' })).not.toContain('refused');
  expect(later({ at: 'connect', refusedAt: 'handshake' })).toEqual([]);
});
