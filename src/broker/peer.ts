import * as z from 'zod';

/** What the clients of a broker hold that does not have the certificates of the run's PKI; all PEM. */
export const peerSchema = z.strictObject({
  /** The DNS name or IP address that the broker's certificate must carry. */
  name: z.string(),
  /** The authorities that the broker is verified by. */
  caPem: z.string(),
  identity: z.strictObject({ certPem: z.string(), keyPem: z.string() }).optional(),
  psk: z.strictObject({ identity: z.string(), keyHex: z.string() }).optional(),
});
export type Peer = z.infer<typeof peerSchema>;

/** User name and password of CONNECT (OASIS MQTT 3.1.1 §3.1.3.4, §3.1.3.5). */
export interface Credentials {
  username?: string | undefined;
  password?: string | undefined;
}

/** How clients are let in to a broker that asks for more than the run's own PKI has. */
export interface Access {
  credentials?: Credentials;
  peer?: Peer;
  /** Begins every client identifier, so that no client of somebody else is taken over (§3.1.4). */
  clientIdPrefix?: string;
}
