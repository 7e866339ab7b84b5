// The calls about pods (rest-api 3).

import * as Type from 'typebox'
import { Plan } from '../../../spec/schema/answers/deployment.ts'
import {
  KilledInstance,
  KilledInstances,
  PodList,
  PodStatus,
  PodStatusList,
  PodVersions,
  ShownPod,
} from '../../../spec/schema/answers/pod.ts'
import { Pod } from '../../../spec/schema/pod.ts'
import { dryRun, explained, force, type Operation, wipe } from '../operation.ts'
import { created, deployment, planned } from './apps.ts'

export const podOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/v2/pods',
    tag: 'Pods',
    summary: 'All pods',
    answers: { 200: { description: 'The pods', schema: PodList } },
  },
  {
    method: 'POST',
    path: '/v2/pods',
    tag: 'Pods',
    summary: 'Run a new pod',
    parameters: [force, dryRun],
    body: { schema: Pod },
    answers: { 200: planned, 201: { ...created, description: 'The pod', schema: ShownPod } },
    errors: [400, 403, 409, 422],
  },
  {
    method: 'GET',
    path: '/v2/pods/::status',
    tag: 'Pods',
    summary: 'How all pods are doing',
    answers: { 200: { description: 'The pods with their instances', schema: PodStatusList } },
  },
  {
    method: 'GET',
    path: '/v2/pods/{id}',
    tag: 'Pods',
    summary: 'A pod',
    answers: { 200: { description: 'The pod', schema: ShownPod } },
    errors: [404],
  },
  {
    method: 'PUT',
    path: '/v2/pods/{id}',
    tag: 'Pods',
    summary: 'Replace the definition of a pod, or create it',
    parameters: [force, dryRun],
    body: { schema: Pod },
    answers: {
      200: {
        ...deployment,
        description: 'The pod; with `dryRun` the plan',
        schema: Type.Union([ShownPod, Plan]),
      },
    },
    errors: [400, 403, 409, 422],
  },
  {
    method: 'DELETE',
    path: '/v2/pods/{id}',
    tag: 'Pods',
    summary: 'Stop a pod and forget it',
    parameters: [force, dryRun],
    answers: {
      200: planned,
      202: { description: 'A deployment removes it', headers: ['Location', 'Marathon-Deployment-Id'] },
    },
    errors: [403, 404, 409],
  },
  {
    method: 'GET',
    path: '/v2/pods/{id}::status',
    tag: 'Pods',
    summary: 'How a pod is doing',
    answers: { 200: { description: 'The pod with its instances', schema: PodStatus } },
    errors: [404],
  },
  {
    method: 'GET',
    path: '/v2/pods/{id}::explain',
    tag: 'Pods',
    summary: 'Why a pod is not (yet) running or well, and what would help',
    answers: { 200: explained },
    errors: [404],
  },
  {
    method: 'GET',
    path: '/v2/pods/{id}::versions',
    tag: 'Pods',
    summary: 'The versions of a pod',
    answers: { 200: { description: 'Newest first', schema: PodVersions } },
    errors: [404],
  },
  {
    method: 'GET',
    path: '/v2/pods/{id}::versions/{version}',
    tag: 'Pods',
    summary: 'A pod as it was',
    answers: { 200: { description: 'The pod', schema: ShownPod } },
    errors: [404, 422],
  },
  {
    method: 'DELETE',
    path: '/v2/pods/{id}::instances',
    tag: 'Pods',
    summary: 'Kill instances of a pod',
    parameters: [wipe],
    body: { schema: Type.Array(Type.String()) },
    answers: { 200: { description: 'Those that were found, as they were', schema: KilledInstances } },
    errors: [400, 404, 422],
  },
  {
    method: 'DELETE',
    path: '/v2/pods/{id}::instances/{instanceId}',
    tag: 'Pods',
    summary: 'Kill an instance of a pod',
    parameters: [wipe],
    answers: { 200: { description: 'The instance as it was', schema: KilledInstance } },
    errors: [404, 422],
  },
]
