// What a person reads when the server is up: where it is and what to try next.

export const welcome = (url: string): string => `
Marathon is running at ${url}

  Start a service:   curl -X POST ${url}/v2/apps -H 'Content-Type: application/json' \\
                       -d '{"id": "hello", "cmd": "while true; do date; sleep 1; done", "cpus": 0.1, "mem": 16}'
  See it run:        curl ${url}/v2/apps/hello/tasks
  Watch what happens: curl -H 'Accept: text/event-stream' ${url}/v2/events
  Or on this machine: bin/marathon app list · bin/marathon task logs hello -f · bin/marathon --help

`
