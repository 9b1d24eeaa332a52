import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { BACKENDS } from '../src/link/backends.ts';
import { cli, startCli } from './helpers/cli.ts';

test('--help shows the commands, examples and exit codes', async () => {
  const { code, stdout, stderr } = await cli('--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: mqtt-tls-bench [options] [command]

    What a secure MQTT connection costs before the first byte arrives, why, and
    whether it got worse.

    Options:
      -V, --version                     print the version
      -h, --help                        print help

    Commands:
      run [options] <scenario...>       measure scenarios one after another and draw
                                        their reports
      report <dir>                      draw the report of an old run again
      compare [options] <base> <new>    say whether a run got worse than another,
                                        and where
      gate [options] <run|scenario>     fail when a run is not what its scenario
                                        expects, or worse than a baseline
      history                           keep the figures of many runs in one file,
                                        and show how they change
      modes [options] [name]            list the ways to secure a connection, or
                                        describe one
      links [options] [name]            list the named links, their sources, and
                                        what can make them here, or describe one
      calibrate [options] [link...]     measure what links really do (delay, jitter,
                                        loss, rate), or what this machine can detect
      trace [options] [mode]            run one connection of a mode and list its
                                        packets, as a protocol analyser does
      micro [options] <what> [name...]  measure CPU time alone, without a network:
                                        of handshakes by mode, of records by cipher
                                        suite, or of payloads by method
      payload [options] [method...]     list the ways to protect a payload, or say
                                        what of the attacks on them is detected
      doctor [options]                  say whether this machine can run the
                                        reference case, and what would mend it
      init [file]                       write a scenario to start from
      schema                            print the JSON Schema of a scenario, for
                                        editors

    Examples:
      $ mqtt-tls-bench doctor
      $ mqtt-tls-bench run scenarios/reference.yaml
      $ mqtt-tls-bench run scenarios/reference.yaml --set rounds=50 --set 'links=[geo-satellite, null]'
      $ mqtt-tls-bench run scenarios/reference.yaml --json > results.json
      $ mqtt-tls-bench compare results/runs/before results/runs/after --write markdown=comment.md
      $ mqtt-tls-bench gate my-fleet.yaml --baseline results/runs/before
      $ mqtt-tls-bench history add results/runs/after --file history.ndjson --label "$(git rev-parse --short HEAD)"
      $ mqtt-tls-bench run scenarios/reference.yaml --against-set 'broker={ name: aedes, noDelay: false }'
      $ mqtt-tls-bench modes tls13+pipelined=true
      $ mqtt-tls-bench trace tls13 --link lte --pcapng tls13.pcapng
      $ mqtt-tls-bench micro handshake tls12 tls13 tls13-psk
      $ mqtt-tls-bench init my-fleet.yaml

    Exit codes:
        0  good
        1  a defect of this tool
        2  wrong options, or a scenario or results file that is not valid
        3  a regression was found, or an expectation of the scenario does not hold
        4  no verdict was possible (only with --fail-on-inconclusive)
        5  the machine lacks what was asked for
        6  more connections failed or were excluded than the scenario's expect.failureBudget allows
      130  interrupted; what was measured until then is saved and marked incomplete
    "
  `);
});

test('run --help shows the options, with every backend there is', async () => {
  const { code, stdout } = await cli('run', '--help');
  expect(code).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: mqtt-tls-bench run [options] <scenario...>

    measure scenarios one after another and draw their reports

    Arguments:
      scenario                    scenario files (YAML)

    Options:
      --out <dir>                 the run folder, new or empty; of several scenarios
                                  each gets a subfolder
      --backend <name>            what makes the links (choices: "auto", "netem",
                                  "tun", "proxy", "none", default: "auto")
      --seed <n>                  seed of the plan, in place of the scenario's
      --set <path=value>          change a value of the scenario, as in links.0=lte;
                                  repeatable
      --json                      print results.json alone on stdout; of several
                                  scenarios, a list of them
      --allow-uncalibrated        measure over a link that is not what was asked
                                  for, and mark every figure
      --target-is-mine            load may be sent to brokers that the bench did not
                                  start: they are yours, or who runs them has agreed
      --dry-run                   say what would be measured and how the links would
                                  be made, and measure nothing
      --against <scenario>        measure this baseline in the same rounds, and say
                                  whether the scenario is worse
      --against-set <path=value>  change a value of the baseline alone, which is the
                                  same scenario without --against; repeatable
      --no-confirm                do not measure a suspected regression a second
                                  time
      --min-effect-ms <n>         smaller differences of times are none (default: 2)
      --min-effect-percent <n>    nor are those that are less of the baseline's
                                  (default: 1)
      --only <kinds>              judge only some of
                                  timing,trips,bytes,negotiated,losses,throughput
      --history <file>            floors of times by past runs of each cell, where
                                  it has 10 or more
      --aa <file>                 what the machine can detect, from \`calibrate
                                  --aa\`: floors below it tell nothing
      --fail-on-inconclusive      exit code 4 where no verdict is possible
      --write <format=file>       write it as markdown, junit, bencher or
                                  action-benchmark, too; repeatable
      -h, --help                  print help"
  `);
  for (const { name } of BACKENDS) expect(stdout).toContain(`"${name}"`);
});

