import { randomBytes } from 'node:crypto';
import { startChild, type Child } from '../../process/child.ts';
import type { BrokerOptions } from '../broker.ts';
import { accessOf, deniedBy, type AccessChoice } from './choice.ts';
import type { EnquirySettings } from './enquiry.ts';
import { serviceProtocol, type Rule } from './service.protocol.ts';

/** The service answers in the broker's own namespace, or on the machine, and there nowhere but on loopback. */
const HOST = '127.0.0.1';
const TOKEN_BYTES = 24;
/** What the swarm's clients publish to and subscribe to: a cell, then an attempt or a publisher. */
const TOPICS = ['mtb/+/+'];
/** The client identifiers of the swarm, with or without what a broker knows its clients by. */
const CLIENTS = String.raw`^[A-Z]*(?:m[0-9a-z]+|[ps]\d+-\d+)$`;

/** A service that answers, until it is stopped, and what a broker process must know to ask it. */
export interface Access {
  enquiry: EnquirySettings;
  /** Undefined where the broker is to find nobody. */
  service: Child<typeof serviceProtocol> | undefined;
}

/** Starts the access management that a broker's settings ask for; undefined where they ask for none. */
export async function startAccess({
  choice,
  prefix,
  label,
  onCrash,
}: Pick<BrokerOptions, 'choice' | 'prefix' | 'label' | 'onCrash'>): Promise<Access | undefined> {
  const access = accessOf(choice);
  if (access === undefined) return undefined;
  const { at, cache, ttlSeconds, timeoutMs, delayMs, delayMsByMode = {} } = access;
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const enquiry: EnquirySettings = {
    host: HOST,
    token,
    at,
    timeoutMs,
    ...(cache ? { cacheMs: ttlSeconds * 1000 } : {}),
  };
  if (!access.reachable) return { enquiry, service: undefined };
  const service = await startChild(serviceProtocol, {
    module: new URL('./service.child.ts', import.meta.url),
    name: label === undefined ? 'access' : `access-${label}`,
    prefix,
    onCrash,
  });
  try {
    const { port } = await service.call('listen', {
      host: HOST,
      token,
      delayMs,
      delayMsByMode,
      rules: rulesOf(access),
    });
    return { enquiry: { ...enquiry, port }, service };
  } catch (error) {
    await service.stop();
    throw error;
  }
}

function rulesOf(access: AccessChoice): Rule[] {
  const denied = deniedBy(access);
  const unless = (action: 'publish' | 'subscribe'): string[] => (denied === action ? [] : TOPICS);
  return denied === 'connect'
    ? [{ clients: CLIENTS }]
    : [{ clients: CLIENTS, permissions: { publish: unless('publish'), subscribe: unless('subscribe') } }];
}
