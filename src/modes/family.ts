import type { Theory } from '../model/theory.ts';
import type { Group } from './axes.ts';

/** How the two ends of a mode trust each other, and agree on keys. */
export interface Security {
  protocol: 'TLSv1.2' | 'TLSv1.3';
  /** `certificate`: the broker shows one; `mutual`: the client does too; the others are those of RFC 4279 and RFC 5489. */
  authentication: 'certificate' | 'mutual' | 'psk' | 'ecdhe-psk' | 'dhe-psk';
  /** The key-exchange group when nobody asks for one; absent where none is negotiated. */
  group?: Group;
  /** The group that the client offers a key share of first, and that the broker does not have. */
  refusedGroup?: Group;
  /** What an earlier session is resumed by. */
  resumption?: 'session-id' | 'ticket';
  /** The suite when nobody asks for one, by its IANA name; absent: the protocol's default. */
  suite?: string;
}

/** A named way to secure the connection, as its file states it: one file each, in the list of `index.ts`. */
export interface Family {
  name: string;
  /** A few words for tables and charts. */
  title: string;
  /** What it is and when one would use it, in a sentence or two. */
  description: string;
  /** Undefined on plain TCP. */
  security: Security | undefined;
  theory: Theory;
}
