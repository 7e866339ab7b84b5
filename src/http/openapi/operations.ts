// Every call of the API, in the order of the document.

import type { Operation } from './operation.ts'
import { appOperations } from './operations/apps.ts'
import { artifactOperations } from './operations/artifacts.ts'
import { groupOperations } from './operations/groups.ts'
import { pageOperations } from './operations/pages.ts'
import { podOperations } from './operations/pods.ts'
import { serverOperations } from './operations/server.ts'
import { v1Operations } from './operations/v1.ts'

export const operations: readonly Operation[] = [
  ...appOperations,
  ...groupOperations,
  ...podOperations,
  ...artifactOperations,
  ...serverOperations,
  ...pageOperations,
  ...v1Operations,
]
