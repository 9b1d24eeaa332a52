import { Argument, Command, Option } from 'commander';
import { describeTool } from '../lab/environment.ts';
import type { BackendName } from '../link/backend.ts';
import { EXAMPLES, EXIT_CODES } from './help.ts';
import { body } from './main.ts';
import { amount, byteSize, byteSizes, repeated, wholeNumber } from './option-values.ts';

const BACKENDS = { auto: true, netem: true, tun: true, proxy: true, none: true } satisfies Record<
  'auto' | BackendName,
  true
>;

const backendOption = (): Option =>
  new Option('--backend <name>', 'what makes the links').choices(Object.keys(BACKENDS)).default('auto');

const TARGET_IS_MINE = [
  '--target-is-mine',
  'load may be sent to brokers that the bench did not start: they are yours, or who runs them has agreed',
] as const;

const against = (command: Command): Command =>
  command
    .option(
      '--against <scenario>',
      'measure this baseline in the same rounds, and say whether the scenario is worse',
    )
    .option(
      '--against-set <path=value>',
      'change a value of the baseline alone, which is the same scenario without --against; repeatable',
      repeated,
    )
    .option('--no-confirm', 'do not measure a suspected regression a second time');

const settled = (command: Command): Command =>
  command
    .option('--min-effect-ms <n>', 'smaller differences of times are none (default: 2)', amount)
    .option('--min-effect-percent <n>', "nor are those that are less of the baseline's (default: 1)", amount)
    .option('--only <kinds>', 'judge only some of timing,trips,bytes,negotiated,losses,throughput')
    .option('--history <file>', 'floors of times by past runs of each cell, where it has 10 or more')
    .option('--aa <file>', 'what the machine can detect, from `calibrate --aa`: floors below it tell nothing')
    .option('--fail-on-inconclusive', 'exit code 4 where no verdict is possible')
    .option(
      '--write <format=file>',
      'write it as markdown, junit, bencher or action-benchmark, too; repeatable',
      repeated,
    );

