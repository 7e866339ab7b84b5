// `node tools/run.mjs tests/fakes/mesos/main.ts --port 5050 --agents 10 --mode processes`: a Mesos to try things on.

import { runFakeMesos } from './program.ts'

await runFakeMesos(process.argv.slice(2))
