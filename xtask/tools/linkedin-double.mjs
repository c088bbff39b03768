// LinkedIn's ways for tests, after its documentation of "Sign In with LinkedIn using OpenID Connect": the client's secret in
// the body, an error for PKCE, no nonce in the ID token, `email_verified` as a string and `locale` as an object. Its page
// asks who one is, and what shall be wrong. Its one line of output is its issuer; it ends with its standard input.
//
//   node linkedin-double.mjs CLIENT_ID CLIENT_SECRET REDIRECT_URI
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';

const [client_id, client_secret, redirect_uri] = process.argv.slice(2);
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
let issuer = '';

/** What the page offers: each changes the right claims, or the key. */
const faults = {
  none: () => {},
  audience: (claims) => void (claims.aud = 'another client'),
  issuer: (claims) => void (claims.iss = 'https://elsewhere.example'),
  expired: (claims) => void (claims.exp = claims.iat - 3600),
  signature: () => {},
};
/** What was agreed to, by code. */
const grants = new Map();

function idToken({ login, fault }) {
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer, aud: client_id, sub: login, iat, exp: iat + 300, name: `${login} of LinkedIn`,
    email: `${login}@example.org`, email_verified: 'true', locale: { country: 'IN', language: 'ta' },
  };
  faults[fault](claims);
  const signed = `${encode({ alg: 'RS256', kid: 'double' })}.${encode(claims)}`;
  const key = fault === 'signature' ? other : privateKey;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
}

const page = (state) => `<!doctype html><html lang="en"><title>LinkedIn's double</title><main><h1>LinkedIn's double</h1>
<form action="/agree"><input type="hidden" name="state" value="${state.replace(/[^\w.~-]/g, '')}">
<label>Login <input name="login" required></label>
<label>What is wrong <select name="fault">${Object.keys(faults).map((name) => `<option>${name}</option>`).join('')}</select></label>
<button>Allow</button></form></main></html>`;

const json = (response, status, value) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

const endpoints = {
  'GET /.well-known/openid-configuration': (_, response) =>
    json(response, 200, {
      issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`, jwks_uri: `${issuer}/keys`,
    }),
  'GET /keys': (_, response) =>
    json(response, 200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'double', alg: 'RS256', use: 'sig' }] }),
  'GET /authorize': ({ query }, response) => {
    const right = query.get('client_id') === client_id && query.get('redirect_uri') === redirect_uri;
    if (!right || query.has('code_challenge')) return json(response, 400, { error: 'invalid_request' });
    response.writeHead(200, { 'content-type': 'text/html' }).end(page(query.get('state') ?? ''));
  },
  'GET /agree': ({ query }, response) => {
    const code = randomUUID();
    grants.set(code, { login: query.get('login'), fault: query.get('fault') });
    const back = `${redirect_uri}?${new URLSearchParams({ code, state: query.get('state') })}`;
    response.writeHead(302, { location: back }).end();
  },
  'POST /token': ({ form }, response) => {
    const known = form.get('client_id') === client_id && form.get('client_secret') === client_secret;
    if (!known || form.has('code_verifier')) return json(response, 400, { error: 'invalid_client' });
    const grant = grants.get(form.get('code'));
    grants.delete(form.get('code'));
    if (!grant) return json(response, 400, { error: 'invalid_grant' });
    json(response, 200, { access_token: randomUUID(), token_type: 'Bearer', expires_in: 300, id_token: idToken(grant) });
  },
};

const server = createServer(async (request, response) => {
  const url = new URL(request.url, issuer);
  const body = [];
  for await (const part of request) body.push(part);
  const endpoint = endpoints[`${request.method} ${url.pathname}`];
  if (!endpoint) return json(response, 404, { error: 'not_found' });
  endpoint({ query: url.searchParams, form: new URLSearchParams(Buffer.concat(body).toString()) }, response);
});
server.listen(0, '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  console.log(issuer);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
