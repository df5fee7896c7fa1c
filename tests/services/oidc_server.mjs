// OAuth2 that is verified and expires: node oidc_server.mjs PORT NODE_MODULES
import http from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [port, modules] = process.argv.slice(2);
const resolved = createRequire(modules + '/x.js').resolve('oidc-provider');
const { default: Provider } = await import(pathToFileURL(resolved).href);
const client = (id, how) => ({
  client_id: id, client_secret: 'geheim-secret', grant_types: ['client_credentials'], response_types: [],
  redirect_uris: [], token_endpoint_auth_method: how,
});
const op = new Provider(`http://127.0.0.1:${port}`, {
  clients: [client('basic', 'client_secret_basic'), client('post', 'client_secret_post')],
  features: { clientCredentials: { enabled: true }, introspection: { enabled: true }, devInteractions: { enabled: false } },
  scopes: ['api:read'],
  ttl: { ClientCredentials: 3 },
});
const callback = op.callback();
let tokens = 0;
op.on('grant.success', () => { tokens += 1; });
http.createServer(async (req, res) => {
  const url = new URL(req.url, 'http://x');
  if (url.pathname === '/tokens') return res.end(String(tokens));
  if (url.pathname !== '/data') return callback(req, res);
  const given = (req.headers.authorization ?? '').replace('Bearer ', '');
  const token = given && await op.ClientCredentials.find(given);
  if (!token || token.isExpired) {
    res.writeHead(401, { 'WWW-Authenticate': 'Bearer' });
    return res.end('{"error":"unauthorized"}');
  }
  const offset = Number(url.searchParams.get('offset') ?? 0);
  const limit = Number(url.searchParams.get('limit') ?? 10);
  const all = 500;
  const items = [];
  for (let i = offset; i < Math.min(all, offset + limit); ++i) items.push({ id: i, name: `name ${i}` });
  setTimeout(() => {
    res.setHeader('Content-Type', 'application/json');
    res.end(JSON.stringify({ total: all, items }));
  }, Number(url.searchParams.get('pause') ?? 0));
}).listen(port, '127.0.0.1');
