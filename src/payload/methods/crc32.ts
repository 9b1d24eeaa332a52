import { crc32 as zlibCrc32 } from 'node:zlib';
import { PROMISES } from '../promises.ts';
import { computed } from './appended.ts';

export const crc32 = computed({
  name: 'crc32',
  id: 16,
  title: 'CRC-32',
  sources: ['ISO/IEC 3309', 'RFC 1952 §8'],
  promises: PROMISES.checksum,
  needs: {},
  checkBytes: 4,
  compute: (covered) => {
    const check = Buffer.allocUnsafe(4);
    check.writeUInt32BE(zlibCrc32(covered));
    return check;
  },
});