test('--version prints the version alone', async () => {
  const { code, stdout, stderr } = await cli('--version');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+$/);
});

test('without a command: the help, on stderr, and exit code 2', async () => {
  const { code, stdout, stderr } = await cli();
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^Usage: mqtt-tls-bench/);
});

test.each([
  ['an unknown command', ['rnu']],
  ['an unknown option', ['run', '--ot', 'here']],
  ['a missing argument', ['run']],
  ['too many arguments', ['modes', 'tls12', 'tls13']],
  ['an unknown backend', ['run', 'it.yaml', '--backend', 'netm']],
  ['a seed that is no whole number', ['run', 'it.yaml', '--seed', '1.5']],
  ['an unknown mode', ['modes', 'tsl13']],
])('%s: exit code 2, and what to do', async (_, args) => {
  const { code, stdout, stderr } = await cli(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatchSnapshot();
});

// In terms of Node's own start, 75 ms on a quiet machine, so that a busy one does not matter.
test('starts in less than four times the time that Node itself takes', async () => {
  const [help, bare]: [number[], number[]] = [[], []];
  // As who runs it for the first time.
  const env = { NODE_DISABLE_COMPILE_CACHE: '1' };
  for (let attempt = 0; attempt < 5; attempt++) {
    help.push((await startCli(['--help'], { env })).durationMs);
    bare.push((await execa(process.execPath, ['--eval', '0'], { env })).durationMs);
  }
  expect(Math.min(...help) / Math.min(...bare)).toBeLessThan(4);
});

test('a reader that closes our stdout early is no error', async () => {
  const process = startCli(['modes', '--json']);
  process.stdout.destroy();
  const { exitCode, stderr } = await process;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

/** What the program does with an error of a command. */
async function failingWith(statement: string): Promise<{ code: number | undefined; stderr: string }> {
  const main = fileURLToPath(new URL('../src/commands/main.ts', import.meta.url));
  const program = `
    import { Command } from 'commander';
    import { body, main } from ${JSON.stringify(main)};
    await main(new Command('it').action(body(async () => () => { ${statement} })));`;
  const { exitCode, stderr } = await execa(process.execPath, ['--input-type=module', '--eval', program], {
    reject: false,
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  return { code: exitCode, stderr };
}

test.each([
  ['thrown', `throw new TypeError('a slip')`],
  ['thrown by a callback', `setTimeout(() => { throw new TypeError('a slip'); }); return 0;`],
  ['rejected by a promise that nobody awaits', `Promise.reject(new TypeError('a slip')); return 0;`],
])('a defect %s: exit code 1, the stack, and a word on reporting it', async (_, statement) => {
  const { code, stderr } = await failingWith(statement);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: TypeError: a slip\n {4}at /);
  expect(stderr).toMatch(/\nThis is a defect of mqtt-tls-bench\. Please report it/);
});
