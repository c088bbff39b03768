/** Compiles messages/*.json. Leaves what is there in place, so that a running build or test is not disturbed. */
import { compile } from '@inlang/paraglide-js';
import { paraglideOptions } from '../vite.shared.ts';

await compile(paraglideOptions);
