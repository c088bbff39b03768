// A certified OpenID provider (npm oidc-provider) for tests, in Google's shape: confidential client, PKCE, claims in the
// ID token. Its one line of output is its issuer; it ends with its standard input.
//
//   node oidc-provider.mjs CLIENT_ID CLIENT_SECRET REDIRECT_URI
//
// Anybody can sign in, with any password. The login is the subject; `subject=address` claims that address, unverified,
// and `subject=` none.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [client_id, client_secret, redirect_uri] = process.argv.slice(2);

const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

function account(login) {
  const [sub, named] = login.split('=');
  const claims = { sub: login, name: `${sub} of the provider` };
  if (named !== '') claims.email = named ?? `${sub}@example.org`;
  if (claims.email) claims.email_verified = named === undefined;
  return { accountId: login, claims: () => claims };
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      { client_id, client_secret, redirect_uris: [redirect_uri], token_endpoint_auth_method: 'client_secret_basic' },
    ],
    jwks: { keys: [{ ...key, kid: 'test', alg: 'RS256', use: 'sig' }] },
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    findAccount: (_, login) => account(login),
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['test'] },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
