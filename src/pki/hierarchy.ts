import { X509Certificate } from 'node:crypto';
import { createAuthority, type Authority } from './authority.ts';
import { newKeyPair, type KeyPair } from './keys.ts';
import { BROKER_NAME, CLIENT_NAME, type Identity } from './material.ts';
import { listedEntries, type CertificateNeeds, type KeyType } from './needs.ts';

/**
 * Who issues: one root for brokers and another for devices, each with its intermediate authorities, and a root of
 * devices that no broker knows. Brokers and devices have roots of their own for a reason beside custom: OpenSSL adds to
 * a leaf that is configured alone the issuers that it finds among the authorities it *verifies* by, the root included
 * (`ssl_add_cert_chain`; Node cannot set SSL_MODE_NO_AUTO_CHAIN). With a root in common an end of mutual TLS would send
 * that too, a certificate which its peer holds already.
 */
type Side = 'broker' | 'device' | 'stranger';

/** All certificates that some needs ask for. */
export interface Certificates {
  /** The roots: the broker's, which clients verify by, and the devices', which brokers verify by. */
  brokerCaPem: string;
  clientCaPem: string;
  broker: Identity;
  client: Identity;
  /** One for each authority above the client; undefined where the needs have no list. */
  crlPems: string[] | undefined;
}

/**
 * A run's certificates. Needs of one type of key share its authorities and the two leaves' keys, so that no key is made
 * twice (RSA-4096 takes a second) and certificates differ in what the needs differ in alone.
 */
export class Hierarchy {
  readonly #keys = new Map<string, Promise<KeyPair>>();
  readonly #authorities = new Map<string, Promise<Authority>>();

  async certificates(needs: CertificateNeeds): Promise<Certificates> {
    const { key, chain, padBytes: paddingBytes } = needs;
    const side: Side = needs.client === 'wrong-ca' ? 'stranger' : 'device';
    const [brokerKeys, clientKeys, brokerLine, deviceLine, clientLine] = await Promise.all([
      this.#keyOf(key, 'broker leaf'),
      this.#keyOf(key, 'client leaf'),
      this.#line(key, 'broker', chain),
      this.#line(key, 'device', chain),
      this.#line(key, side, chain),
    ]);
    const [broker, client] = await Promise.all([
      brokerLine.issuer.issue({
        name: BROKER_NAME,
        use: 'server',
        dnsNames: [BROKER_NAME],
        ipAddresses: ['127.0.0.1'],
        paddingBytes,
        keys: brokerKeys,
      }),
      clientLine.issuer.issue({
        name: CLIENT_NAME,
        use: 'client',
        paddingBytes,
        expired: needs.client === 'expired',
        keys: clientKeys,
      }),
    ]);
    return {
      brokerCaPem: brokerLine.root.certPem,
      clientCaPem: deviceLine.root.certPem,
      broker,
      client,
      crlPems: await revocationLists(needs, deviceLine, client),
    };
  }

  /** The authorities of a side from its root to the one that issues leaves, as a chain of so many has them. */
  async #line(key: KeyType, side: Side, chain: number): Promise<Line> {
    const line = await Promise.all(
      Array.from({ length: chain }, (_, depth) => this.#authority(key, side, depth)),
    );
    const [root] = line;
    const issuer = line.at(-1);
    if (root === undefined || issuer === undefined)
      throw new RangeError('A chain has at least one certificate');
    return { root, issuer, above: line.slice(0, -1) };
  }

  #authority(key: KeyType, side: Side, depth: number): Promise<Authority> {
    const name = `mqtt-tls-bench ${side} CA${depth === 0 ? '' : ` ${depth}`}`;
    return remember(this.#authorities, `${key} ${name}`, async () => {
      const [keys, above] = await Promise.all([
        this.#keyOf(key, name),
        depth === 0 ? undefined : this.#authority(key, side, depth - 1),
      ]);
      return above === undefined ? createAuthority(name, keys) : above.delegate(name, keys);
    });
  }

  #keyOf(key: KeyType, owner: string): Promise<KeyPair> {
    return remember(this.#keys, `${key} ${owner}`, () => newKeyPair(key));
  }
}

interface Line {
  root: Authority;
  issuer: Authority;
  /** All but the issuer. */
  above: readonly Authority[];
}

/**
 * OpenSSL as Node sets it up checks every certificate of the chain, so every authority needs a list. That of the leaf's
 * issuer has the entries, the others are empty.
 */
async function revocationLists(
  needs: CertificateNeeds,
  { issuer, above }: Line,
  client: Identity,
): Promise<string[] | undefined> {
  const entries = listedEntries(needs);
  if (entries === undefined) return undefined;
  const revoked = needs.client === 'revoked' ? [new X509Certificate(client.certPem).serialNumber] : [];
  return Promise.all([issuer.revoke(revoked, entries), ...above.map((authority) => authority.revoke([]))]);
}

function remember<T>(known: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(name) ?? make();
  known.set(name, found);
  return found;
}
