// Requests to the artifact store with something wrong in them: paths, forms, names of files, framing.

import type { Rng } from '../../src/lib/rng.ts'
import type { FuzzRequest } from './requests.ts'

const names = [
  'a',
  'a/b.txt',
  'a/b/c',
  'page.html',
  '',
  ' ',
  '.',
  '..',
  '../../etc/passwd',
  '/etc/passwd',
  '.uploads/x',
  'a\\..\\b',
  'C:\\x\\y.txt',
  'x'.repeat(256),
  'd/'.repeat(600),
  'ü',
  'a\u0000b',
  'a\nb',
  '%2e%2e',
  '__proto__',
  'constructor',
  'file',
]

/** How a form says what a file is called; the last ones are of another character set, and of none. */
const fileNames: readonly ((name: string) => string)[] = [
  (name) => `; filename="${name}"`,
  (name) => `; filename=${name}`,
  (name) => `; filename*=utf-8''${encodeURIComponent(name)}`,
  () => "; filename*=utf-16le''%00%D8a%00",
  () => "; filename*=nonsense''%ff",
  () => "; filename*=utf-8''%zz",
  () => '; filename="never ends',
  () => '',
]

const fields = ['file', 'file', 'file', 'other', '', '__proto__', 'constructor', 'FILE']
const types = ['', 'text/html', 'application/json', 'x', 'multipart/mixed; boundary=c']
const boundaries = ['b', 'b', 'b', '', '"b"', 'b'.repeat(200), '--', 'b; boundary=c']
const contents = ['', 'x', '{', '\r\n--', '\r\n--b', '\r\n--b--', 'y'.repeat(70_000), '\u00ff\u0000']

function part(rng: Rng): string {
  const type = rng.pick(types)
  const lines = [
    `Content-Disposition: form-data; name="${rng.pick(fields)}"${rng.pick(fileNames)(rng.pick(names))}`,
    ...(type === '' ? [] : [`Content-Type: ${type}`]),
    ...(rng.chance(0.05) ? Array.from({ length: rng.int(200) }, (_, n) => `X-${n}: y`) : []),
    ...(rng.chance(0.05) ? ['Content-Transfer-Encoding: base64', 'no colon'] : []),
  ]
  return `${lines.join('\r\n')}\r\n\r\n${rng.pick(contents)}`
}

/** Mostly whole; now and then its end is missing, or its beginning. */
function form(rng: Rng): string {
  const count = rng.chance(0.05) ? 70 : rng.int(4)
  const parts = Array.from({ length: count }, () => `--b\r\n${part(rng)}\r\n`)
  const whole = `${parts.join('')}--b--\r\n`
  if (rng.chance(0.1)) return whole.slice(0, rng.int(whole.length))
  return rng.chance(0.05) ? whole.slice(rng.int(whole.length)) : whole
}

export function anyUpload(rng: Rng): FuzzRequest {
  const method = rng.pick(['PUT', 'PUT', 'POST', 'POST', 'GET', 'HEAD', 'DELETE'])
  const name = rng.pick(names)
  const path = rng.chance(0.2)
    ? name.replace(/[^!-~]/g, '_')
    : encodeURIComponent(name).replaceAll('%2F', '/')
  const target = rng.chance(0.25) ? '/v2/artifacts' : `/v2/artifacts/${path}`
  if (!method.startsWith('P')) return { method, target, headers: {} }
  if (rng.chance(0.3)) return { method, target, headers: {}, body: Buffer.from(rng.pick(contents), 'latin1') }
  const headers = { 'content-type': `multipart/form-data; boundary=${rng.pick(boundaries)}` }
  return { method, target, headers, body: Buffer.from(form(rng), 'latin1') }
}
