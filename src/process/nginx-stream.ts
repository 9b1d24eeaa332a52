import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** How an nginx has its stream module: compiled in, or as a file that its configuration must load. */
export type StreamModule = 'compiled-in' | { file: string };

/** Where nginx puts what no option of its build says otherwise (configure, "auto/options"). */
const DEFAULT_PREFIX = '/usr/local/nginx';
const FILE_NAME = 'ngx_stream_module.so';

/** The stream module of the nginx in a file; undefined when it has none here, as in Debian's package of nginx alone. */
export async function findStreamModule(nginx: string): Promise<StreamModule | undefined> {
  // On stderr, whatever its configuration is.
  const { stderr } = await execa(nginx, ['-V'], { reject: false });
  const module = streamModuleOf(stderr ?? '');
  if (module === 'compiled-in') return module;
  return access(module.file).then(
    () => module,
    () => undefined,
  );
}

/** Where the module is by what nginx says of its build (`nginx -V`), if it is anywhere. */
export function streamModuleOf(build: string): StreamModule {
  // Beside it there are `--with-stream=dynamic`, and `--with-stream_ssl_module` and others.
  if (/(^|\s)--with-stream(\s|$)/.test(build)) return 'compiled-in';
  const prefix = optionOf(build, 'prefix') ?? DEFAULT_PREFIX;
  return { file: join(optionOf(build, 'modules-path') ?? join(prefix, 'modules'), FILE_NAME) };
}

function optionOf(build: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)--${name}=(\\S+)`).exec(build)?.[1];
}