/** The table of commands, with their options; each command's body is loaded when it is run. */
export function createProgram(): Command {
  const { name, version } = describeTool();
  const program = new Command(name)
    .description(
      'What a secure MQTT connection costs before the first byte arrives, why, and whether it got worse.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .addHelpText('after', `${EXAMPLES}${EXIT_CODES}`)
    .showHelpAfterError('Add --help to see what there is.')
    .exitOverride();

  settled(
    against(
      program
        .command('run')
        .description('measure scenarios one after another and draw their reports')
        .argument('<scenario...>', 'scenario files (YAML)')
        .option('--out <dir>', 'the run folder, new or empty; of several scenarios each gets a subfolder')
        .addOption(backendOption())
        .option('--seed <n>', "seed of the plan, in place of the scenario's", wholeNumber)
        .option(
          '--set <path=value>',
          'change a value of the scenario, as in links.0=lte; repeatable',
          repeated,
        )
        .option('--json', 'print results.json alone on stdout; of several scenarios, a list of them')
        .option(
          '--allow-uncalibrated',
          'measure over a link that is not what was asked for, and mark every figure',
        )
        .option(...TARGET_IS_MINE)
        .option(
          '--dry-run',
          'say what would be measured and how the links would be made, and measure nothing',
        ),
    ),
  ).action(body(async () => (await import('./run.ts')).execute));

  program
    .command('report')
    .description('draw the report of an old run again')
    .argument('<dir>', 'a run folder or its results.json')
    .action(body(async () => (await import('./report.ts')).execute));

  settled(
    program
      .command('compare')
      .description('say whether a run got worse than another, and where')
      .argument('<base>', 'a run folder or its results.json')
      .argument('<new>', 'the same of the run that may be worse'),
  )
    .option('--json', 'print one JSON document')
    .action(body(async () => (await import('./compare.ts')).execute));

  settled(
    against(
      program
        .command('gate')
        .description('fail when a run is not what its scenario expects, or worse than a baseline')
        .argument('<run|scenario>', 'a run folder, its results.json, or a scenario that is run first')
        .option('--baseline <run>', 'a run folder or its results.json to compare with, too')
        .option('--out <dir>', "a scenario's run folder, new or empty")
        .addOption(backendOption())
        .option('--seed <n>', "seed of the plan, in place of the scenario's", wholeNumber)
        .option('--set <path=value>', 'change a value of the scenario; repeatable', repeated)
        .option('--allow-uncalibrated', 'measure over a link that is not what was asked for')
        .option(...TARGET_IS_MINE),
    ),
  )
    .option('--json', 'print one JSON document')
    .action(body(async () => (await import('./gate.ts')).execute));

  const history = program
    .command('history')
    .description('keep the figures of many runs in one file, and show how they change');

  history
    .command('add')
    .description('append runs to a history; one that it has already is left out')
    .argument('<run...>', 'run folders or their results.json')
    .requiredOption('--file <file>', 'the history, as in results/history.ndjson; made when it is not there')
    .option('--label <text>', 'what the runs are called, such as a commit')
    .action(body(async () => (await import('./history.ts')).add));

  const cellOption = (): Option =>
    new Option('--cell <text>', 'only cells whose name has the text; repeatable').argParser(repeated);

  history
    .command('show')
    .description('print the runs, and each cell over them')
    .requiredOption('--file <file>', 'the history')
    .addOption(cellOption())
    .option('--json', 'print one JSON document')
    .action(body(async () => (await import('./history.ts')).show));

  history
    .command('chart')
    .description('draw how first data and CONNACK change from run to run')
    .requiredOption('--file <file>', 'the history')
    .requiredOption('--out <file>', 'the picture: .svg, or .html for a page with all figures')
    .addOption(cellOption())
    .action(body(async () => (await import('./history.ts')).chart));

  program
    .command('modes')
    .description('list the ways to secure a connection, or describe one')
    .argument('[name]', 'a mode, with axes or without: tls13, tls13+pipelined=true')
    .option('--json', 'print one JSON document')
    .action(body(async () => (await import('./modes.ts')).execute));

  program
    .command('links')
    .description('list the named links, their sources, and what can make them here, or describe one')
    .argument('[name]', 'a link')
    .option('--profiles <file>', 'read and check link profiles of your own too; repeatable', repeated)
    .option('--json', 'print one JSON document')
    .action(body(async () => (await import('./links.ts')).execute));

  program
    .command('calibrate')
    .description('measure what links really do (delay, jitter, loss, rate), or what this machine can detect')
    .argument('[link...]', 'named links; the reference link when there is none')
    .option('--scenario <file>', "a scenario's links as well")
    .option('--profiles <file>', 'read link profiles of your own too; repeatable', repeated)
    .addOption(backendOption())
    .option('--seed <n>', 'what loss, jitter and the pauses between probes follow from', wholeNumber)
    .option(
      '--aa [scenario]',
      'measure a scenario (the reference case) against itself instead: the smallest effect that can be detected here',
    )
    .option('--rounds <n>', 'of --aa (default: 40)', wholeNumber)
    .option('--effect-ms <n>', 'of --aa: how many rounds would detect this effect (default: 5)', amount)
    .option('--out <dir>', 'of --aa: the folder for aa.json and the runs, new or empty')
    .option('--allow-uncalibrated', 'of --aa: measure over a link that is not what was asked for')
    .option('--target-is-mine', `of --aa: ${TARGET_IS_MINE[1]}`)
    .option('--json', 'print one JSON document')
    .action(body(async () => (await import('./calibrate.ts')).execute));

  program
    .command('trace')
    .description('run one connection of a mode and list its packets, as a protocol analyser does')
    .argument('[mode]', 'a mode, with axes or without: tls13, tls13+pipelined=true')
    .option('--link <name>', 'a named link, or null (default: reference)')
    .option('--profiles <file>', 'read link profiles of your own too; repeatable', repeated)
    .addOption(
      new Option('--backend <name>', 'what makes the link (default: auto)').choices(Object.keys(BACKENDS)),
    )
    .addOption(
      new Option('--qos <n>', 'of the subscription and the message (default: 1)').choices(['0', '1', '2']),
    )
    .option('--payload-bytes <n>', 'of the message (default: 64)', byteSize)
    .option('--broker <name>', 'a broker that the bench starts (default: aedes)')
    .option('--seed <n>', 'what loss and jitter follow from (default: 1)', wholeNumber)
    .option('--pcapng <file>', 'write the packets with the TLS keys for Wireshark; secret, for you alone')
    .option('--overwrite', 'of --pcapng: replace a file that is there')
    .option('--read <file>', 'run nothing, and list the packets of a file that --pcapng wrote')
    .option('--json', 'print one JSON document')
    .action(body(async () => (await import('./trace.ts')).execute));

  program
    .command('micro')
    .description(
      'measure CPU time alone, without a network: of handshakes by mode, of records by cipher suite, or of payloads by method',
    )
    .addArgument(
      new Argument('<what>', 'handshake, records or payload').choices(['handshake', 'records', 'payload']),
    )
    .argument(
      '[name...]',
      'modes whose handshakes, or methods whose payloads are compared; all when there is none',
    )
    .option('--sizes <list>', 'of payload: bytes, as in 16,1024 (default: 16 to 16384)', byteSizes)
    .option('--chart <file>', 'of payload: draw the rates, as .svg, or as .html with all figures')
    .option('--seconds <n>', 'how long to measure', wholeNumber, 10)
    .option('--seed <n>', 'what the order within each round follows from', wholeNumber, 1)
    .option('--json', 'print one JSON document')
    .action(body(async () => (await import('./micro.ts')).execute));

  program
    .command('payload')
    .description('list the ways to protect a payload, or say what of the attacks on them is detected')
    .argument('[method...]', 'methods; all when there is none')
    .option('--attack', 'attack each method for real, and count what is detected')
    .option('--attempts <n>', 'of --attack: attempts of each attack', wholeNumber, 100)
    .option('--genuine <n>', 'of --attack: genuine messages, none of which may be refused', wholeNumber, 1000)
    .option('--seed <n>', 'of --attack: what lengths and changed bytes follow from', wholeNumber, 1)
    .option('--json', 'print one JSON document')
    .action(body(async () => (await import('./payload.ts')).execute));

  program
    .command('doctor')
    .description('say whether this machine can run the reference case, and what would mend it')
    .option('--json', 'print one JSON document')
    .action(body(async () => (await import('./doctor.ts')).execute));

  program
    .command('init')
    .description('write a scenario to start from')
    .argument('[file]', 'the file to make', 'scenario.yaml')
    .action(body(async () => (await import('./init.ts')).execute));

  program
    .command('schema')
    .description('print the JSON Schema of a scenario, for editors')
    .action(body(async () => (await import('./schema.ts')).execute));

  return program;
}
