import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

/** What an HTTP server of a worker answers, by path. */
export type Pages = Readonly<Record<string, Effect.Effect<HttpServerResponse.HttpServerResponse>>>

const pathOf = (url: string): string => url.split("?", 1)[0] ?? ""

const said = (status: number, message: string) => HttpServerResponse.jsonUnsafe({ message }, { status })

/** Pages that are read, and nothing else. */
export const app = (pages: Pages) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ method, url }) => {
    const path = pathOf(url)
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined
    if (page === undefined) return Effect.succeed(said(404, `there is ${Object.keys(pages).join(" and ")}`))
    return method === "GET" || method === "HEAD" ? page : Effect.succeed(said(405, "this is read, with GET"))
  })
