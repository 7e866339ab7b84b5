// The only file that knows every adapter: puts store, core, driver, engine and HTTP together as the flags say, in the
// order in which they need each other, and takes them apart in the other.

import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import packageJson from '../package.json' with { type: 'json' }
import { StoreDownloads } from './artifacts/downloads.ts'
import { FolderArtifactStore } from './artifacts/folder-store.ts'
import { createHttpSource } from './artifacts/http-source.ts'
import { createPoster } from './callbacks/post.ts'
import { CallbackSender } from './callbacks/sender.ts'
import { FlagError } from './config/flag.ts'
import { rawConfiguration } from './config/raw-configuration.ts'
import {
  addressOf,
  checkUser,
  credentialsOf,
  engineOf,
  infoOf,
  ownUser,
  removedFeaturesOf,
  settingsOf,
  zookeeperInfoOf,
} from './config/settings.ts'
import type { FlagValues } from './config/table.ts'
import type { StoredRecord } from './core/records.ts'
import { createScheduler } from './core/scheduler.ts'
import type { Settings } from './core/settings.ts'
import type { Halt } from './driver/crash.ts'
import { Driver } from './driver/driver.ts'
import { EventReader } from './driver/event-reader.ts'
import { configureAgents, detectMachine } from './engine/local/agents.ts'
import { LocalEngine } from './engine/local/engine.ts'
import { SimEngine } from './engine/sim/engine.ts'
import { artifactsUrl, defaultHttpOptions } from './http/deps.ts'
import { createHttpServer } from './http/server.ts'
import { after, millis } from './lib/instant.ts'
import { limits } from './lib/limits.ts'
import type { Writable } from './lib/writable.ts'
import { meterEngine } from './metrics/metered-engine.ts'
import { createMetrics, type Metrics } from './metrics/registry.ts'
import { registerStateGauges } from './metrics/state-gauges.ts'
import type { Clock } from './ports/clock.ts'
import type { Engine, Registration } from './ports/engine.ts'
import type { LogControl, Logger } from './ports/logger.ts'
import type { Plugins } from './ports/plugins.ts'
import type { Prober } from './ports/prober.ts'
import { WorkerProber } from './probes/prober.ts'
import { LmdbStore } from './store/lmdb.ts'

export interface ComposedServer {
  /** Opens the store, listens, connects the engine. Resolves with the URL people use. */
  start(): Promise<string>
  /** Stops taking requests, lets what was decided leave, lets go of the engine and the store. Tasks keep running. */
  close(): Promise<void>
}

/** Beside the sources, and beside the chunks of the build (tools/build.mjs). */
const publicDir = fileURLToPath(new URL('../public/', import.meta.url))
/** Of the build: threads run no sources. */
const probeProgram = new URL('../chunks/probe-worker.mjs', import.meta.url)

interface Environment {
  readonly log: Logger
  readonly levels: LogControl
  readonly clock: Clock
  readonly halt: Halt
}

