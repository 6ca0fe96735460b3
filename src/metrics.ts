/** Every metric of the server, named in one place. `GET /metrics` prints them. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

export const registry = new Registry();
collectDefaultMetrics({ register: registry });
const registers = [registry];

export const metrics = {
  betsAccepted: new Counter({
    registers,
    name: 'roundhouse_bets_accepted_total',
    help: 'Bets committed',
  }),
  betsRefused: new Counter({
    registers,
    name: 'roundhouse_commands_refused_total',
    help: 'Room commands refused, by code',
    labelNames: ['code'],
  }),
  betsResolved: new Counter({
    registers,
    name: 'roundhouse_bets_resolved_total',
    help: 'Bets resolved, by status',
    labelNames: ['status'],
  }),
  batchSize: new Histogram({
    registers,
    name: 'roundhouse_ledger_batch_size',
    help: 'Commands committed together',
    labelNames: ['lane'],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
  }),
  batchSeconds: new Histogram({
    registers,
    name: 'roundhouse_ledger_batch_seconds',
    help: 'Time of one ledger batch, from sending to committed',
    labelNames: ['lane'],
    buckets: SECONDS,
  }),
  connections: new Gauge({
    registers,
    name: 'roundhouse_connections',
    help: 'Open WebSocket connections',
  }),
  connectionsCut: new Counter({
    registers,
    name: 'roundhouse_connections_cut_total',
    help: 'Connections closed by a defence, by reason',
    labelNames: ['reason'],
  }),
  rooms: new Gauge({
    registers,
    name: 'roundhouse_rooms',
    help: 'Live rooms of this node',
    labelNames: ['name'],
  }),
  snapshotsSetAside: new Counter({
    registers,
    name: 'roundhouse_snapshots_set_aside_total',
    help: 'Saves that could not be read',
    labelNames: ['game'],
  }),
  players: new Gauge({
    registers,
    name: 'roundhouse_players_online',
    help: 'Players connected to this node',
  }),
  roundsClosed: new Counter({
    registers,
    name: 'roundhouse_rounds_closed_total',
    help: 'Rounds settled or void',
    labelNames: ['game', 'phase'],
  }),
  beacons: new Counter({
    registers,
    name: 'roundhouse_beacons_total',
    help: 'Rounds of the public beacon waited for: mixed into draws, or missing, by reason',
    labelNames: ['result'],
  }),
};
