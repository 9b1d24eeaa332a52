import type { AccessDecision } from '../../measure/access.ts';
import { freePorts } from '../../process/ports.ts';
import { Enquiry, type Answer, type EnquirySettings } from './enquiry.ts';
import type { Permissions, Question } from './service.protocol.ts';
import { isWithin } from './topics.ts';

/** What a guard keeps of a connection. */
export interface Guarded {
  question: Question;
  /** What the client may use, where it was asked for at CONNECT. */
  permissions?: Permissions | undefined;
  onDecision: (decision: AccessDecision) => void;
}

/**
 * Stands between a broker's hooks and the access-management service: asks at the packets that the settings say, and
 * answers whether the client may go on. It refuses what it has no answer for.
 */
export class Guard {
  readonly #enquiry: Enquiry;
  readonly #at: EnquirySettings['at'];

  private constructor(enquiry: Enquiry, at: EnquirySettings['at']) {
    this.#enquiry = enquiry;
    this.#at = at;
  }

  static async create(settings: EnquirySettings): Promise<Guard> {
    // Where nothing is to listen, the broker asks at a port that nobody has.
    const [unused = 0] = settings.port === undefined ? await freePorts(settings.host, 1) : [];
    return new Guard(new Enquiry({ ...settings, port: settings.port ?? unused }), settings.at);
  }

  /** Whether a client whose credentials are right may connect. */
  async mayConnect(client: Guarded): Promise<boolean> {
    if (this.#at !== 'connect') return true;
    const answer = await this.#enquiry.ask(client.question);
    client.permissions = answer.permissions;
    return this.#decide(client, 'connect', answer, answer.permissions !== undefined);
  }

  /** Whether a client may publish to a topic, or subscribe to a filter. */
  async mayUse(client: Guarded, action: 'publish' | 'subscribe', topic: string): Promise<boolean> {
    const isAllowed = (permissions: Permissions | undefined): boolean =>
      permissions?.[action].some((allowed) => isWithin(topic, allowed)) ?? false;
    // What was told at CONNECT holds for the connection, and costs nothing more.
    if (this.#at === 'connect') return isAllowed(client.permissions);
    const answer = await this.#enquiry.ask(client.question);
    return this.#decide(client, action, answer, isAllowed(answer.permissions));
  }

  #decide(
    { onDecision }: Guarded,
    before: AccessDecision['before'],
    { tookMs, cached, answered }: Answer,
    isAllowed: boolean,
  ): boolean {
    onDecision({
      before,
      tookMs,
      cached,
      outcome: answered ? (isAllowed ? 'allowed' : 'denied') : 'unanswered',
    });
    return isAllowed;
  }
}
