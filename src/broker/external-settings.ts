import * as z from 'zod';
import { modeNamed } from '../modes/index.ts';
import { byModeSchema, isMode } from './by-mode.ts';
import { CREDENTIALS_SHAPE, secretSchema } from './secrets.ts';

const DEFAULT_PORTS: Record<string, number> = { 'mqtt:': 1883, 'mqtts:': 8883 };

const fileSchema = (what: string) =>
  z
    .string()
    .min(1)
    .meta({ description: `${what} (PEM); its place is relative to this file` });

/** Of a URL with a password in it nothing is told but that. */
const urlSchema = z
  .string()
  .superRefine((text, context) => {
    const message = urlProblem(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .meta({ description: 'mqtt://HOST:PORT, or mqtts://HOST:PORT for a mode with TLS', format: 'uri' });

const urlsSchema = byModeSchema(urlSchema).superRefine((urls, context) => {
  if (Object.keys(urls).length === 0)
    context.addIssue({ code: 'custom', message: 'expected a URL for one mode at least, got none' });
  for (const [name, text] of Object.entries(urls)) {
    if (!isMode(name) || urlProblem(text) !== undefined) continue;
    const wanted = modeNamed(name).security === undefined ? 'mqtt:' : 'mqtts:';
    const { protocol } = new URL(text);
    if (protocol !== wanted)
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `mode ${name} is reached by ${wanted}//, got ${protocol}//`,
      });
  }
});

/** What a scenario says of a broker that runs already. */
export const EXTERNAL_SHAPE = {
  urls: urlsSchema.meta({ description: 'where it listens, by mode' }),
  ca: fileSchema(
    'the authorities that its certificate is verified by; absent: those that Node trusts',
  ).optional(),
  serverName: z.string().min(1).optional().meta({
    description: "name that its certificate must carry (default: the URL's host)",
  }),
  clientCert: fileSchema("the clients' certificate and intermediates, for modes with mutual TLS").optional(),
  clientKey: fileSchema('its private key').optional(),
  pskIdentity: secretSchema('pskIdentity', 'identity of the pre-shared key, as env:NAME').optional(),
  pskKey: secretSchema('pskKey', 'the pre-shared key in hexadecimal, as env:NAME').optional(),
  ...CREDENTIALS_SHAPE,
};

const settingsSchema = z.object(EXTERNAL_SHAPE);
export type ExternalSettings = z.infer<typeof settingsSchema>;

export function settingsOf({ options }: { options: Readonly<Record<string, unknown>> }): ExternalSettings {
  return settingsSchema.parse(options);
}

/** Host and port of a URL that the schema has taken. */
export function addressOf(text: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(text);
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port),
  };
}

function urlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'expected a URL such as mqtts://broker.example:8883';
  if (url.username !== '' || url.password !== '')
    return 'a secret may not stand in a scenario, so not in a URL either; expected the keys username: env:NAME and password: env:NAME';
  if (DEFAULT_PORTS[url.protocol] === undefined) {
    const ws = ['ws:', 'wss:'].includes(url.protocol) ? ' (WebSockets are not measured)' : '';
    return `expected a URL that begins with mqtt:// or mqtts://, got ${url.protocol}//${ws}`;
  }
  if (url.hostname === '' || url.port === '0') return 'expected a host, and a port from 1 to 65535';
  const rest = `${url.pathname === '/' ? '' : url.pathname}${url.search}${url.hash}`;
  return rest === '' ? undefined : 'expected nothing behind host and port';
}
