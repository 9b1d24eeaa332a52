import { expect, it, test } from 'vitest';
import { tunLack, type TunFacts } from '../../src/link/tun/lack.ts';
import { DEBIAN } from './facts.ts';

const DENIED: TunFacts = {
  ...DEBIAN,
  hasDevice: true,
  said: 'The TUN delay line does not open: cannot open /dev/net/tun: 13 (EACCES)',
};

test.each<[string, Partial<TunFacts>, string]>([
  ['no device', { hasDevice: false }, '`modprobe tun`'],
  [
    'no device in a container',
    { hasDevice: false, container: 'docker' },
    '`docker run --device=/dev/net/tun --cap-add=SYS_ADMIN --cap-add=NET_ADMIN …`',
  ],
  ['a device without its driver', { said: 'cannot open /dev/net/tun: 19 (ENODEV)' }, '`modprobe tun`'],
  ['a device that only root may open', { isRoot: false }, '`sudo chmod 0666 /dev/net/tun`'],
  [
    'a device that a container may not use',
    { container: 'podman', said: 'cannot make the tun device mtb0: 1 (EPERM)' },
    '`podman run --device=/dev/net/tun --cap-add=SYS_ADMIN --cap-add=NET_ADMIN …`',
  ],
  ['root without the capability', { said: 'cannot make the tun device mtb0: 1 (EPERM)' }, 'CAP_NET_ADMIN'],
  ['a device that is in use', { said: 'cannot make the tun device mtb0: 16 (EBUSY)' }, 'ip tuntap list'],
  ['anything else', { said: 'no C library that a tun device could be opened with' }, '--backend auto'],
])('%s', (_, facts, mend) => {
  expect(tunLack({ ...DENIED, ...facts }).mend).toContain(mend);
});

it('says what failed, in one line', () => {
  expect(tunLack({ ...DENIED, said: `${DENIED.said}\n    at somewhere` }).reason).toBe(DENIED.said);
});
