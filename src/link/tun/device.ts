import { failure, loadLibc, preferThisThread, waiter } from '../libc.ts';

/** `struct ifreq` (net/if.h): a name of 16 bytes, then the flags; 40 bytes in all. */
const IFREQ_BYTES = 40;
const IFNAMSIZ = 16;
/** linux/if_tun.h, fcntl.h. */
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const O_RDWR = 0o2;
const O_NONBLOCK = 0o4000;

/** A tun device: IP packets in, IP packets out. */
export interface TunDevice {
  /** Reads one packet and answers its length; 0 when there is none. */
  read(into: Uint8Array): number;
  /** Writes one packet; false when the kernel had no room for it. */
  write(packet: Uint8Array): boolean;
  /** Sleeps until a packet can be read, or so many microseconds at the most. */
  wait(timeoutUs: number): void;
}

/**
 * Makes the tun device `name` in the network namespace of this process and opens it for the calling thread, which goes
 * before other work from then on. Throws an Error that names the
 * call which the kernel refused. The device goes with the process.
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
    read: (into) => Math.max(0, libc.read(fd, into, into.length)),
    write: (packet) => libc.write(fd, packet, packet.length) === packet.length,
    wait: waiter(libc, fd),
  };
}
