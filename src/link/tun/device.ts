import koffi, { type LibraryHandle } from 'koffi';
import { messageOf } from '../../errors.ts';

/** `struct ifreq` (net/if.h): a name of 16 bytes, then the flags; 40 bytes in all. */
const IFREQ_BYTES = 40;
const IFNAMSIZ = 16;
/** linux/if_tun.h, fcntl.h, poll.h, sys/prctl.h. */
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const O_RDWR = 0o2;
const O_NONBLOCK = 0o4000;
const POLLIN = 0x001;
const PR_SET_TIMERSLACK = 29;
/** errno(3), of a device whose namespace has ended. */
const EBADFD = 77;
/**
 * sched(7): a real-time thread goes before all ordinary work. With both cores loaded by others, the 99th percentile of
 * lateness was 0.06 to 0.3 ms with it and 1 to 33 ms without. It only ever sleeps, or spins for some 60 µs.
 */
const SCHED_FIFO = 1;
/** The kernel rounds a sleep up by as much; its default of 50 µs would be in every packet. */
const TIMER_SLACK_NS = 1;

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
  const libc = load();
  const fd = libc.open('/dev/net/tun', O_RDWR | O_NONBLOCK);
  if (fd < 0) throw failure('open /dev/net/tun');
  const request = new Uint8Array(IFREQ_BYTES);
  request.set(new TextEncoder().encode(name).subarray(0, IFNAMSIZ - 1));
  new DataView(request.buffer).setInt16(IFNAMSIZ, IFF_TUN | IFF_NO_PI, true);
  if (libc.ioctl(fd, TUNSETIFF, request) < 0) throw failure(`make the tun device ${name}`);
  libc.prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
  // Refused to an unprivileged user; then the lateness in the results says what the machine's other work cost.
  libc.sched_setscheduler(0, SCHED_FIFO, { sched_priority: 1 });

  return {
    fd,
    read: (into) => {
      const length = libc.read(fd, into, into.length);
      return length >= 0 ? length : koffi.errno() === EBADFD ? undefined : 0;
    },
    write: (packet) => libc.write(fd, packet, packet.length) === packet.length,
  };
}

/** Answers a function that sleeps until one of the devices can be read, or so many microseconds at the most. */
export function sleeperOn(devices: readonly TunDevice[]): (timeoutUs: number) => void {
  const libc = load();
  const poll = devices.map(({ fd }) => ({ fd, events: POLLIN, revents: 0 }));
  const timeout = { tv_sec: 0, tv_nsec: 0 };
  return (timeoutUs) => {
    timeout.tv_sec = Math.floor(timeoutUs / 1e6);
    timeout.tv_nsec = Math.floor((timeoutUs % 1e6) * 1000);
    libc.ppoll(poll, poll.length, timeout, null);
  };
}

interface Libc {
  open(path: string, flags: number): number;
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  read(fd: number, into: Uint8Array, bytes: number): number;
  write(fd: number, from: Uint8Array, bytes: number): number;
  ppoll(fds: object[], count: number, timeout: object, mask: null): number;
  sched_setscheduler(pid: number, policy: number, parameters: object): number;
  prctl(option: number, a: number, b: number, c: number, d: number): number;
}

let loaded: Libc | undefined;

function load(): Libc {
  if (loaded !== undefined) return loaded;
  let library: LibraryHandle;
  try {
    library = koffi.load('libc.so.6');
  } catch (error) {
    throw new Error(`no C library that a tun device could be opened with: ${messageOf(error)}`, {
      cause: error,
    });
  }
  koffi.struct('pollfd', { fd: 'int', events: 'short', revents: 'short' });
  koffi.struct('sched_param', { sched_priority: 'int' });
  koffi.struct('timespec', { tv_sec: 'long', tv_nsec: 'long' });
  loaded = {
    open: library.func('int open(const char *path, int flags)'),
    ioctl: library.func('int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)'),
    read: library.func('long read(int fd, _Out_ uint8_t *into, unsigned long bytes)'),
    write: library.func('long write(int fd, const uint8_t *from, unsigned long bytes)'),
    ppoll: library.func(
      'int ppoll(_Inout_ pollfd *fds, unsigned long count, const timespec *timeout, void *mask)',
    ),
    sched_setscheduler: library.func(
      'int sched_setscheduler(int pid, int policy, const sched_param *parameters)',
    ),
    prctl: library.func(
      'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
    ),
  };
  return loaded;
}

function failure(what: string): Error {
  return new Error(`cannot ${what}: ${koffi.errno()} (${errnoName(koffi.errno())})`);
}

function errnoName(code: number): string {
  return Object.entries(koffi.os.errno).find(([, value]) => value === code)?.[0] ?? 'unknown';
}
