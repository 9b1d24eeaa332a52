import { expect, test } from 'vitest';
import { cli } from '../helpers/cli.ts';
import { readAction } from './action.ts';
import { benchStep, readSnippets } from './docs.ts';

const action = readAction();
const snippets = readSnippets();

test('the workflow gives the action inputs that it has, and those that it needs', () => {
  const given = Object.keys(benchStep(snippets).with ?? {});
  const needed = Object.entries(action.inputs).filter(([, { required }]) => required === true);
  expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(given));
  expect(given).toEqual(expect.arrayContaining(needed.map(([name]) => name)));
  expect(snippets.workflow.permissions).toMatchObject({ 'pull-requests': 'write' });
});

test('steps for dashboards come after a gate that failed, too, and name outputs that there are', () => {
  expect(snippets.steps).toHaveLength(2);
  for (const step of snippets.steps) {
    expect(step.if).toBe('always()');
    const used = [...JSON.stringify(step).matchAll(/steps\.bench\.outputs\.([\w-]+)/g)];
    expect(used.length).toBeGreaterThan(0);
    for (const [, name = ''] of used) expect(Object.keys(action.outputs)).toContain(name);
  }
});

test('every command line names a command of the CLI, and options that it has', async () => {
  expect(snippets.commands.length).toBeGreaterThan(8);
  const helps = new Map<string, Promise<string>>();
  for (const line of snippets.commands) {
    const [command = ''] = /^history \w+|^\w+/.exec(line) ?? [];
    const help = helps.get(command) ?? cli(...command.split(' '), '--help').then(({ stdout }) => stdout);
    helps.set(command, help);
    expect(await help).toContain(`Usage: mqtt-tls-bench ${command}`);
    // What a shell fills in is not for the CLI.
    const own = line.replaceAll(/\$\([^)]*\)/g, '');
    for (const [option] of own.matchAll(/--[a-z-]+/g)) expect(await help).toContain(option);
  }
});
