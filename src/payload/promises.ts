import type { Promises } from './method.ts';

/** What kinds of methods promise; a method's own file names one, or differs and says why. */
export const PROMISES = {
  /** Anybody can compute it: what is changed by accident is found, what is changed on purpose is not. */
  checksum: {
    integrity: true,
    authentication: false,
    nonRepudiation: false,
    confidentiality: false,
    replay: false,
  },
  /** Who can check it can make it, so that it proves nothing to a third party. */
  mac: { integrity: true, authentication: true, nonRepudiation: false, confidentiality: false, replay: true },
  signature: {
    integrity: true,
    authentication: true,
    nonRepudiation: true,
    confidentiality: false,
    replay: true,
  },
  sealed: {
    integrity: true,
    authentication: true,
    nonRepudiation: false,
    confidentiality: true,
    replay: true,
  },
  /** Encrypted to a public key that is no secret: anybody may have sent it. */
  anonymous: {
    integrity: true,
    authentication: false,
    nonRepudiation: false,
    confidentiality: true,
    replay: true,
  },
  signedAndSealed: {
    integrity: true,
    authentication: true,
    nonRepudiation: true,
    confidentiality: true,
    replay: true,
  },
} as const satisfies Record<string, Promises>;
