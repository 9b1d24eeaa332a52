import * as z from 'zod';
import { byModeSchema } from './by-mode.ts';
import { placeholdersIn, templateSchema, type Placeholder } from './placeholders.ts';
import { CREDENTIALS_SHAPE, isReference, secretProblem } from './secrets.ts';
import { sourceSchema } from './source-settings.ts';

const FILE_NAME = /^[A-Za-z0-9_][\w.-]*$/;
const SECRET_NAME =
  /(?:^|_)pass(?:wd|phrase)?(?:$|_)|password|secret|token|credential|(?:^|_)pwd(?:$|_)|api_?key|(?:^|_)psk$/i;
const MAX_READY_MS = 600_000;

const envSchema = z
  .record(z.string(), templateSchema({ secrets: true }))
  .superRefine((variables, context) => {
    for (const [name, text] of Object.entries(variables)) {
      const isOpen = text !== '' && placeholdersIn(text).length === 0 && !isReference(text);
      if (SECRET_NAME.test(name) && isOpen)
        context.addIssue({ code: 'custom', path: [name], message: secretProblem(name) });
    }
  });

const filesSchema = z.record(z.string(), templateSchema({ secrets: true })).superRefine((files, context) => {
  for (const name of Object.keys(files))
    if (!FILE_NAME.test(name))
      context.addIssue({
        code: 'custom',
        path: [name],
        message:
          'expected the name of a file in {folder}, of letters, digits, dots and dashes, without folders',
      });
});

/** What a scenario says of a broker that is started by a command line. */
export const COMMAND_SHAPE = {
  command: z
    .array(templateSchema({ secrets: false }))
    .min(1)
    .meta({
      description: "the program and its arguments, no shell; the program's path counts from this file",
    }),
  files: filesSchema
    .optional()
    .meta({ description: 'texts of files that are written to {folder}, by their names' }),
  ports: byModeSchema(z.int().min(1).max(65_535))
    .optional()
    .meta({ description: 'ports by mode, where it has fixed ones; {port:MODE} stands for a free one' }),
  env: envSchema.optional().meta({
    description: 'its environment variables beside those of the bench; env:NAME takes the value of another',
  }),
  source: sourceSchema.optional().meta({
    description: 'the git repository that it is built from; {source} stands for the folder of its files',
  }),
  ready: z
    .strictObject({
      withinMs: z.int().min(1).max(MAX_READY_MS).meta({
        description: 'how long it may take until it accepts connections (default 30000)',
      }),
    })
    .optional()
    .meta({ description: 'it is ready when it accepts connections on all ports of the modes' }),
  ...CREDENTIALS_SHAPE,
};

const settingsSchema = z.object(COMMAND_SHAPE);
export type CommandSettings = z.infer<typeof settingsSchema>;

export function settingsOf({ options }: { options: Readonly<Record<string, unknown>> }): CommandSettings {
  return settingsSchema.parse(options);
}

/** The modes that it has a port for, fixed or free. */
export function portNames(settings: CommandSettings): string[] {
  return [...new Set([...Object.keys(settings.ports ?? {}), ...freePortNames(settings)])];
}

/** The modes whose ports are found when it starts. */
export function freePortNames(settings: CommandSettings): string[] {
  const named = placeholdersOf(settings).flatMap(({ name, mode }) =>
    name === 'port' && mode !== undefined ? [mode] : [],
  );
  return [...new Set(named)].filter((name) => settings.ports?.[name] === undefined);
}

/** Whether it needs the folder of a source. */
export function usesSource(settings: CommandSettings): boolean {
  return placeholdersOf(settings).some(({ name }) => name === 'source');
}

function placeholdersOf({ command, files = {}, env = {} }: CommandSettings): Placeholder[] {
  return [...command, ...Object.values(files), ...Object.values(env)].flatMap(placeholdersIn);
}
