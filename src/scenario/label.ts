import * as z from 'zod';

/** What a broker or topology is called in cells, where its kind and settings would not tell it from another one. */
export const labelSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]*$/, 'a label of lower-case letters, digits, dots and dashes')
  .meta({ description: 'what it is called in cells (default: its name and what is unusual about it)' });
