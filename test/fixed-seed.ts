// Properties try the same cases on every run, so that a change is judged by what it changes. FAST_CHECK_SEED=random (or a
// number) tries others: what that finds becomes a row of a table.

import fc from 'fast-check';

const wanted = process.env['FAST_CHECK_SEED'] ?? '20261122';

if (wanted !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted) });
