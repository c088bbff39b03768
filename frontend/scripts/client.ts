/**
 * Generates src/lib/api/schema.gen.ts from the API's own description (../openapi/openapi.json).
 *   npm run client         write it
 *   npm run client:check   fail when the committed file is not what the description says
 */
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';

const source = new URL(process.env.OPENAPI ?? '../../openapi/openapi.json', import.meta.url);
const target = new URL('../src/lib/api/schema.gen.ts', import.meta.url);

const generated = COMMENT_HEADER + astToString(await openapiTS(source));

if (process.argv.includes('--check')) {
	let committed = '';
	try {
		committed = readFileSync(target, 'utf8');
	} catch {
		// Missing counts as different.
	}
	if (committed !== generated) {
		console.error(
			'src/lib/api/schema.gen.ts does not match openapi/openapi.json. Run `npm run client` and commit the result.'
		);
		process.exit(1);
	}
	console.log('The API client matches openapi/openapi.json.');
} else {
	writeFileSync(target, generated);
	console.log('Wrote src/lib/api/schema.gen.ts');
}
