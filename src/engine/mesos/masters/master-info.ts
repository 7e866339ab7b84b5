// What a master writes about itself into ZooKeeper: JSON since Mesos 0.24 (`json.info_…`), a protobuf message before
// that (`info_…`), and before that its process id alone. Only the address is needed.

export interface MasterAddress {
  /** Absent when the master does not say. */
  readonly hostname?: string
  /** IPv4 or IPv6 without brackets. */
  readonly ip: string
  readonly port: number
}

/** @returns a sentence without its end when the text says no address */
export function readJsonMasterInfo(text: string): MasterAddress | string {
  let info: unknown
  try {
    info = JSON.parse(text)
  } catch (error) {
    return `it is no JSON: ${(error as Error).message}`
  }
  const { address, hostname, pid } = (info ?? {}) as {
    address?: { ip?: unknown; hostname?: unknown; port?: unknown }
    hostname?: unknown
    pid?: unknown
  }
  const name = [address?.hostname, hostname].find(isName)
  // The number `ip` has the bytes of the address in the order of the network and is not needed: the process id has it.
  const found =
    isName(address?.ip) && isPort(address?.port)
      ? { ip: address.ip, port: address.port }
      : typeof pid === 'string'
        ? readProcessId(pid)
        : 'it has neither an address nor a process id'
  return typeof found === 'string' || name === undefined ? found : { hostname: name, ...found }
}

const processId = /@(\[[0-9a-f:.]+\]|[^:@\s]+):(\d{1,5})$/i

/** Of `master@10.0.0.1:5050`. @returns a sentence without its end for anything else */
export function readProcessId(text: string): MasterAddress | string {
  const match = processId.exec(text.trim())
  const port = Number(match?.[2])
  if (match === null || !isPort(port)) return `${JSON.stringify(text.slice(0, 80))} is no process id`
  return { ip: match[1]!.replace(/^\[|\]$/g, ''), port }
}

/** Field numbers of mesos.MasterInfo and mesos.Address. */
const field = { pid: 4, hostname: 5, address: 7, addressHostname: 1, addressIp: 2, addressPort: 3 } as const

/** @returns a sentence without its end when the bytes say no address */
export function readBinaryMasterInfo(bytes: Uint8Array): MasterAddress | string {
  const info = readFields(bytes)
  const inner = info?.get(field.address)
  const address = inner instanceof Uint8Array ? readFields(inner) : undefined
  const name = [textOf(address?.get(field.addressHostname)), textOf(info?.get(field.hostname))].find(isName)
  const ip = textOf(address?.get(field.addressIp))
  const port = address?.get(field.addressPort)
  const pid = textOf(info?.get(field.pid))
  const found =
    isName(ip) && isPort(port)
      ? { ip, port }
      : pid === undefined
        ? 'it is no protobuf message with an address or a process id'
        : readProcessId(pid)
  return typeof found === 'string' || name === undefined ? found : { hostname: name, ...found }
}

/** The last value of each field: numbers and bytes; undefined when the bytes are no message. */
function readFields(bytes: Uint8Array): ReadonlyMap<number, number | Uint8Array> | undefined {
  const fields = new Map<number, number | Uint8Array>()
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at]
      if (byte === undefined) return Number.NaN
      at += 1
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    return Number.NaN
  }
  while (at < bytes.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    switch (tag % 8) {
      case 0:
        fields.set(number, varint())
        break
      case 1:
        at += 8
        break
      case 2: {
        const length = varint()
        if (!(at + length <= bytes.length)) return undefined
        fields.set(number, bytes.subarray(at, at + length))
        at += length
        break
      }
      case 5:
        at += 4
        break
      default:
        return undefined
    }
  }
  return at === bytes.length ? fields : undefined
}

const textOf = (value: number | Uint8Array | undefined): string | undefined =>
  value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : undefined

const isName = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isPort = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536
