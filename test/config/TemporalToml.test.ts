import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Configuration from "../../src/config/Configuration.ts"
import * as Span from "../../src/config/Span.ts"
import * as TemporalAccess from "../../src/config/TemporalAccess.ts"
import * as TemporalOptions from "../../src/config/TemporalOptions.ts"
import * as Routing from "../../src/program/Routing.ts"
import * as Folder from "../source/Folder.ts"

const loaded = (toml: string) =>
  Effect.flatMap(Folder.make({ "pipelex.toml": toml }), Configuration.loadFolder).pipe(
    Effect.scoped,
    Effect.provide(Folder.layer)
  )

const temporal = (toml: string) => Effect.map(loaded(toml), ({ options }) => options.temporal)

/** What is said of a file that is refused, from its name on. */
const refusal = (toml: string) =>
  Effect.map(Effect.flip(loaded(toml)), ({ message }) => message.replace(/^.*pipelex\.toml/, ""))

const example = `
[temporal.activity_queues.act_llm_gen_text]
default = "openai_q"
[temporal.activity_queues.act_llm_gen_text.by_handle]
claude-large = "anthropic_q"
[temporal.activity_queues.act_llm_gen_text.handle_options.claude-large]
start_to_close_timeout = "0:30:00"
[temporal.queue_options.openai_q]
max_task_queue_activities_per_second = 500
[temporal.queue_options.anthropic_q]
start_to_close_timeout = "0:15:00"
heartbeat_timeout = "0:01:00"
`

const minutes = (count: number) => count * 60_000

