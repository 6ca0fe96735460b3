import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHttp, type TestServer } from './server.ts';

describe('the page', () => {
  let folder: string;
  let webRoot: string;
  let http: TestServer;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'roundhouse page '));
    webRoot = join(folder, 'dist');
    http = await startHttp({ webRoot });
    await writeFile(join(folder, 'secret.txt'), 'secret');
  });
  after(async () => {
    await http.close();
    await rm(folder, { recursive: true });
  });

  it('is a clear text while it is not built, and there as soon as it is', async () => {
    const missing = await http.call<string>('/');
    assert.equal(missing.response.status, 503);
    assert.match(missing.response.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(missing.body, /page is not built/);
    await mkdir(join(webRoot, 'assets'), { recursive: true });
    await writeFile(join(webRoot, 'index.html'), '<!doctype html>');
    await writeFile(join(webRoot, 'assets', 'index-abc123.js'), 'export {};');
    const { response, body } = await http.call('/');
    assert.deepEqual([response.status, body], [200, '<!doctype html>']);
  });

  it('is asked for anew each time; its hashed files are kept for a year', async () => {
    const page = await http.call('/');
    assert.equal(page.response.headers.get('cache-control'), 'no-cache');
    const etag = page.response.headers.get('etag') ?? '';
    const again = await http.call('/', { headers: { 'if-none-match': etag, 'cache-control': '' } });
    assert.equal(again.response.status, 304);
    const asset = await http.call('/assets/index-abc123.js');
    assert.equal(
      asset.response.headers.get('cache-control'),
      'public, max-age=31536000, immutable',
    );
    assert.match(asset.response.headers.get('content-type') ?? '', /javascript/);
  });

  it('has nothing outside of its folder', async () => {
    for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets']) {
      const { response, body } = await http.call(path);
      assert.ok(response.status >= 400, path);
      assert.ok(!JSON.stringify(body).includes('"secret"'), path);
    }
  });
});
