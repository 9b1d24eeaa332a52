import { RECORD_HEADER_BYTES } from '../link/tap/record-reader.ts';
import type { Negotiated } from '../measure/negotiated.ts';
import type { TlsWire, WireFacts } from '../measure/tls-wire.ts';

/** The modes name these groups as OpenSSL does; all others are named alike. */
const GROUP_NAMES: Record<string, string> = {
  secp256r1: 'P-256',
  secp384r1: 'P-384',
  x25519: 'X25519',
  x448: 'X448',
};

const NAMES = { change_cipher_spec: 'ChangeCipherSpec', alert: 'Alert' } as const;

/** What a sample keeps of the handshake that the link saw. */
export function wireFacts({ records, handshake: { up, down }, ...facts }: TlsWire): WireFacts {
  return {
    ...facts,
    ...(up === undefined ? {} : { handshakeUp: up.bytes, recordsUp: up.records }),
    ...(down === undefined ? {} : { handshakeDown: down.bytes, recordsDown: down.records }),
    messages: records.flatMap(({ from, record, bytes, count = 1, messages }) => {
      if (messages !== undefined) return messages.map((message) => ({ from, ...message }));
      const plain = record === 'change_cipher_spec' || record === 'alert';
      const one = { from, name: plain ? NAMES[record] : 'encrypted', bytes: bytes - RECORD_HEADER_BYTES };
      return Array.from({ length: count }, () => one);
    }),
  };
}

/** The name that modes have for a group of the wire, so that both ends are compared in the same words. */
export function groupName(group: string): string {
  return GROUP_NAMES[group] ?? group;
}

/** What the wire told, with its group named as modes name it. */
export function inWordsOfModes({ group, ...rest }: TlsWire): TlsWire {
  return group === undefined ? rest : { ...rest, group: groupName(group) };
}

/**
 * What the handshake's plaintext tells of what was negotiated at the broker's end. Whether a PSK that was accepted in
 * TLS 1.3 was a session's is not in it.
 */
export function negotiatedOnWire({ version, suite, group, helloRetryRequest, session }: TlsWire): Negotiated {
  const accepted = session?.accepted;
  const resumed = accepted === undefined ? undefined : accepted !== 'none';
  return {
    ...(version === undefined ? {} : { protocol: version }),
    ...(suite === undefined ? {} : { suite }),
    ...(group === undefined ? {} : { group: groupName(group) }),
    ...(helloRetryRequest === undefined ? {} : { helloRetryRequest }),
    ...(resumed === undefined || accepted === 'pre_shared_key' ? {} : { resumed }),
  };
}
