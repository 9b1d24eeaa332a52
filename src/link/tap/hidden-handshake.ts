/** RFC 8446 §5.2: behind the content of an encrypted record stands its true type, one byte. */
const TYPE_BYTES = 1;
const MESSAGE_HEADER_BYTES = 4;
/** RFC 8446 §6: level and description. */
const ALERT_BYTES = 2;
/** RFC 8446 §4.4.2: a Certificate message that answers a request with no certificate. */
const EMPTY_CERTIFICATE_BYTES = MESSAGE_HEADER_BYTES + 4;
/** RFC 8446 §4.4.3: scheme, length, and a signature of 64 bytes (Ed25519), which none of its schemes undercuts. */
const LEAST_VERIFY_BYTES = MESSAGE_HEADER_BYTES + 2 + 2 + 64;
/** RFC 8446 §4.6.1: lifetime, age, a nonce of 0 bytes, a ticket of 1 byte, no extensions. */
const LEAST_TICKET_BYTES = MESSAGE_HEADER_BYTES + 4 + 4 + 1 + 3 + 2;

/**
 * Tells where the handshake of TLS 1.3 ends although its records look like application data, by the only thing that can
 * be seen of them, their sizes (no stack in use pads them):
 *
 * - The client's last message is Finished, whose size follows from the suite's hash (RFC 8446 §4.4.4). It is the first
 *   encrypted record, or the second after an empty Certificate, or one after Certificate and CertificateVerify. BoringSSL
 *   and rustls put all three into one record: then the second is too short for a CertificateVerify, and is application data.
 * - The broker's records until then are its handshake. Those after it are session tickets for as long as they are long
 *   enough to be one; the CONNACK of MQTT 3.1.1 has 4 bytes (OASIS MQTT 3.1.1 §3.2), and no ticket so few.
 * - A record with content of 2 bytes before application data is an alert.
 *
 * A client that puts all three into one record and sends 72 bytes or more next is not seen to end, so that nothing is told
 * of either end's bytes. A CONNACK of MQTT 5 with 18 bytes or more would be taken for a ticket.
 */
export class HiddenHandshake {
  readonly #overheadBytes: number;
  readonly #finishedBytes: number;
  #clientRecords = 0;
  #clientFirstBytes = 0;
  #clientFinished = false;

  /** `suite` is the IANA name of a suite of TLS 1.3. */
  constructor(suite: string) {
    this.#overheadBytes = TYPE_BYTES + (suite.includes('_CCM_8_') ? 8 : 16);
    const hashBytes = suite.endsWith('_SHA384') ? 48 : 32;
    this.#finishedBytes = MESSAGE_HEADER_BYTES + hashBytes;
  }

  /** Whether the client's Finished has passed. */
  get clientFinished(): boolean {
    return this.#clientFinished;
  }

  /** What the next encrypted record of an end is; `length` is that of its fragment. */
  tell(from: 'client' | 'broker', length: number): 'handshake' | 'alert' | 'application_data' {
    const content = length - this.#overheadBytes;
    if (from === 'client') return this.#tellClient(content);
    if (content === ALERT_BYTES) return 'alert';
    return this.#clientFinished && content < LEAST_TICKET_BYTES ? 'application_data' : 'handshake';
  }

  #tellClient(content: number): 'handshake' | 'alert' | 'application_data' {
    if (content === ALERT_BYTES) return 'alert';
    if (this.#clientFinished) return 'application_data';
    const before = this.#clientRecords++;
    if (before === 0) this.#clientFirstBytes = content;
    if (before === 1 && this.#clientFirstBytes > EMPTY_CERTIFICATE_BYTES && content < LEAST_VERIFY_BYTES) {
      this.#clientFinished = true;
      return 'application_data';
    }
    const inPlace = before !== 1 || this.#clientFirstBytes === EMPTY_CERTIFICATE_BYTES;
    this.#clientFinished = content === this.#finishedBytes && inPlace;
    return 'handshake';
  }
}
