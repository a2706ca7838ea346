/**
 * Which addresses a url of somebody else's making may lead to: those of the public internet. Everything that can mean this machine, its
 * network, its cloud's metadata or no single host is refused, also when it is written inside an IPv6 address.
 */
import { BlockList, isIP } from "node:net"

type Range = readonly [network: string, prefix: number]

/** Of the registry of special-purpose addresses, what is no public host. */
const specialIpv4: ReadonlyArray<Range> = [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // behind a carrier's translation; Alibaba Cloud keeps its metadata here
  ["127.0.0.0", 8], // loopback
  ["168.63.129.16", 32], // Azure's host, as a virtual machine sees it
  ["169.254.0.0", 16], // link-local, and the metadata of most clouds
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments; Oracle Cloud keeps its metadata here
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // 6to4 relays
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4] // reserved, and broadcast
]

/** Prefixes of 96 bits whose last 32 are the IPv4 address that is reached: mapped, and translated (NAT64). */
const carriers: ReadonlyArray<string> = ["::ffff:", "64:ff9b::"]

/** What may be public: only global unicast has been given out, and the carriers lead to IPv4. */
const publicIpv6: ReadonlyArray<Range> = [
  ["2000::", 3],
  ...carriers.map((carrier): Range => [`${carrier}0.0.0.0`, 96])
]

const specialIpv6: ReadonlyArray<Range> = [
  ["2001::", 23], // protocol assignments: Teredo, benchmarks, overlays
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4: leads to any IPv4 address
  ["3fff::", 20], // documentation
  ...carriers.flatMap((carrier) => specialIpv4.map(([network, prefix]): Range => [`${carrier}${network}`, 96 + prefix]))
]

const listOf = (type: "ipv4" | "ipv6", ranges: ReadonlyArray<Range>): BlockList => {
  const list = new BlockList()
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, type)
  return list
}

const special = { 4: listOf("ipv4", specialIpv4), 6: listOf("ipv6", specialIpv6) }
const given = listOf("ipv6", publicIpv6)

/** Whether the text is the address of a public host. A name is none, and neither is an address with a zone. */
export const isPublic = (address: string): boolean => {
  if (address.includes("%")) return false
  const version = isIP(address)
  if (version === 4) return !special[4].check(address, "ipv4")
  return version === 6 && given.check(address, "ipv6") && !special[6].check(address, "ipv6")
}

/** Whether the name means this machine whatever a resolver says: `localhost` and all names under it. */
export const isLocalName = (host: string): boolean => /(?:^|\.)localhost\.?$/i.test(host)
