// Networks and ports of apps as users send them (app-definition 2, 2.1), the deprecated `ipAddress` included.

import * as Type from 'typebox'
import {
  AnyPort,
  AnyPortOrZero,
  Labels,
  LabelsOrNone,
  LegacyName,
  NetworkName,
  NetworkProtocol,
} from './primitives.ts'

export const Network = Type.Object(
  {
    name: Type.Optional(NetworkName),
    mode: Type.Enum(['container', 'container/bridge', 'host'], { default: 'container' }),
    labels: Type.Optional(Labels),
  },
  { 'x-name': 'Network' },
)

export const PortDefinition = Type.Object(
  {
    port: AnyPortOrZero,
    labels: Type.Optional(Labels),
    name: Type.Optional(LegacyName),
    protocol: NetworkProtocol,
  },
  { 'x-name': 'Port' },
)

export const PortMapping = Type.Object(
  {
    containerPort: AnyPortOrZero,
    hostPort: Type.Optional(AnyPort),
    labels: LabelsOrNone,
    name: Type.Optional(LegacyName),
    protocol: NetworkProtocol,
    servicePort: AnyPortOrZero,
    networkNames: Type.Array(Type.String(), { default: [] }),
  },
  { 'x-name': 'PortMapping' },
)

/** Deprecated in 1.5; never returned. `groups` has no effect. */
export const IpAddress = Type.Object(
  {
    discovery: Type.Optional(
      Type.Object({
        ports: Type.Array(
          Type.Object({
            number: AnyPortOrZero,
            name: LegacyName,
            protocol: NetworkProtocol,
            labels: LabelsOrNone,
          }),
          { default: [] },
        ),
      }),
    ),
    groups: Type.Array(Type.String(), { uniqueItems: true, default: [] }),
    labels: LabelsOrNone,
    networkName: Type.Optional(Type.String({ minLength: 1 })),
  },
  { 'x-name': 'IpAddress' },
)
