import { openAccounts } from '../accounts/fixture.ts';
import { startHttp, post } from './server.ts';
import { randomUUID } from 'node:crypto';
const f = await openAccounts(10);
const accounts = f.variant({ openWallet: async (id, transaction) => { await f.database.sequelize.query('SELECT open_wallet($1, 500, $2)', { bind: [id, randomUUID()], transaction }); } });
const http = await startHttp({ accounts, matchmake: async () => ({ ok: 1 }) });
const t = performance.now(); 
let n = 0; const lat: number[] = []; const bad: Record<string, number> = {};
await Promise.all(Array.from({ length: 100 }, async () => {
  while (n++ < 1000) { const s = performance.now(); const r = await http.call<{token: string}>('/auth/anonymous', post({ options: {} })); lat.push(performance.now() - s); bad[r.response.status] = (bad[r.response.status] ?? 0) + 1; }
}));
lat.sort((a, b) => a - b);
console.log('1000 guests with open_wallet', (performance.now() - t).toFixed(0), 'ms', bad, 'p50', lat[500]?.toFixed(0), 'p99', lat[990]?.toFixed(0), http.logged[0]);
console.log(await f.rows("SELECT count(*), sum(balance) FROM wallets WHERE kind='user'"));
await http.close(); await f.close();
