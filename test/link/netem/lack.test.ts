import { release } from 'node:os';
import { expect, it, test } from 'vitest';
import { modulesFor, netemLack, type NetemFacts } from '../../../src/link/netem/lack.ts';
import { DEBIAN } from '../facts.ts';

const WITHOUT: NetemFacts = {
  ...DEBIAN,
  netem: 'Error: Specified qdisc kind is unknown.',
  veth: undefined,
  modules: [],
};

test.each<[string, Partial<NetemFacts>, string]>([
  ['the module lies ready', { modules: ['sch_netem'] }, '`modprobe sch_netem`'],
  [
    'the module lies ready, without root',
    { modules: ['sch_netem'], isRoot: false },
    '`sudo modprobe sch_netem`',
  ],
  [
    'a cloud kernel of Ubuntu',
    { distributions: ['ubuntu', 'debian'], kernelRelease: '6.8.0-1021-aws', isRoot: false },
    '`sudo apt-get install linux-modules-extra-6.8.0-1021-aws`',
  ],
  [
    'Fedora',
    { distributions: ['fedora'], kernelRelease: '6.12.5-200.fc41.x86_64' },
    '`dnf install kernel-modules-extra-6.12.5-200.fc41.x86_64`',
  ],
  ['a kernel that is not Debian’s on Debian', {}, 'apt-get install linux-image-'],
  [
    'WSL2',
    { isWsl: true, distributions: ['ubuntu', 'debian'], kernelRelease: '5.15.167.4-microsoft-standard-WSL2' },
    'Build a WSL2 kernel with CONFIG_NET_SCH_NETEM',
  ],
  [
    'a container, whatever lies in it',
    { container: 'docker', modules: ['sch_netem'] },
    "Ask for it on the container's host: `sudo modprobe sch_netem`",
  ],
  [
    'an unknown system',
    { distributions: ['nixos'] },
    'Boot a kernel that was built with CONFIG_NET_SCH_NETEM.',
  ],
  [
    'no veth',
    { netem: undefined, veth: 'Error: Unknown device type.', modules: ['veth'] },
    '`modprobe veth`',
  ],
])('%s', (_, facts, mend) => {
  const lack = netemLack({ ...WITHOUT, ...facts });
  expect(lack?.mend).toContain(mend);
  expect(lack?.reason).toMatch(/^the kernel .+ has no (sch_netem|veth) \(Error: .+\)$/);
});

it('lacks nothing where both work', () => {
  expect(netemLack({ ...WITHOUT, netem: undefined })).toBeUndefined();
});

it('finds no module that is not there', async () => {
  expect(await modulesFor(release(), ['no_such_module'])).toEqual([]);
  expect(await modulesFor('0.0.0-nowhere', ['sch_netem'])).toEqual([]);
});