describe("[temporal]", () => {
  it.effect("holds what it holds by default where nothing is written", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* temporal(""), TemporalOptions.defaults)
      assert.isFalse(TemporalOptions.defaults.isEnabled)
    }))

  it.effect("dispatches as the worked example says", () =>
    Effect.gen(function*() {
      const { queueRates, routing } = yield* temporal(example)
      assert.deepStrictEqual(queueRates, { openai_q: 500 })
      const { baseline } = Routing.defaults
      assert.deepStrictEqual(Routing.resolve(routing, "act_llm_gen_text", "claude-large"), {
        queue: "anthropic_q",
        options: { ...baseline, startToCloseTimeout: minutes(30), heartbeatTimeout: minutes(1) }
      })
      assert.deepStrictEqual(Routing.resolve(routing, "act_llm_gen_text", "gpt-4o-mini"), {
        queue: "openai_q",
        options: baseline
      })
      assert.deepStrictEqual(Routing.resolve(routing, "act_llm_gen_object", undefined), {
        queue: "temporal_task_queue",
        options: baseline
      })
      const { heartbeatTimeout, maximumAttempts, queue, startToCloseTimeout } = Routing.explain(
        routing,
        "act_llm_gen_text",
        "claude-large"
      )
      assert.deepStrictEqual([queue.from, startToCloseTimeout.from, heartbeatTimeout?.from, maximumAttempts.from], [
        "by_handle",
        "handle",
        "queue",
        "baseline"
      ])
    }))

  it.effect("reads routes and names from their older places", () =>
    Effect.gen(function*() {
      const older = example.replaceAll("[temporal.activity_queues", "[temporal.worker_config.activity_queues")
      assert.deepStrictEqual((yield* temporal(older)).routing, (yield* temporal(example)).routing)
      const { routing } = yield* temporal("[temporal.worker_config]\ntask_queue = \"mine\"")
      assert.strictEqual(routing.defaultQueue, "mine")
    }))

  it.effect("overlays what is there: a profile, a scope, a server, a policy, key by key", () =>
    Effect.gen(function*() {
      const { defaults } = TemporalOptions
      const options = yield* temporal(`
[temporal]
is_enabled = true
[temporal.worker_config.retry_policy_config]
maximum_attempts = "unlimited"
initial_interval = "500ms"
[temporal.queue_options.temporal_task_queue.retry_policy_config]
maximum_attempts = 7
non_retryable_error_types_extra = ["RateLimited"]
[temporal.worker_runtime_profiles.profiles.default]
max_concurrent_activities = 5
[temporal.worker_runtime_profiles.profiles.big]
sticky_queue_schedule_to_start_timeout = "10s"
[temporal.worker_scopes.scopes.router]
disable_all_activities = false
[temporal.temporal_config]
selected_server = "cloud"
[temporal.temporal_config.temporal_server_configs.cloud]
target_host = "cloud.example:7233"
`)
      const base = defaults.profiles.named["default"]
      assert.isTrue(options.isEnabled)
      assert.deepStrictEqual(options.profiles.named["default"], base && { ...base, maxConcurrentActivities: 5 })
      assert.deepStrictEqual(
        options.profiles.named["big"],
        base && { ...base, stickyQueueScheduleToStartTimeout: 10_000 }
      )
      assert.deepStrictEqual(options.scopes.named["router"], defaults.scopes.named["full"])
      assert.strictEqual(options.servers.named["cloud"]?.namespace, "default")
      const { retry } = Routing.resolve(options.routing, "act_func", "f").options
      assert.deepStrictEqual([retry.initialInterval, retry.maximumAttempts], [500, 7])
      assert.strictEqual(retry.nonRetryableErrorTypes.at(-1), "RateLimited")
    }))

  const faults: ReadonlyArray<readonly [title: string, toml: string, says: string]> = [
    [
      "an unknown key",
      "[temporal.worker_config]\ndefault_task_queu = \"q\"",
      ":2:1: \"default_task_queu\" is not a key of [temporal.worker_config]; did you mean \"default_task_queue\"?"
    ],
    [
      "an unknown key inside a table of names",
      "[temporal.queue_options.temporal_task_queue]\nheartbeat = \"5s\"",
      ":2:1: \"heartbeat\" is not a key of [temporal.queue_options.temporal_task_queue]; did you mean \"heartbeat_timeout\"?"
    ],
    [
      "an activity that is none",
      "[temporal.activity_queues.act_llm_gen_txt]\ndefault = \"q\"",
      "\"act_llm_gen_txt\" is not a key of [temporal.activity_queues]; did you mean \"act_llm_gen_text\""
    ],
    [
      "a length of time that is none",
      "[temporal.worker_config]\ntask_timeout = \"ten\"",
      ":2:1: \"task_timeout\" must be a duration above 0 such as \"0:10:00\", \"90s\" or \"10m\""
    ],
    [
      "a search attribute that is none",
      "[temporal.search_attributes]\nattributes = [\"PipeCode\", \"Colour\"]",
      ":2:1: \"attributes\" must be a list of PipeCode,"
    ],
    [
      "no attempt at all",
      "[temporal.worker_config.retry_policy_config]\nmaximum_attempts = 0",
      "an integer of at least 1, or one of unlimited"
    ],
    [
      "a placeholder that is malformed",
      "[temporal.temporal_config.temporal_server_configs.local]\ntarget_host = \"${a b}\"",
      ":2:1: \"target_host\" must be"
    ],
    [
      "routes in both of their places",
      `${example}\n[temporal.worker_config.activity_queues.act_func]\ndefault = "openai_q"`,
      "is in [temporal] and in [temporal.worker_config]"
    ],
    [
      "a queue that is declared nowhere, with both ways out",
      "[temporal.activity_queues.act_func]\ndefault = \"slow_q\"",
      ":2:1: queue \"slow_q\" is declared nowhere; add an empty [temporal.queue_options.slow_q], or route to \"temporal_task_queue\""
    ],
    [
      "a queue that nothing goes to",
      "[temporal.queue_options.lonely_q]",
      "nothing is routed to queue \"lonely_q\"; route an activity to it, or remove its options"
    ],
    [
      "a profile that is none",
      "[temporal.worker_runtime_profiles]\ndefault_profile = \"big\"",
      ":2:1: no profile is called \"big\"; there is default"
    ],
    [
      "a scope that is none",
      "[temporal.worker_scopes]\ndefault_scope = \"runer\"",
      ":2:1: no scope is called \"runer\"; did you mean \"runner\""
    ],
    [
      "a server that is none",
      "[temporal.temporal_config]\nselected_server = \"locale\"",
      ":2:1: no server is called \"locale\"; did you mean \"local\"?"
    ],
    [
      "a server that wants a key and names none",
      "[temporal.temporal_config.temporal_server_configs.local]\napi_key_method = \"env_var\"",
      ":2:1: server \"local\" has api_key_method = \"env_var\" and no api_key_id"
    ],
    [
      "the name of a key that nobody looks at",
      "[temporal.temporal_config.temporal_server_configs.local]\napi_key_id = \"KEY\"",
      ":2:1: server \"local\" has an api_key_id that api_key_method = \"none\" does not look at"
    ],
    [
      "a way to get a key that is none",
      "[temporal.temporal_config.temporal_server_configs.local]\napi_key_method = \"vault\"",
      ":2:1: \"api_key_method\" must be one of none, env_var, secret_provider"
    ],
    [
      "half of a client's certificate",
      "[temporal.temporal_config.temporal_server_configs.local]\ntls_key_file = \"k.pem\"",
      ":2:1: server \"local\" needs both tls_cert_file and tls_key_file, or neither"
    ],
    [
      "files for TLS where TLS is off",
      "[temporal.temporal_config.temporal_server_configs.local]\ntls = false\ntls_ca_file = \"ca.pem\"",
      ":3:1: server \"local\" has tls_ca_file and tls = false"
    ],
    [
      "a scope that requires what is not there",
      "[temporal.worker_scopes.scopes.mine]\nrequired_activities = [\"act_llm_gen_txt\"]",
      ":2:1: no activity is called \"act_llm_gen_txt\"; did you mean \"act_llm_gen_text\""
    ],
    [
      "a scope of packs that are none",
      "[temporal.worker_scopes.scopes.mine]\nrequired_tasks_packs = [\"pips\"]",
      ":2:1: no pack is called \"pips\"; did you mean \"pipe\"?"
    ],
    [
      "encryption without its key",
      "[temporal.payload_codec_config.encryption]\nis_enabled = true\nkey_id = \"june\"",
      ":3:1: payload encryption is on and no key is called \"june\""
    ],
    [
      "a longest wait that is shorter than the first",
      "[temporal.worker_config.retry_policy_config]\nmaximum_interval = \"1s\"",
      ":2:1: maximum_interval is 1s and initial_interval 3s"
    ],
    [
      "waits that contradict each other across layers",
      `[temporal.queue_options.temporal_task_queue.retry_policy_config]
maximum_interval = "10s"
[temporal.activity_queues.act_func.handle_options.f.retry_policy_config]
initial_interval = "1m"`,
      ":4:1: maximum_interval is 10s and initial_interval 1m: a server takes no wait that is shorter than the first"
    ],
    [
      "a profile with which no worker can start",
      "[temporal.worker_runtime_profiles.profiles.tiny]\nmax_concurrent_workflow_tasks = 1",
      ":2:1: profile \"tiny\" needs max_concurrent_workflow_tasks of at least 2, or max_cached_workflows = 0"
    ],
    [
      "a deployment that the server takes no polls of",
      "[temporal.worker_config]\ndeployment_name = \"a.b\"",
      ":2:1: \"deployment_name\" must be a name without \":\" and \".\""
    ],
    [
      "a prefix that leads out of the store",
      "[temporal.payload_codec_config]\nstorage_prefix = \"../payloads/\"",
      ":2:1: \"storage_prefix\" must be names of letters"
    ],
    [
      "a rate of none",
      "[temporal.queue_options.temporal_task_queue]\nmax_task_queue_activities_per_second = 0",
      ":2:1: \"max_task_queue_activities_per_second\" must be a number above 0"
    ],
    [
      "names that would replace those of the baseline",
      "[temporal.queue_options.temporal_task_queue.retry_policy_config]\nnon_retryable_error_types = []",
      "did you mean \"non_retryable_error_types_extra\"?"
    ],
    [
      "two names of one queue",
      "[temporal.worker_config]\ntask_queue = \"a\"\ndefault_task_queue = \"b\"",
      "are the same key, with different values"
    ]
  ]
  for (const [title, toml, says] of faults) {
    it.effect(`refuses ${title}`, () =>
      Effect.gen(function*() {
        assert.include(yield* refusal(toml), says)
      }))
  }

  it.effect("takes an empty declaration of a queue, and notices a route that nothing uses", () =>
    Effect.gen(function*() {
      const { options, warnings } = yield* loaded(`
[temporal.activity_queues.act_jinja2_gen_text]
default = "text_q"
[temporal.queue_options.text_q]
`)
      assert.deepStrictEqual(options.temporal.routing.activities, {})
      assert.isTrue(warnings.some((warning) => warning.includes("act_jinja2_gen_text")))
    }))

  it.effect("declares with a placeholder what only whoever connects can tell", () =>
    Effect.gen(function*() {
      const toml = `
[temporal.activity_queues.act_func]
default = "\${QUEUE}"
[temporal.queue_options.func_q]
heartbeat_timeout = "7s"
`
      const resolved = (queue: string) => access(toml, { QUEUE: queue })
      const { options } = yield* resolved("func_q")
      assert.strictEqual(Routing.resolve(options.routing, "act_func", "f").options.heartbeatTimeout, 7000)
      assert.include((yield* Effect.flip(resolved("func"))).message, "queue \"func\" is declared nowhere")
    }).pipe(Effect.provide(Folder.layer)))

  const odd: ReadonlyArray<readonly [title: string, toml: string, says: string]> = [
    [
      "a format of names for payloads, which have theirs",
      "[temporal.payload_codec_config.storage_provider_config.local]\nuri_format = \"{hash}.bin\"",
      "storage_provider_config.local.uri_format decides nothing here"
    ],
    [
      "settings of artefacts in the store of payloads",
      "[temporal.payload_codec_config.storage_provider_config]\nis_upload_local_content_enabled = true",
      "is_upload_local_content_enabled decides nothing here"
    ],
    [
      "a lifespan of addresses that nobody is given",
      "[temporal.payload_codec_config.storage_provider_config.s3]\nsigned_urls_lifespan_seconds = 60",
      "s3.signed_urls_lifespan_seconds decides nothing here"
    ],
    [
      "a bound of local activities, of which there are none",
      "[temporal.worker_runtime_profiles.profiles.default]\nmax_concurrent_local_activities = 3",
      "max_concurrent_local_activities bounds nothing"
    ],
    [
      "a logger that nothing writes to",
      "[temporal.temporal_config.temporal_log_config]\nmanaged_loggers = [\"temporalio.activity\", \"pipelex\"]",
      "managed_loggers: nothing here logs as \"pipelex\"; there is workflow, activity, worker, core"
    ],
    [
      "a task_timeout that the server cuts short",
      "[temporal.worker_config]\ntask_timeout = \"3m\"",
      "a server takes two minutes for a task_timeout that is longer"
    ],
    [
      "a handle that no model has",
      "[temporal.activity_queues.act_llm_gen_text.by_handle]\n\"gpt-4o-mni\" = \"temporal_task_queue\"",
      "[temporal.activity_queues.act_llm_gen_text]: no model has the handle \"gpt-4o-mni\"; did you mean \"gpt-4o-mini\""
    ]
  ]
  for (const [title, toml, says] of odd) {
    it.effect(`notices ${title}`, () =>
      Effect.gen(function*() {
        const { warnings } = yield* loaded(toml)
        assert.lengthOf(warnings, 1)
        assert.include(warnings[0], says)
      }))
  }

  it.effect("notices nothing where all is as it should be", () =>
    Effect.gen(function*() {
      const { warnings } = yield* loaded(`
[temporal.activity_queues.act_func.by_handle]
"my.function" = "temporal_task_queue"
[temporal.activity_queues.act_llm_gen_text.by_handle]
gpt-4o-mini = "temporal_task_queue"
[temporal.temporal_config.temporal_log_config]
managed_loggers = ["temporalio.workflow"]
[temporal.payload_codec_config.storage_provider_config.local]
uri_format = "{hash}"
`)
      assert.deepStrictEqual(warnings, [])
    }))
})

