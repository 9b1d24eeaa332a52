import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { findStreamModule, streamModuleOf } from '../../src/process/nginx-stream.ts';
import { toolLack } from '../../src/process/tools.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test.each([
  [
    // Debian 12
    "configure arguments: --with-ld-opt='-Wl,-z,now -fPIC' --prefix=/usr/share/nginx --modules-path=/usr/lib/nginx/modules --with-stream_ssl_module --with-stream=dynamic --with-stream_geoip_module=dynamic",
    { file: '/usr/lib/nginx/modules/ngx_stream_module.so' },
  ],
  ['configure arguments: --prefix=/etc/nginx --with-stream --with-stream_ssl_module', 'compiled-in'],
  ['configure arguments: --prefix=/etc/nginx --with-stream_ssl_module --with-stream', 'compiled-in'],
  [
    'configure arguments: --prefix=/opt/nginx --with-stream=dynamic',
    { file: '/opt/nginx/modules/ngx_stream_module.so' },
  ],
  // By itself `--with-stream_ssl_module` brings nothing.
  [
    'configure arguments: --with-stream_ssl_module',
    { file: '/usr/local/nginx/modules/ngx_stream_module.so' },
  ],
] as const)('where the stream module of an nginx is, by what it says of its build: %s', (build, module) => {
  expect(streamModuleOf(build)).toEqual(module);
});

/** A program that answers `nginx -V` as an nginx does that was built with these options. */
async function nginxBuiltWith(folder: string, options: string): Promise<string> {
  const file = join(folder, 'nginx');
  await writeFile(file, `#!/bin/sh\necho 'configure arguments: ${options}' >&2\n`, { mode: 0o755 });
  return file;
}

test('an nginx without its stream module lacks the package that brings it, until its file is there', async () => {
  const folder = temporaryFolder();
  const nginx = await nginxBuiltWith(folder, `--prefix=${folder} --with-stream=dynamic`);
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await findStreamModule(nginx)).toBeUndefined();
  expect(await toolLack('nginx')).toBe(
    'nginx has no stream module here; on Debian and Ubuntu: apt-get install libnginx-mod-stream',
  );
  await mkdir(join(folder, 'modules'));
  const file = join(folder, 'modules/ngx_stream_module.so');
  await writeFile(file, '');
  expect(await findStreamModule(nginx)).toEqual({ file });
  expect(await toolLack('nginx')).toBeUndefined();
});

test('an nginx with the stream module in it needs no file', async () => {
  const folder = temporaryFolder();
  const nginx = await nginxBuiltWith(folder, `--prefix=${folder} --with-stream`);
  expect(await findStreamModule(nginx)).toBe('compiled-in');
});
