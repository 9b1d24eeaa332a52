import { failure, lastError, loadLibc, preferThisThread, waiter } from '../libc.ts';

/** `struct ifreq` (net/if.h): a name of 16 bytes, then the flags; 40 bytes in all. */
const IFREQ_BYTES = 40;
const IFNAMSIZ = 16;
/** linux/if_tun.h, fcntl.h. */
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const O_RDWR = 0o2;
const O_NONBLOCK = 0o4000;
/** errno(3), of a device whose namespace has ended. */
const EBADFD = 77;

/** A tun device: IP packets in, IP packets out. */
export interface TunDevice {
  readonly fd: number;
  /** Reads one packet and answers its length; 0 when there is none, undefined when the device is gone. */
  read(into: Uint8Array): number | undefined;
  /** Writes one packet; false when the kernel had no room for it, or the device is down or gone. */
  write(packet: Uint8Array): boolean;
}

/**
 * Makes the tun device `name` in the network namespace of this process and opens it for the calling thread, which goes
 * before other work from then on. It may be moved to another namespace and stays open. Throws an Error that names the
 * call which the kernel refused. The device goes with the process, or with the namespace that it is in.
 */
export function openTun(name: string): TunDevice {
  const libc = loadLibc();
  const fd = libc.open('/dev/net/tun', O_RDWR | O_NONBLOCK);
  if (fd < 0) throw failure('open /dev/net/tun');
  const request = new Uint8Array(IFREQ_BYTES);
  request.set(new TextEncoder().encode(name).subarray(0, IFNAMSIZ - 1));
  new DataView(request.buffer).setInt16(IFNAMSIZ, IFF_TUN | IFF_NO_PI, true);
  if (libc.ioctl(fd, TUNSETIFF, request) < 0) throw failure(`make the tun device ${name}`);
  preferThisThread(libc);
  return {
    fd,
    read: (into) => {
      const length = libc.read(fd, into, into.length);
      return length >= 0 ? length : lastError() === EBADFD ? undefined : 0;
    },
    write: (packet) => libc.write(fd, packet, packet.length) === packet.length,
  };
}

/** Answers a function that sleeps until one of the devices can be read, or so many microseconds at the most. */
export function sleeperOn(devices: readonly TunDevice[]): (timeoutUs: number) => void {
  return waiter(
    loadLibc(),
    devices.map(({ fd }) => fd),
  );
}
