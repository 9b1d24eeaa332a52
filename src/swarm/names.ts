/** The MQTT client identifier of an attempt: at most 23 characters, as MQTT 3.1.1 §3.1.3.1 lets every broker ask. */
export function clientIdOf(attempt: number): string {
  return `m${attempt.toString(36)}`;
}

/**
 * The attempt that a client identifier belongs to, or undefined for standing clients. What a broker knows its clients by
 * may stand before it, in capitals.
 */
export function attemptOfClientId(clientId: string): number | undefined {
  const number = /^[A-Z]*m([0-9a-z]+)$/.exec(clientId)?.[1];
  return number === undefined ? undefined : Number.parseInt(number, 36);
}

/** Where an attempt publishes; the last level names it. */
export function topicOf(cell: number, attempt: number): string {
  return `mtb/${cell}/${attempt}`;
}

/** What a cell's standing subscribers subscribe to. */
export function filterOf(cell: number): string {
  return `mtb/${cell}/+`;
}

/** The attempt that a topic names. */
export function attemptOfTopic(topic: string): number {
  return Number(topic.slice(topic.lastIndexOf('/') + 1));
}
