// GroupInfo: a group with what lies in it (app-definition 4, rest-api 4). Written in pieces, since a tree may hold tens
// of thousands of apps; each app's JSON is kept with its record (app-info.ts).

import type { TreeView } from '../../core/tree/tree-view.ts'
import type { View } from '../../core/view.ts'
import type { Instant } from '../../lib/instant.ts'
import { type PathId, parentOf, rootId } from '../../lib/path-id.ts'
import { isPod } from '../../spec/run-spec.ts'
import { appInfoPieces } from './app-info.ts'
import { type Embed, noEmbeds, resolveEmbeds } from './embed.ts'
import { podStatusJson } from './pod-status.ts'

export interface GroupEmbed {
  readonly groups: boolean
  readonly apps: boolean
  readonly pods: boolean
  /** Of each app; nothing of it is shown by default. */
  readonly ofApps: Embed
}

const everything: readonly string[] = ['group.groups', 'group.apps', 'group.pods']
const appPrefix = 'group.apps.'

/** What the names ask for; without any, everything but the details of apps. Unknown names ask for nothing. */
export function resolveGroupEmbeds(names: readonly string[]): GroupEmbed {
  const wanted = names.length === 0 ? everything : names
  return {
    groups: wanted.includes('group.groups'),
    apps: wanted.includes('group.apps'),
    pods: wanted.includes('group.pods'),
    ofApps: resolveEmbeds(
      wanted.filter((name) => name.startsWith(appPrefix)),
      noEmbeds,
    ),
  }
}

interface Shown {
  readonly view: View
  readonly tree: TreeView
  readonly embed: GroupEmbed
  readonly now: Instant
}

/** The JSON of a group and of all shown beneath it. */
export function* groupInfoPieces(id: PathId, shown: Shown): Generator<string, void> {
  const { tree, embed } = shown
  yield `{"id":${JSON.stringify(id)},"apps":[`
  if (embed.apps) yield* separated(appsIn(id, shown))
  yield '],"pods":['
  if (embed.pods) yield* separated(podsIn(id, shown))
  yield '],"groups":['
  if (embed.groups) yield* separated(groupsIn(id, shown))
  const { dependencies, enforceRole } = tree.group(id)
  const isTop = id !== rootId && parentOf(id) === rootId
  const role = isTop ? `,"enforceRole":${enforceRole ?? false}` : ''
  yield `],"dependencies":${JSON.stringify(dependencies)},"version":"${tree.version}"${role}}`
}

/** The JSON of the apps within a group at any depth, one piece or several each. */
export function* appsWithin(id: PathId, shown: Shown): Generator<string | Iterable<string>, void> {
  yield* appsIn(id, shown)
  for (const group of shown.tree.groupsIn(id)) yield* appsWithin(group, shown)
}

function* appsIn(id: PathId, { view, tree, embed, now }: Shown): Generator<string | Iterable<string>, void> {
  for (const runSpec of tree.runSpecsIn(id)) {
    if (!isPod(runSpec)) yield appInfoPieces({ view, app: runSpec, embed: embed.ofApps, now })
  }
}

function* podsIn(id: PathId, { view, tree, now }: Shown): Generator<string, void> {
  for (const runSpec of tree.runSpecsIn(id)) if (isPod(runSpec)) yield podStatusJson(runSpec, view, now)
}

function* groupsIn(id: PathId, shown: Shown): Generator<Iterable<string>, void> {
  for (const group of shown.tree.groupsIn(id)) yield groupInfoPieces(group, shown)
}

function* separated(items: Iterable<string | Iterable<string>>): Generator<string, void> {
  let isFirst = true
  for (const item of items) {
    if (!isFirst) yield ','
    isFirst = false
    if (typeof item === 'string') yield item
    else yield* item
  }
}
