import { connect as tcpConnect } from 'node:net';
import { nowUs } from '../measure/clock.ts';
import { startTls } from './clients/start-tls.ts';
import { failureOf } from './failure.ts';
import { Pacer } from './pacer.ts';
import type { Target } from './targets.ts';

/** TLS 1.3 brokers send more than one ticket; the others follow the first at once. */
const FURTHER_TICKETS_MS = 20;

export interface PrimeOptions {
  /** Sessions that are wanted. */
  count: number;
  perSecond: number;
  timeoutMs: number;
}

/**
 * Opens connections until the target's pool holds so many sessions, each by a full handshake over the same link and to
 * the same listener as what will resume it. Every session is for one attempt: RFC 8446 §C.4 advises it for tickets of
 * TLS 1.3, and it leaves no doubt about what was reused in TLS 1.2. Resolves with how many sessions there are, which
 * may be fewer when connections fail, or `stop` is aborted.
 */
export async function primeSessions(
  target: Target,
  { count, perSecond, timeoutMs }: PrimeOptions,
  stop?: AbortSignal,
): Promise<number> {
  const pool = target.tls?.sessions;
  if (pool === undefined) return 0;
  const underWay = new Set<Promise<void>>();
  const startUs = nowUs();
  const pacer = new Pacer();
  const end = (): void => pacer.stop();
  stop?.addEventListener('abort', end);
  if (stop?.aborted === true) end();
  await pacer.run(
    (index) => (index >= count || pool.length >= count ? undefined : startUs + (index * 1e6) / perSecond),
    () => {
      const fetched = fetchSessions(target, timeoutMs)
        .then((sessions) => void pool.push(...sessions))
        .finally(() => underWay.delete(fetched));
      underWay.add(fetched);
    },
  );
  await Promise.all(underWay);
  stop?.removeEventListener('abort', end);
  return pool.length;
}

/** The sessions that one full handshake gives; none when it fails. */
function fetchSessions(target: Target, timeoutMs: number): Promise<Buffer[]> {
  return new Promise((resolve) => {
    const sessions: Buffer[] = [];
    const raw = tcpConnect({ host: target.host, port: target.port, noDelay: true });
    const done = (): void => {
      clearTimeout(limit);
      raw.destroy();
      resolve(sessions);
    };
    const limit = setTimeout(done, timeoutMs);
    raw.on('error', (error) => void failureOf(error)).once('close', done);
    raw.once('connect', () => {
      const stream = startTls(raw, target, { resume: false });
      stream.on('error', done);
      stream.on('session', (session: Buffer) => {
        sessions.push(session);
        // In order, with close_notify: OpenSSL forgets a session whose connection was cut off.
        if (sessions.length === 1) setTimeout(() => stream.end(), FURTHER_TICKETS_MS);
      });
    });
  });
}
