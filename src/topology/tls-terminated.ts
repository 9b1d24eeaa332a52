import { ENDING_SHAPE, endingTopology } from './ending.ts';

/** A firewall that ends TLS before a secure zone, in which everything is plain. */
export const tlsTerminated = endingTopology({
  name: 'tls-terminated',
  description: 'TLS ends at the firewall; between it and the broker, in the secure zone, there is none.',
  shape: ENDING_SHAPE,
  innerMode: () => 'plain',
});
