/** Imported before a program: tells at its end, on standard error, how much memory it took at most, in KiB. */
process.on('exit', () => {
  process.stderr.write(`maxRSS ${process.resourceUsage().maxRSS}\n`);
});
