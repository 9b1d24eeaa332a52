import { expect, test } from 'vitest';
import { ATTACK_NAMES, type AttackName, type AttackOutcome } from '../../src/payload/attacks.ts';
import { methodNamed } from '../../src/payload/index.ts';
import { propertiesOf, PROPERTY_NAMES, type PropertyName } from '../../src/payload/properties.ts';

const { promises } = methodNamed('ed25519');

/** Every attack detected, but for one. */
function outcomes(change: Partial<Record<AttackName, number>>): Record<AttackName, AttackOutcome> {
  const all = ATTACK_NAMES.map((name) => [
    name,
    { promised: true, attempts: 9, detected: change[name] ?? 9 },
  ]);
  return Object.fromEntries(all) as Record<AttackName, AttackOutcome>;
}

function lost(attacks: Partial<Record<AttackName, AttackOutcome>>): PropertyName[] {
  const properties = propertiesOf(promises, attacks);
  return PROPERTY_NAMES.filter((name) => !properties[name].found);
}

test.each<[AttackName, PropertyName[]]>([
  ['tampered', ['integrity']],
  ['topic', ['integrity']],
  ['replayed', []],
  ['renumbered', []],
  ['wrongKey', ['authentication']],
  ['disguisedKey', ['authentication']],
  ['forged', ['authentication']],
  ['forgedInside', ['nonRepudiation']],
])('one attempt of %s that is taken for genuine costs %j', (name, properties) => {
  expect(lost(outcomes({ [name]: 8 }))).toEqual(properties);
});

test('where there are no other keys, that is no lack; what was not tried is not found', () => {
  const { wrongKey: _wrongKey, disguisedKey: _disguisedKey, ...keyless } = outcomes({});
  expect(lost(keyless)).toEqual([]);
  expect(lost({})).toEqual(PROPERTY_NAMES);
  expect(lost({ ...keyless, forgedInside: { promised: true, attempts: 0, detected: 0 } })).toEqual([
    'nonRepudiation',
  ]);
});
