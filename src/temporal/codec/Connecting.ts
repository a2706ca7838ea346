import * as Redacted from "effect/Redacted"
import type { Server } from "../../config/TemporalAccess.ts"

/** How a server is reached, as both kinds of connection of the SDK take it: the worker's and the client's. */
export const options = ({ address, apiKey, namespace, tls }: Server) => ({
  address,
  tls: tls === false ? false : {
    ...(tls.serverName === undefined ? {} : { serverNameOverride: tls.serverName }),
    ...(tls.ca === undefined ? {} : { serverRootCACertificate: tls.ca }),
    ...(tls.client === undefined ? {} : { clientCertPair: { crt: tls.client.certificate, key: tls.client.key } })
  },
  ...(apiKey === undefined
    ? {}
    : { apiKey: Redacted.value(apiKey), metadata: { "temporal-namespace": namespace } })
})
