/** A mode's identifier taken apart: `tls13+key=rsa-2048` is of the family `tls13`. Any version may have written it. */
export interface ModeName {
  family: string;
  /** Axes that differ from the family's defaults, in the order of the identifier. */
  axes: ReadonlyMap<string, string>;
}

export function modeName(id: string): ModeName {
  const [family = '', ...parts] = id.split('+');
  const axes = parts.map((part): [string, string] => {
    const [axis = '', ...value] = part.split('=');
    return [axis, value.join('=')];
  });
  return { family, axes: new Map(axes) };
}

/** The axes of a mode in few words, for pictures, where an identifier would not fit: `rsa-2048, chain of 3`. */
export function axesInWords(id: string): string {
  return [...modeName(id).axes].map(([axis, value]) => WORDS[axis]?.(value) ?? `${axis} ${value}`).join(', ');
}

/** A mode in few words: `tls13, rsa-2048`. Tables and anchors have its identifier. */
export function modeInWords(id: string): string {
  const axes = axesInWords(id);
  return axes === '' ? id : `${modeName(id).family}, ${axes}`;
}

const itself = (value: string): string => value;

const WORDS: Record<string, ((value: string) => string) | undefined> = {
  key: itself,
  chain: (value) => `chain of ${value}`,
  padBytes: (value) => `padded ${value} B`,
  // What is the same in most suites' names tells nothing.
  suite: (value) => value.replace(/^TLS_(?:.*_WITH_)?/, '').replace(/_SHA\d+$/, ''),
  group: itself,
  tickets: (value) => (value === 'false' ? 'no tickets' : 'tickets'),
  crlEntries: (value) => `CRL of ${value}`,
  client: (value) => `${value} client`,
  auth: (value) =>
    ({
      none: 'no authentication',
      'client-id': 'client id',
      password: 'password',
      'client-id-and-password': 'client id and password',
      x509: 'X.509 identity',
    })[value] ?? `auth ${value}`,
  credentials: (value) => value.replaceAll('-', ' '),
  mqtt: (value) => `MQTT ${value}`,
  pipelined: (value) => (value === 'true' ? 'pipelined' : 'not pipelined'),
  clientNoDelay: (value) => (value === 'false' ? 'Nagle' : 'no Nagle'),
};
