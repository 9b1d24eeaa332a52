import * as z from 'zod';

/** A list whose items' names differ: two of one name could not be told apart. Faulty items have none. */
export function uniqueList<T extends z.ZodType>(
  item: T,
  namesOf: (value: z.output<T>) => string | readonly string[] | undefined,
): z.ZodArray<T> {
  return z
    .array(item)
    .min(1)
    .superRefine((values, context) => {
      const firsts = new Map<string, number>();
      for (const [index, value] of values.entries()) {
        for (const name of [namesOf(value) ?? []].flat()) {
          const first = firsts.get(name);
          firsts.set(name, first ?? index);
          if (first === undefined) continue;
          const message = `${name} stands in this list a second time (first as item ${first}), expected each name once`;
          context.addIssue({ code: 'custom', path: [index], message });
        }
      }
    });
}
