/** The one SDK client of the page; the server is wherever the page came from. */
import { Client } from '@colyseus/sdk';

export const client = new Client(location.origin);
