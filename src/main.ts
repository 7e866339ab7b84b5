// The one program: `marathon server …` runs Marathon, everything else talks to one that runs. What a command does not
// need is not loaded, so both start fast.

const [command, ...rest] = process.argv.slice(2)

if (command === 'server') {
  const { runServer } = await import('./serve.ts')
  await runServer(rest)
} else {
  const { runCli } = await import('../cli/main.ts')
  const { processIo } = await import('../cli/io.ts')
  process.exitCode = await runCli(process.argv.slice(2), processIo())
}

export {}
