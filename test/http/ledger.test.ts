import assert from 'node:assert/strict';
import { startHttp } from './server.ts';

const HEAD = {
  block: 7,
  transactions: 140_000,
  hash: 'ab'.repeat(32),
  at: '2030-01-01T00:00:00.000001Z',
};

describe('http/ledger', () => {
  it('[M14] anyone may ask for the head of the hash chain', async () => {
    const http = await startHttp({ ledgerHead: async () => HEAD });
    try {
      const { response, body } = await http.call('/api/v1/ledger/head');
      assert.deepEqual([response.status, body], [200, HEAD]);
    } finally {
      await http.close();
    }
  });

  it('[M14] which is not found while nothing is sealed', async () => {
    const http = await startHttp({ ledgerHead: async () => null });
    try {
      const { response, body } = await http.call('/api/v1/ledger/head');
      assert.deepEqual([response.status, body.code], [404, 'NOT_FOUND']);
    } finally {
      await http.close();
    }
  });
});
