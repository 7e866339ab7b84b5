// Flags of the HTTP server, and of those who are told of events by HTTP.

import type { Flag } from '../flag.ts'
import { fileUrl, headerText, httpUrl } from '../forms.ts'

const noHttps = {
  kind: 'refused',
  why: 'it asks for HTTPS, which is not there yet: what is sent would be readable on its way. Leave it out and put a proxy that speaks TLS in front.',
} as const

const withoutHttps = {
  kind: 'without-effect',
  why: 'there is no HTTPS yet; a proxy in front can speak it.',
} as const

export const httpFlags = [
  {
    name: 'http_address',
    kind: 'text',
    help: 'Address to listen on; 127.0.0.1 unless credentials are set, then all.',
  },
  {
    name: 'http_port',
    kind: 'integer',
    default: '8080',
    min: 0,
    max: 65_535,
    help: 'Port to listen on; 0 takes any free one.',
  },
  {
    name: 'http_credentials',
    kind: 'text',
    isSecret: true,
    variable: 'MESOSPHERE_HTTP_CREDENTIALS',
    help: '`user:password` that every request must present (HTTP Basic).',
  },
  {
    name: 'http_realm',
    kind: 'text',
    default: 'Mesosphere',
    form: headerText,
    help: 'Realm of HTTP Basic authentication.',
  },
  {
    name: 'allow_unauthenticated',
    kind: 'toggle',
    default: 'off',
    help: 'Listen on addresses other than loopback without authentication. Whoever reaches the port can run programs here.',
  },
  { name: 'http_compression', kind: 'toggle', default: 'on', help: 'Compress responses.' },
  {
    name: 'http_max_concurrent_requests',
    kind: 'integer',
    min: 1,
    help: 'Requests served at one time; more are answered 503.',
  },
  {
    name: 'access_control_allow_origin',
    kind: 'list',
    form: headerText,
    help: 'Origins for the CORS header.',
  },
  { name: 'webui_url', kind: 'text', help: 'URL of the web UI, when it is not this server.' },
  {
    name: 'disable_http',
    kind: 'switch',
    default: 'off',
    help: 'Listen for HTTPS alone.',
    standing: { kind: 'refused', why: 'there is no HTTPS yet, so nobody could reach the server.' },
  },
  {
    name: 'https_port',
    kind: 'integer',
    default: '8443',
    min: 0,
    max: 65_535,
    help: 'Port to listen on for HTTPS.',
    standing: withoutHttps,
  },
  {
    name: 'https_address',
    kind: 'text',
    help: 'Address to listen on for HTTPS.',
    standing: withoutHttps,
  },
  {
    name: 'ssl_keystore_path',
    kind: 'text',
    variable: 'MESOSPHERE_KEYSTORE_PATH',
    help: 'File with key and certificate for HTTPS.',
    standing: noHttps,
  },
  {
    name: 'ssl_keystore_password',
    kind: 'text',
    isSecret: true,
    variable: 'MESOSPHERE_KEYSTORE_PASS',
    help: 'Password of that file.',
    standing: noHttps,
  },
  {
    name: 'assets_path',
    kind: 'text',
    help: 'Directory of the web UI’s files.',
    standing: { kind: 'without-effect', why: 'the original has not read it since 0.8.5.' },
  },
] as const satisfies readonly Flag[]

export const eventFlags = [
  {
    name: 'event_stream_max_outstanding_messages',
    kind: 'integer',
    default: '1024',
    min: 1,
    help: 'Events that may wait for a slow stream before it is closed.',
  },
  {
    name: 'event_log_max_events',
    kind: 'integer',
    default: '100000',
    min: 0,
    help: 'Events kept at most, for clients that come back to the event stream; 0: none, and events have no ids.',
  },
  {
    name: 'event_log_max_mb',
    kind: 'integer',
    default: '64',
    min: 1,
    help: 'Megabytes of them kept at most.',
  },
  {
    name: 'event_subscriber',
    kind: 'choice',
    choices: ['http_callback'],
    help: 'Posts each event to the URLs of /v2/eventSubscriptions.',
  },
  {
    name: 'http_endpoints',
    kind: 'list',
    form: httpUrl,
    needs: 'event_subscriber',
    help: 'URLs subscribed to events from the start (`--event_subscriber http_callback`).',
  },
  {
    name: 'http_event_callback_slow_consumer_timeout',
    kind: 'integer',
    default: '10000',
    min: 1,
    needs: 'event_subscriber',
    help: 'Milliseconds a subscriber may take before it is left out for a while.',
  },
  {
    name: 'http_event_request_timeout',
    kind: 'integer',
    default: '10000',
    min: 1,
    needs: 'event_subscriber',
    help: 'Milliseconds a post of an event may take.',
  },
  {
    name: 'artifact_store',
    kind: 'text',
    form: fileUrl,
    help: 'Where artifacts are kept, as `file:///path`; /v2/artifacts and storeUrls need it.',
  },
] as const satisfies readonly Flag[]