/** @throws FlagError when the flags cannot be carried out. */
export function compose(flags: FlagValues, environment: Environment): ComposedServer {
  const { log, levels, clock, halt } = environment
  const settings: Writable<Settings> = settingsOf(flags)
  const credentials = credentialsOf(flags)
  const address = addressOf(flags)
  if (engineOf(flags) === 'local') checkUser(flags, ownUser())
  const dataDir = resolve(flags.data_dir)
  const store = new LmdbStore(dataDir)
  const closers: (() => Promise<void>)[] = []

  return {
    async start() {
      const plugins = await openPlugins(flags, { log: log.child({ part: 'plugins' }), clock })
      const metrics = createMetrics({ prefix: flags.metrics_name_prefix, now: () => clock.now() })
      const epoch = await store.open()
      closers.unshift(() => store.close())
      // Opening throws away uploads of a process that is gone, so nobody else may be running.
      const artifacts = openArtifacts(settings.artifactStore)
      const records: StoredRecord[] = []
      for await (const record of store.load()) records.push(record)
      const scheduler = createScheduler({
        settings,
        seed: randomUUID(),
        records,
        now: clock.now(),
        quarantines: true,
        ...(plugins === undefined
          ? {}
          : { runSpecValidators: plugins.runSpecValidators, taskProcessors: plugins.taskProcessors }),
      })
      checkEngine(flags, scheduler.view.registration())
      const created = await createEngine(flags, {
        ...environment,
        dataDir,
        webuiUrl: () => flags.webui_url ?? `http://${info.leader}`,
        log: log.child({ part: 'engine' }),
      })
      const engine = meterEngine(created.engine, metrics)
      closers.unshift(() => engine.stop())
      if (engine.describeIsolation?.().reason !== undefined) log.warn(engine.describeIsolation().reason!)
      const downloads = new StoreDownloads({
        store: artifacts,
        source: createHttpSource(),
        log: log.child({ part: 'artifacts' }),
      })
      const driver = new Driver({
        scheduler,
        store,
        engine,
        downloads,
        prober: engine.prober ?? createProber(flags, metrics, environment),
        clock,
        log: log.child({ part: 'driver' }),
        halt,
      })
      registerStateGauges(metrics, { view: () => driver.view, now: () => clock.now() })
      const callbacks = createCallbacks(driver.view.callbackUrls(), {
        settings,
        metrics,
        clock,
        log: log.child({ part: 'callbacks' }),
      })
      if (callbacks !== undefined) {
        closers.unshift(() => callbacks.stop())
        driver.subscribe((notices, logged) => callbacks.publish(notices, logged))
      }
      const info = {
        name: flags.framework_name,
        version: packageJson.version,
        buildref: 'unknown',
        marathonConfig: {
          ...infoOf(flags),
          get mesos_leader_ui_url() {
            return flags.mesos_leader_ui_url ?? created.masterUrl() ?? null
          },
        },
        zookeeperConfig: zookeeperInfoOf(flags),
        httpConfig: { http_port: flags.http_port as number, https_port: null },
        leader: `${flags.hostname}:${flags.http_port}`,
      }
      const http = createHttpServer({
        view: () => driver.view,
        submit: (request) => driver.submit(request),
        subscribe: (listener) => driver.subscribe(listener),
        ...(settings.eventLogMaxEvents === 0
          ? {}
          : { eventLog: new EventReader(scheduler.view.eventLog, store) }),
        ...(artifacts === undefined ? {} : { artifacts }),
        ...(plugins === undefined ? {} : { plugins }),
        ...(callbacks === undefined ? {} : { announce: (notices) => callbacks.publish(notices) }),
        engine: { name: flags.master, ...engine },
        info,
        control: {
          logging: levels,
          configuration: rawConfiguration(flags),
          abdicate: onceOnly(() =>
            clock.alarm(after(clock.now(), millis(limits.abdicationMs)), () =>
              halt('LeadershipEndedGracefully'),
            ),
          ),
        },
        publicDir,
        options: {
          ...defaultHttpOptions,
          ...(credentials === undefined ? {} : { credentials }),
          realm: flags.http_realm,
          allowedOrigins: flags.access_control_allow_origin,
          compress: flags.http_compression,
          prometheus: flags.metrics_prometheus,
          ...removedFeaturesOf(flags),
          eventStreamMaxOutstanding: flags.event_stream_max_outstanding_messages,
          ...(flags.http_max_concurrent_requests === undefined
            ? {}
            : { maxConcurrentRequests: flags.http_max_concurrent_requests }),
        },
        metrics,
        log: log.child({ part: 'http' }),
        now: () => clock.now(),
      })
      await http.listen({ host: address, port: flags.http_port })
      closers.unshift(() => driver.stop())
      closers.unshift(async () => void (await http.close()))
      const { port } = http.server.address() as { port: number }
      info.httpConfig.http_port = port
      info.leader = `${flags.hostname}:${port}`
      // Known only now when any free port was asked for; nothing reaches the core before.
      if (artifacts !== undefined)
        settings.artifactsUrl = artifactsUrl(defaultHttpOptions.scheme, info.leader)
      await driver.start()
      log.info('started', {
        version: packageJson.version,
        engine: flags.master,
        epoch,
        records: records.length,
        dataDir,
      })
      return `http://${address === '0.0.0.0' ? flags.hostname : address}:${port}`
    },
    async close() {
      for (const close of closers.splice(0)) await close()
    },
  }
}

function onceOnly(act: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    act()
  }
}

/** Undefined without --artifact_store. @throws FlagError when there is no such folder */
function openArtifacts(url: string | undefined): FolderArtifactStore | undefined {
  if (url === undefined) return undefined
  try {
    return FolderArtifactStore.open(fileURLToPath(url))
  } catch (error) {
    throw new FlagError(
      `--artifact_store is '${url}'; expected file:///path of a folder that exists and can be written to: ${(error as Error).message}.`,
    )
  }
}

