import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import type { AccessDecision } from '../../measure/access.ts';
import { nowUs } from '../../measure/clock.ts';
import { permissionsSchema, type Permissions, type Question } from './service.protocol.ts';

/** What a broker process is told of the service that it asks. */
export const enquirySchema = z.strictObject({
  host: z.string(),
  /** Absent: nothing listens where it asks. */
  port: z.int().optional(),
  token: z.string(),
  at: z.enum(['connect', 'topic']),
  /** How long answers are kept; absent: they are not. */
  cacheMs: z.number().positive().optional(),
  timeoutMs: z.int().positive(),
});
export type EnquirySettings = z.infer<typeof enquirySchema>;

/** What a question came to: what the client may use; undefined where it may use nothing, or nobody answered. */
export interface Answer extends Pick<AccessDecision, 'tookMs' | 'cached'> {
  permissions: Permissions | undefined;
  answered: boolean;
}

type Told = Pick<Answer, 'permissions' | 'answered'>;

/**
 * A broker's side of access management: asks the service what a client may use, over connections that are kept, and keeps
 * the answers where it was told to. No answer in time is a no, and none of those is kept.
 */
export class Enquiry {
  readonly #settings: EnquirySettings & { port: number };
  readonly #agent: Agent = new Agent({ keepAlive: true });
  readonly #kept = new Map<string, { told: Promise<Told>; untilUs: number }>();

  constructor(settings: EnquirySettings & { port: number }) {
    this.#settings = settings;
  }

  async ask(question: Question): Promise<Answer> {
    const askedUs = nowUs();
    const { told, cached } = this.#keptOrAsked(question, askedUs);
    const { permissions, answered } = await told;
    return { permissions, answered, cached, tookMs: (nowUs() - askedUs) / 1000 };
  }

  /** Answers are the user's, on whatever connection; of a client without one they are its identifier's. */
  #keptOrAsked(question: Question, askedUs: number): { told: Promise<Told>; cached: boolean } {
    const { cacheMs } = this.#settings;
    if (cacheMs === undefined) return { told: this.#post(question), cached: false };
    const { mode, user, clientId } = question;
    const key = JSON.stringify([mode, user === undefined ? 'client' : 'user', user ?? clientId]);
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.untilUs > askedUs) return { told: kept.told, cached: true };
    // Who asks while the first is still being asked for waits for the same answer.
    const told = this.#post(question);
    this.#kept.set(key, { told, untilUs: askedUs + cacheMs * 1000 });
    void told.then(({ answered }) => {
      if (!answered && this.#kept.get(key)?.told === told) this.#kept.delete(key);
    });
    return { told, cached: false };
  }

  #post(question: Question): Promise<Told> {
    const { host, port, token, timeoutMs } = this.#settings;
    const body = JSON.stringify(question);
    const unanswered: Told = { permissions: undefined, answered: false };
    return new Promise((resolve) => {
      const asked = request({
        host,
        port,
        method: 'POST',
        path: '/permissions',
        agent: this.#agent,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      });
      asked.on('error', () => resolve(unanswered));
      asked.on('response', (response) => {
        const { statusCode } = response;
        text(response)
          .then((answer): Told => {
            if (statusCode === 403) return { permissions: undefined, answered: true };
            if (statusCode !== 200) return unanswered;
            return { permissions: permissionsSchema.parse(JSON.parse(answer)), answered: true };
          })
          .catch(() => unanswered)
          .then(resolve, () => resolve(unanswered));
      });
      asked.end(body);
    });
  }
}
