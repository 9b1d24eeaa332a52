import type { AttackName, AttackOutcome } from './attacks.ts';
import type { Promises } from './method.ts';

/** What a method was found to give, and the attacks of which every attempt must be detected for it. */
export const PROPERTIES = {
  integrity: ['tampered', 'topic'],
  // Who has no key forges, and who has keys of another fleet.
  authentication: ['forged', 'wrongKey', 'disguisedKey'],
  // A subscriber holds the keys that messages are opened with: where he can forge, nobody else is proven to have sent.
  nonRepudiation: ['forgedInside'],
} as const satisfies Partial<Record<keyof Promises, readonly AttackName[]>>;

export type PropertyName = keyof typeof PROPERTIES;
export const PROPERTY_NAMES = Object.keys(PROPERTIES) as PropertyName[];

/** Whether a method says that it has a property, and whether the attacks found that it has. */
export interface Property {
  promised: boolean;
  found: boolean;
}

/** What follows from the outcomes of the attacks alone. What nobody tried is not found. */
export function propertiesOf(
  promises: Promises,
  attacks: Readonly<Partial<Record<AttackName, AttackOutcome>>>,
): Record<PropertyName, Property> {
  const propertyOf = (name: PropertyName): Property => {
    // Methods without keys have no attacks with other keys.
    const outcomes = PROPERTIES[name].flatMap((attack) => attacks[attack] ?? []);
    const found =
      outcomes.length > 0 &&
      outcomes.every(({ attempts, detected }) => attempts > 0 && detected === attempts);
    return { promised: promises[name], found };
  };
  return {
    integrity: propertyOf('integrity'),
    authentication: propertyOf('authentication'),
    nonRepudiation: propertyOf('nonRepudiation'),
  };
}