/** Undefined without --plugin_dir and --plugin_conf. @throws PluginStartError */
async function openPlugins(
  flags: FlagValues,
  parts: Pick<Environment, 'log' | 'clock'>,
): Promise<Plugins | undefined> {
  const { plugin_dir: dir, plugin_conf: conf, framework_name: frameworkName } = flags
  if (dir === undefined || conf === undefined) return undefined
  const { loadPlugins } = await import('./plugins/load.ts')
  return loadPlugins({ dir, conf, frameworkName, ...parts })
}

/** Undefined when nobody may subscribe. */
function createCallbacks(
  urls: readonly string[] | undefined,
  parts: Pick<Environment, 'log' | 'clock'> & { readonly settings: Settings; readonly metrics: Metrics },
): CallbackSender | undefined {
  if (urls === undefined) return undefined
  const { settings, metrics, log, clock } = parts
  const poster = createPoster(settings.eventCallbackRequestTimeoutMs)
  const slowAfterMs = settings.eventCallbackSlowConsumerTimeoutMs
  return new CallbackSender({ poster, clock, log, meters: metrics, slowAfterMs }, urls)
}

function createProber(flags: FlagValues, metrics: Metrics, { log, clock }: Environment): Prober {
  return new WorkerProber({
    program: probeProgram,
    atOnce: flags.max_concurrent_marathon_health_checks,
    userAgent: `Marathon/${packageJson.version} (health check)`,
    clock,
    log: log.child({ part: 'probes' }),
    meters: metrics,
  })
}

interface EngineParts extends Pick<Environment, 'log' | 'clock'> {
  readonly dataDir: string
  /** Known when the server listens. */
  readonly webuiUrl: () => string
}

interface CreatedEngine {
  readonly engine: Engine
  /** Where people see what the engine does. */
  readonly masterUrl: () => string | undefined
}

/** @throws FlagError when another engine has what is in the store, and goes on running it */
function checkEngine(flags: FlagValues, { otherEngine }: Registration): void {
  if (otherEngine === undefined) return
  const { engine, instances } = otherEngine
  throw new FlagError(
    `--master is '${flags.master}', and in --data_dir '${flags.data_dir}' ${instances === 1 ? 'is 1 instance' : `are ${instances} instances`} ` +
      `that ${engine === 'mesos' ? 'a Mesos cluster' : 'the local engine'} runs, and would go on running. Name another --data_dir; or start as ` +
      'before, scale its apps to 0 or remove them, and come back.',
  )
}

/** @throws FlagError */
async function createEngine(flags: FlagValues, parts: EngineParts): Promise<CreatedEngine> {
  const { log, clock, dataDir } = parts
  const masterUrl = () => undefined
  switch (engineOf(flags)) {
    case 'local':
      return { engine: createLocalEngine(flags, dataDir, log), masterUrl }
    case 'sim': {
      const seed = randomUUID()
      return {
        engine: new SimEngine({ clock, agents: flags.sim_agents, role: flags.mesos_role, seed }),
        masterUrl,
      }
    }
    case 'mesos': {
      // Loaded by those alone who have a cluster.
      const { createMesosEngine } = await import('./cluster.ts')
      const engine = await createMesosEngine(flags, parts)
      return { engine, masterUrl: () => engine.leaderPage }
    }
  }
}

function createLocalEngine(flags: FlagValues, dataDir: string, log: Logger): Engine {
  mkdirSync(dataDir, { recursive: true })
  const agents = configureAgents(
    {
      agents: flags.local_agents,
      ...(flags.local_resources === undefined ? {} : { resources: flags.local_resources }),
      ...(flags.local_attributes === undefined ? {} : { attributes: flags.local_attributes }),
    },
    detectMachine(dataDir),
    (path) => readFileSync(path, 'utf8'),
  )
  if (!agents.ok) throw new FlagError(agents.error)
  return new LocalEngine({
    dataDir,
    agents: agents.value,
    address: flags.hostname,
    reportsKilling: flags.enable_features.includes('task_killing'),
    sandboxKeepMs: flags.sandbox_keep_days * 86_400_000,
    sandboxKeepBytes: flags.sandbox_keep_mb * 1024 * 1024,
    onProblem: (message) => log.warn(message),
  })
}
