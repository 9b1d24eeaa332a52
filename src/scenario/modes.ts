import * as z from 'zod';
import { AXIS_NAMES, axesSchema, type Axes, type AxisName } from '../modes/axes.ts';
import { familyNamed, MODE_NAMES, modeNamed } from '../modes/index.ts';
import { axesProblem, modeId } from '../modes/resolve.ts';

/** Each axis takes one value or a list; lists multiply. */
const axisValues = Object.fromEntries(
  AXIS_NAMES.map((name) => {
    const value = axesSchema.shape[name].unwrap();
    return [name, z.union([value, z.array(value).min(1)]).optional()];
  }),
) as unknown as { [N in AxisName]: z.ZodOptional<z.ZodType<Axes[N] | NonNullable<Axes[N]>[]>> };

const nameSchema = z.enum(MODE_NAMES).meta({ description: 'a mode; the command `modes` describes them' });

/** A mode as a scenario writes it: a name, or a name with axes that differ from its defaults. */
export const modeSchema = z.union([
  nameSchema,
  z
    .strictObject({ mode: nameSchema, ...axisValues })
    .superRefine(({ mode, ...axes }, context) => {
      for (const combination of combinations(axes)) {
        const problem = axesProblem(familyNamed(mode), combination);
        if (problem === undefined) continue;
        context.addIssue({ code: 'custom', message: `${mode}: ${problem}` });
        return;
      }
    })
    .meta({ description: 'a mode with axes; lists multiply' }),
]);
export type ModeInput = z.input<typeof modeSchema>;

/** The names of all modes that an item of `modes` stands for; none for one at fault. */
export function modeIdsOf(item: z.output<typeof modeSchema>): string[] {
  if (typeof item === 'string') return [item];
  const { mode, ...axes } = item;
  const family = familyNamed(mode);
  const all = combinations(axes);
  if (all.some((combination) => axesProblem(family, combination) !== undefined)) return [];
  return all.map((combination) => modeId(mode, combination));
}

/** A mode's name as a scenario writes it. */
export function modeInput(id: string): ModeInput {
  const { family, axes } = modeNamed(id);
  const mode = family as (typeof MODE_NAMES)[number];
  return Object.keys(axes).length === 0 ? mode : { mode, ...axes };
}

function combinations(axes: { [N in AxisName]?: unknown }): Axes[] {
  return AXIS_NAMES.reduce<Axes[]>(
    (all, name) => {
      const given = axes[name];
      if (given === undefined) return all;
      const values: unknown[] = Array.isArray(given) ? given : [given];
      return all.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
    },
    [{}],
  );
}