describe("Span", () => {
  it("reads hours, minutes and seconds, and numbers with a unit", () => {
    const written = ["0:00:10", "1:02:03", "0:00:00.5", "90s", "10m", "1.5h", "250ms", "1d", "0:00:00"]
    assert.deepStrictEqual(written.map(Span.parse), [
      10_000,
      3_723_000,
      500,
      90_000,
      600_000,
      5_400_000,
      250,
      86_400_000,
      0
    ])
  })

  it("takes nothing else", () => {
    for (const written of ["", "10", "0:60:00", "0:1:1", "-5s", "1e3s", "ten", "5 s", "99999d", "∞"]) {
      assert.isUndefined(Span.parse(written), written)
    }
  })
})

const access = (toml: string, variables: Readonly<Record<string, string>> = {}, server?: string) =>
  Effect.flatMap(loaded(toml), ({ values }) => TemporalAccess.resolve(values, (name) => variables[name], server)).pipe(
    Effect.provide(Folder.layer)
  )

const cloud = (more: string) => `
[temporal.temporal_config]
selected_server = "cloud"
[temporal.temporal_config.temporal_server_configs.cloud]
target_host = "\${CLOUD_HOST}"
namespace = "ns"
${more}
`

describe("TemporalAccess", () => {
  it.effect("needs nothing for a server on this machine", () =>
    Effect.gen(function*() {
      const { server } = yield* access("")
      assert.deepStrictEqual(server, { name: "local", address: "localhost:7233", namespace: "default", tls: false })
    }))

  it.effect("turns TLS on with an API key, which nothing shows", () =>
    Effect.gen(function*() {
      const toml = cloud("api_key_method = \"env_var\"\napi_key_id = \"CLOUD_KEY\"")
      const { server } = yield* access(toml, { CLOUD_HOST: "cloud.example", CLOUD_KEY: "s3cret" })
      assert.deepStrictEqual([server.address, server.tls], ["cloud.example:7233", {}])
      assert.strictEqual(server.apiKey && Redacted.value(server.apiKey), "s3cret")
      assert.notInclude(JSON.stringify(server), "s3cret")
    }))

  it.effect("names what is not set, and looks at no other server's placeholders", () =>
    Effect.gen(function*() {
      assert.include((yield* Effect.flip(access(cloud("")))).message, "needs \"CLOUD_HOST\", which is not set")
      assert.strictEqual((yield* access(cloud(""), {}, "local")).server.name, "local")
      const keyless = cloud("api_key_method = \"env_var\"\napi_key_id = \"CLOUD_KEY\"")
      const { message } = yield* Effect.flip(access(keyless, { CLOUD_HOST: "h" }))
      assert.include(message, "the API key of server \"cloud\" is not set: CLOUD_KEY")
      assert.include((yield* Effect.flip(access("", {}, "lokal"))).message, "did you mean \"local\"?")
    }))

  it.effect("refuses a certificate that is not there", () =>
    Effect.gen(function*() {
      const host = { CLOUD_HOST: "h" }
      assert.include(
        (yield* Effect.flip(access(cloud("tls_ca_file = \"/nowhere/ca.pem\""), host))).message,
        "tls_ca_file: the file /nowhere/ca.pem cannot be read"
      )
    }))

  it.effect("resolves the placeholders of queues", () =>
    Effect.gen(function*() {
      const toml = "[temporal.worker_config]\ndefault_task_queue = \"${env:TEAM}_q\""
      assert.strictEqual((yield* access(toml, { TEAM: "red" })).options.routing.defaultQueue, "red_q")
    }))

  it.effect("resolves keys of encryption, and refuses one that is missing or short", () =>
    Effect.gen(function*() {
      const encrypted = (id: string) => `
[temporal.payload_codec_config.encryption]
is_enabled = true
key_id = "${id}"
[temporal.payload_codec_config.encryption.keys]
now = "\${KEY_NOW}"
`
      const key = Buffer.alloc(32, 7).toString("base64")
      const { encryptionKeys } = yield* access(encrypted("now"), { KEY_NOW: key })
      assert.deepStrictEqual(Object.values(encryptionKeys).map(Redacted.value), [key])
      assert.include((yield* Effect.flip(access(encrypted("now")))).message, "\"KEY_NOW\"")
      assert.include(
        (yield* Effect.flip(access(encrypted("then"), { KEY_NOW: key }))).message,
        "no key is called \"then\""
      )
      const named = yield* access(encrypted("${WHICH}"), { KEY_NOW: key, WHICH: "now" })
      assert.strictEqual(named.options.payloadCodec.encryption.keyId, "now")
      assert.include(
        (yield* Effect.flip(access(encrypted("${WHICH}"), { KEY_NOW: key, WHICH: "then" }))).message,
        "no key is called \"then\""
      )
      const short = yield* Effect.flip(access(encrypted("now"), { KEY_NOW: "c2hvcnQ=" }))
      assert.include(short.message, "32 bytes")
      assert.notInclude(short.message, "c2hvcnQ=")
    }))
})
