import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { command } from '../../src/broker/command.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { makeRepository } from '../helpers/git.ts';
import { makePki } from '../helpers/pki.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';

/** A program that listens on a port, in a version. */
function serve(version: string): string {
  return `#!${process.execPath}\n// ${version}\nrequire('node:net').createServer().listen(Number(process.argv[2]), '127.0.0.1');\n`;
}

describe.runIf(await hasTools('git'))('a broker by command line with a source', () => {
  it('is built from a revision of its repository, is started, and tells which it is', async () => {
    const folder = temporaryFolder();
    const [first] = await makeRepository(folder, [
      { 'serve.in': serve('old') },
      { 'serve.in': serve('new') },
    ]);
    const choice = brokerOf(
      {
        name: 'command',
        label: 'mine',
        command: ['{source}/serve', '{port:plain}', '{source}'],
        source: { revision: 'HEAD~1', build: [['cp', 'serve.in', 'serve']] },
      },
      (path) => join(folder, path),
    );
    await command.check(choice);
    const { folder: pkiFolder } = await makePki(temporaryFolder());
    await command.prepare(choice, { pkiFolder, step: () => {}, signal: new AbortController().signal });
    const broker = await command.start({
      choice,
      host: '127.0.0.1',
      modes: ['plain'],
      pkiFolder,
      prefix: [],
      onRecord: () => {},
      onRefusal: () => {},
      onCrash: () => {},
    });
    onTestFinished(() => broker.stop());
    expect(broker.version).toMatch(
      new RegExp(`^serve \\(by command line, sha256 \\w{12}, commit ${first?.slice(0, 12)}\\)$`),
    );
    expect(readdirSync(folder).toSorted()).toEqual(['.git', 'serve.in']);
  });
});

describe('a source and {source} need each other', () => {
  it.each([
    [
      { command: [process.execPath, '{port:plain}'], source: { revision: 'HEAD' } },
      // Its commit would be told of a program that is not its.
      'broker.source: nothing that the broker is started from is of its source',
    ],
    [
      { command: ['{source}/broker', '{port:plain}'] },
      "{source} of the broker's command line stands for nothing here: the broker has no `source`",
    ],
  ])('%j is a usage error before anything is started', async (settings, message) => {
    const choice = brokerOf({ name: 'command', label: 'mine', ...settings });
    await expect(command.check(choice)).rejects.toMatchObject({ exitCode: 2, message });
  });
});
