/**
 * Connections that lead nowhere but to public hosts. A name is resolved once per connection, and the connection is made to an address that
 * was looked at: a name that answers differently a moment later gains nothing. Loaded when the first address is fetched.
 */
import * as dns from "node:dns/promises"
import { isIP, type LookupFunction } from "node:net"
import { Agent, buildConnector } from "undici"
import * as AddressGuard from "./AddressGuard.ts"

export { fetch } from "undici"

/** A name's addresses, all of them. */
export type Resolve = (host: string) => Promise<ReadonlyArray<{ readonly address: string; readonly family: number }>>

export interface Options {
  /** False: every address may be reached. */
  readonly isGuarded: boolean
  /** Addresses that may be reached although they are not public. */
  readonly allowed: ReadonlySet<string>
  readonly resolve?: Resolve
}

/** No connection was made, since it would have led to an address that is not public. Says nothing of that address. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused"
}

const resolveAll: Resolve = (host) => dns.lookup(host, { all: true })

/** Whoever makes one closes it. No proxy of the environment is used, nothing but HTTP/1.1 spoken. */
export const make = ({ allowed, isGuarded, resolve = resolveAll }: Options): Agent => {
  const mayReach = (address: string) => !isGuarded || allowed.has(address) || AddressGuard.isPublic(address)

  const lookup: LookupFunction = (host, { all }, done) => {
    resolve(host).then((found) => {
      const reachable = found.filter(({ address }) => mayReach(address))
      const [first] = reachable
      if (first === undefined) done(new AddressRefused(), "")
      else if (all === true) done(null, reachable.map(({ address, family }) => ({ address, family })))
      else done(null, first.address, first.family)
    }, (cause: NodeJS.ErrnoException) => done(cause, ""))
  }

  const connect = buildConnector({ lookup, allowH2: false })
  return new Agent({
    // A literal address is never looked up, so it is judged here.
    connect: (options, done) => {
      const { hostname } = options
      const isRefused = isIP(hostname) > 0 ? !mayReach(hostname) : isGuarded && AddressGuard.isLocalName(hostname)
      if (isRefused) done(new AddressRefused(), null)
      else connect(options, done)
    }
  })
}
