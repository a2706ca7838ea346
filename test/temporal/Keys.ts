/**
 * Every key of `[temporal]`, with another value that it may have and the test in which changing it changes what happens. What is not said
 * to be idle changes what the configuration comes to; an idle key is taken, and a notice says that it decides nothing.
 */
export interface Key {
  readonly key: string
  /** As TOML. */
  readonly other: string
  /** A file from this folder, and the title of one of its tests. */
  readonly test: string
  readonly isIdle?: true
}

export const keys: ReadonlyArray<Key> = [
  {
    key: "is_enabled",
    other: "true",
    test: "client/TemporalClient.test.ts › runs the same program in process or durably, as the configuration says"
  },
  {
    key: "search_attributes.enabled",
    other: "true",
    test: "client/Connection.test.ts › finds the search attributes that are wanted and there"
  },
  {
    key: "search_attributes.attributes",
    other: "[\"PipeCode\"]",
    test: "Configured.test.ts › carries the search attributes that are listed, and none where they are off"
  },
  {
    key: "payload_codec_config.is_enabled",
    other: "false",
    test:
      "Configured.test.ts › puts values of the threshold and above into the configured place, and none where that is off"
  },
  {
    key: "payload_codec_config.size_threshold",
    other: "1",
    test:
      "Configured.test.ts › puts values of the threshold and above into the configured place, and none where that is off"
  },
  {
    key: "payload_codec_config.storage_prefix",
    other: "\"p/\"",
    test:
      "Configured.test.ts › puts values of the threshold and above into the configured place, and none where that is off"
  },
  {
    key: "payload_codec_config.storage_provider_config.method",
    other: "\"in_memory\"",
    test: "codec/PayloadStore.test.ts › keeps payloads in the memory that the process shares"
  },
  {
    key: "payload_codec_config.storage_provider_config.is_fetch_remote_content_enabled",
    other: "false",
    test: "../config/TemporalToml.test.ts › settings of artefacts in the store of payloads",
    isIdle: true
  },
  {
    key: "payload_codec_config.storage_provider_config.is_upload_local_content_enabled",
    other: "false",
    test: "../config/TemporalToml.test.ts › settings of artefacts in the store of payloads",
    isIdle: true
  },
  {
    key: "payload_codec_config.storage_provider_config.local.local_storage_path",
    other: "\"x\"",
    test:
      "Configured.test.ts › puts values of the threshold and above into the configured place, and none where that is off"
  },
  {
    key: "payload_codec_config.storage_provider_config.local.uri_format",
    other: "\"{hash}.x\"",
    test: "../config/TemporalToml.test.ts › a format of names for payloads, which have theirs",
    isIdle: true
  },
  {
    key: "payload_codec_config.storage_provider_config.in_memory.uri_format",
    other: "\"{hash}.x\"",
    test: "../config/TemporalToml.test.ts › a format of names for payloads, which have theirs",
    isIdle: true
  },
  {
    key: "payload_codec_config.storage_provider_config.s3.bucket_name",
    other: "\"b\"",
    test: "codec/PayloadStore.test.ts › keeps payloads in a bucket, below its prefix"
  },
  {
    key: "payload_codec_config.storage_provider_config.s3.region",
    other: "\"eu-west-3\"",
    test: "codec/PayloadStore.test.ts › keeps payloads in a bucket, below its prefix"
  },
  {
    key: "payload_codec_config.storage_provider_config.s3.endpoint",
    other: "\"http://x\"",
    test: "codec/PayloadStore.test.ts › keeps payloads in a bucket, below its prefix"
  },
  {
    key: "payload_codec_config.storage_provider_config.s3.prefix",
    other: "\"x\"",
    test: "codec/PayloadStore.test.ts › keeps payloads in a bucket, below its prefix"
  },
  {
    key: "payload_codec_config.storage_provider_config.s3.uri_format",
    other: "\"{hash}.x\"",
    test: "../config/TemporalToml.test.ts › a format of names for payloads, which have theirs",
    isIdle: true
  },
  {
    key: "payload_codec_config.storage_provider_config.s3.signed_urls_lifespan_seconds",
    other: "60",
    test: "../config/TemporalToml.test.ts › a lifespan of addresses that nobody is given",
    isIdle: true
  },
  {
    key: "payload_codec_config.storage_provider_config.gcp.bucket_name",
    other: "\"b\"",
    test: "Configured.test.ts › is refused with a store that there is no way to write to"
  },
  {
    key: "payload_codec_config.storage_provider_config.gcp.project_id",
    other: "\"b\"",
    test: "Configured.test.ts › is refused with a store that there is no way to write to"
  },
  {
    key: "payload_codec_config.storage_provider_config.gcp.uri_format",
    other: "\"{hash}.x\"",
    test: "../config/TemporalToml.test.ts › a format of names for payloads, which have theirs",
    isIdle: true
  },
  {
    key: "payload_codec_config.storage_provider_config.gcp.signed_urls_lifespan_seconds",
    other: "60",
    test: "../config/TemporalToml.test.ts › a lifespan of addresses that nobody is given",
    isIdle: true
  },
  {
    key: "payload_codec_config.encryption.is_enabled",
    other: "true",
    test:
      "codec/DataConverter.test.ts › says nothing of prompts, answers or failures while encryption is on, nor does the store"
  },
  {
    key: "payload_codec_config.encryption.key_id",
    other: "\"june\"",
    test: "codec/Encryption.test.ts › reads what any listed key wrote, and writes with the one that is named"
  },
  {
    key: "payload_codec_config.encryption.keys.<id>",
    other: "\"${KEY}\"",
    test:
      "codec/DataConverter.test.ts › is read after its key has been replaced, and told to be unreadable when the key is gone"
  },
  {
    key: "worker_config.default_task_queue",
    other: "\"q\"",
    test: "Configured.test.ts › is on the default queue, by its older name too"
  },
  {
    key: "worker_config.workflow_execution_timeout",
    other: "\"2h\"",
    test: "Configured.test.ts › is started with the limits that are configured, and without any where there are none"
  },
  {
    key: "worker_config.run_timeout",
    other: "\"2h\"",
    test: "Configured.test.ts › is started with the limits that are configured, and without any where there are none"
  },
  {
    key: "worker_config.task_timeout",
    other: "\"20s\"",
    test: "Configured.test.ts › is started with the limits that are configured, and without any where there are none"
  },
  {
    key: "worker_config.start_delay",
    other: "\"1m\"",
    test: "Configured.test.ts › is started with the limits that are configured, and without any where there are none"
  },
  {
    key: "worker_config.rpc_timeout",
    other: "\"5s\"",
    test: "Configured.test.ts › is given up after rpc_timeout, unless it waits for something to happen"
  },
  {
    key: "worker_config.default_activity_start_to_close_timeout",
    other: "\"1m\"",
    test: "Configured.test.ts › is dispatched by the baseline that is configured"
  },
  {
    key: "worker_config.default_activity_heartbeat_timeout",
    other: "\"9s\"",
    test: "Configured.test.ts › is dispatched by the baseline that is configured"
  },
  {
    key: "worker_config.deployment_name",
    other: "\"lab\"",
    test: "Configured.test.ts › polls as the version of its deployment, where one is named"
  },
  {
    key: "worker_config.retry_policy_config.initial_interval",
    other: "\"1s\"",
    test: "Configured.test.ts › is dispatched by the baseline that is configured"
  },
  {
    key: "worker_config.retry_policy_config.backoff_coefficient",
    other: "3.0",
    test: "Configured.test.ts › is dispatched by the baseline that is configured"
  },
  {
    key: "worker_config.retry_policy_config.maximum_interval",
    other: "\"5m\"",
    test: "Configured.test.ts › is dispatched by the baseline that is configured"
  },
  {
    key: "worker_config.retry_policy_config.maximum_attempts",
    other: "5",
    test: "Configured.test.ts › is dispatched by the baseline that is configured"
  },
  {
    key: "worker_config.retry_policy_config.non_retryable_error_types",
    other: "[\"X\"]",
    test: "Configured.test.ts › is dispatched by the baseline that is configured"
  },
  {
    key: "batch.granularity",
    other: "\"item\"",
    test: "workflow/Shards.test.ts › of a leaf, in shards of workflows where each item is to be one"
  },
  {
    key: "batch.shard_size",
    other: "50",
    test: "workflow/Shards.test.ts › of a leaf, in shards that run it in place"
  },
  {
    key: "activity_queues.<activity>.default",
    other: "\"temporal_task_queue\"",
    test: "Configured.test.ts › is dispatched by its route where its model has none of its own"
  },
  {
    key: "activity_queues.<activity>.by_handle.<handle>",
    other: "\"temporal_task_queue\"",
    test: "Configured.test.ts › is dispatched by its model to a queue, with that queue's options over the baseline's"
  },
  {
    key: "activity_queues.<activity>.handle_options.<handle>.start_to_close_timeout",
    other: "\"1m\"",
    test: "Configured.test.ts › is dispatched with its model's own options over all others"
  },
  {
    key: "activity_queues.<activity>.handle_options.<handle>.retry_policy_config.initial_interval",
    other: "\"1s\"",
    test: "Configured.test.ts › is dispatched with its model's own options over all others"
  },
  {
    key: "activity_queues.<activity>.handle_options.<handle>.retry_policy_config.backoff_coefficient",
    other: "3.0",
    test: "Configured.test.ts › is dispatched with its model's own options over all others"
  },
  {
    key: "activity_queues.<activity>.handle_options.<handle>.retry_policy_config.maximum_interval",
    other: "\"5m\"",
    test: "Configured.test.ts › is dispatched with its model's own options over all others"
  },
  {
    key: "activity_queues.<activity>.handle_options.<handle>.retry_policy_config.maximum_attempts",
    other: "5",
    test: "Configured.test.ts › is dispatched with its model's own options over all others"
  },
  {
    key: "activity_queues.<activity>.handle_options.<handle>.retry_policy_config.non_retryable_error_types_extra",
    other: "[\"X\"]",
    test: "Configured.test.ts › is dispatched with its model's own options over all others"
  },
  {
    key: "queue_options.<queue>.start_to_close_timeout",
    other: "\"1m\"",
    test: "Configured.test.ts › is dispatched by its model to a queue, with that queue's options over the baseline's"
  },
  {
    key: "queue_options.<queue>.schedule_to_close_timeout",
    other: "\"1h\"",
    test: "Configured.test.ts › is dispatched by its model to a queue, with that queue's options over the baseline's"
  },
  {
    key: "queue_options.<queue>.schedule_to_start_timeout",
    other: "\"1h\"",
    test: "Configured.test.ts › is dispatched by its model to a queue, with that queue's options over the baseline's"
  },
  {
    key: "queue_options.<queue>.heartbeat_timeout",
    other: "\"9s\"",
    test: "Configured.test.ts › is dispatched by its model to a queue, with that queue's options over the baseline's"
  },
  {
    key: "queue_options.<queue>.retry_policy_config.initial_interval",
    other: "\"1s\"",
    test: "Configured.test.ts › is dispatched by its model to a queue, with that queue's options over the baseline's"
  },
  {
    key: "queue_options.<queue>.retry_policy_config.backoff_coefficient",
    other: "3.0",
    test: "Configured.test.ts › is dispatched by its model to a queue, with that queue's options over the baseline's"
  },
  {
    key: "queue_options.<queue>.retry_policy_config.maximum_interval",
    other: "\"5m\"",
    test: "Configured.test.ts › is dispatched by its model to a queue, with that queue's options over the baseline's"
  },
  {
    key: "queue_options.<queue>.retry_policy_config.maximum_attempts",
    other: "5",
    test: "Configured.test.ts › is dispatched by its model to a queue, with that queue's options over the baseline's"
  },
  {
    key: "queue_options.<queue>.retry_policy_config.non_retryable_error_types_extra",
    other: "[\"X\"]",
    test: "Configured.test.ts › is dispatched by its model to a queue, with that queue's options over the baseline's"
  },
  {
    key: "queue_options.<queue>.max_task_queue_activities_per_second",
    other: "5.5",
    test: "Configured.test.ts › tells the server the rate of its queue"
  },
  {
    key: "worker_runtime_profiles.default_profile",
    other: "\"x\"",
    test: "worker/Plan.test.ts › is the default queue, scope and profile where nothing is asked for"
  },
  {
    key: "worker_runtime_profiles.profiles.<profile>.tuning_mode",
    other: "\"resource_based\"",
    test: "worker/Plan.test.ts › tunes a worker by the machine's resources, up to the numbers of its profile"
  },
  {
    key: "worker_runtime_profiles.profiles.<profile>.max_cached_workflows",
    other: "3",
    test: "worker/Plan.test.ts › gives the SDK every number of its profile"
  },
  {
    key: "worker_runtime_profiles.profiles.<profile>.max_concurrent_workflow_tasks",
    other: "3",
    test: "worker/Plan.test.ts › gives the SDK every number of its profile"
  },
  {
    key: "worker_runtime_profiles.profiles.<profile>.max_concurrent_activities",
    other: "3",
    test: "Configured.test.ts › does no more at once than its profile says"
  },
  {
    key: "worker_runtime_profiles.profiles.<profile>.max_concurrent_local_activities",
    other: "3",
    test: "../config/TemporalToml.test.ts › a bound of local activities, of which there are none"
  },
  {
    key: "worker_runtime_profiles.profiles.<profile>.max_concurrent_workflow_task_polls",
    other: "3",
    test: "worker/Plan.test.ts › gives the SDK every number of its profile"
  },
  {
    key: "worker_runtime_profiles.profiles.<profile>.max_concurrent_activity_task_polls",
    other: "3",
    test: "worker/Plan.test.ts › gives the SDK every number of its profile"
  },
  {
    key: "worker_runtime_profiles.profiles.<profile>.max_activities_per_second",
    other: "3.5",
    test: "worker/Plan.test.ts › gives the SDK every number of its profile"
  },
  {
    key: "worker_runtime_profiles.profiles.<profile>.sticky_queue_schedule_to_start_timeout",
    other: "\"9s\"",
    test: "worker/Plan.test.ts › gives the SDK every number of its profile"
  },
  {
    key: "worker_runtime_profiles.profiles.<profile>.max_heartbeat_throttle_interval",
    other: "\"9s\"",
    test: "worker/Plan.test.ts › gives the SDK every number of its profile"
  },
  {
    key: "worker_runtime_profiles.profiles.<profile>.default_heartbeat_throttle_interval",
    other: "\"9s\"",
    test: "worker/Plan.test.ts › gives the SDK every number of its profile"
  },
  {
    key: "worker_runtime_profiles.profiles.<profile>.graceful_shutdown_timeout",
    other: "\"9s\"",
    test: "worker/Plan.test.ts › gives the SDK every number of its profile"
  },
  {
    key: "worker_scopes.default_scope",
    other: "\"x\"",
    test: "worker/Plan.test.ts › is the default queue, scope and profile where nothing is asked for"
  },
  {
    key: "worker_scopes.scopes.<scope>.required_tasks_packs",
    other: "[]",
    test: "worker/WorkerScope.test.ts › is its packs"
  },
  {
    key: "worker_scopes.scopes.<scope>.required_workflows",
    other: "[\"wf_pipe_run\"]",
    test: "worker/WorkerScope.test.ts › is what it requires beside its packs"
  },
  {
    key: "worker_scopes.scopes.<scope>.required_activities",
    other: "[\"act_func\"]",
    test: "worker/WorkerScope.test.ts › is what it requires beside its packs"
  },
  {
    key: "worker_scopes.scopes.<scope>.excluded_workflows",
    other: "[\"wf_pipe_run\"]",
    test: "worker/WorkerScope.test.ts › is less what it excludes"
  },
  {
    key: "worker_scopes.scopes.<scope>.excluded_activities",
    other: "[\"act_func\"]",
    test: "worker/WorkerScope.test.ts › is less what it excludes"
  },
  {
    key: "worker_scopes.scopes.<scope>.disable_all_workflows",
    other: "true",
    test: "worker/WorkerScope.test.ts › is less what is turned off, whatever it requires"
  },
  {
    key: "worker_scopes.scopes.<scope>.disable_all_activities",
    other: "true",
    test: "worker/WorkerScope.test.ts › is less what is turned off, whatever it requires"
  },
  {
    key: "temporal_config.selected_server",
    other: "\"testing\"",
    test: "../config/TemporalToml.test.ts › names what is not set, and looks at no other server's placeholders"
  },
  {
    key: "temporal_config.temporal_server_configs.<server>.description",
    other: "\"x\"",
    test: "../cli/ShowRouting.test.ts › names the server by its description, with its address and queue"
  },
  {
    key: "temporal_config.temporal_server_configs.<server>.target_host",
    other: "\"x:1\"",
    test: "worker/Worker.test.ts › refuses to start without a server, naming it"
  },
  {
    key: "temporal_config.temporal_server_configs.<server>.namespace",
    other: "\"x\"",
    test: "worker/Worker.test.ts › refuses a namespace that is not there"
  },
  {
    key: "temporal_config.temporal_server_configs.<server>.api_key_method",
    other: "\"env_var\"",
    test: "Tls.test.ts › of the secret that is named"
  },
  {
    key: "temporal_config.temporal_server_configs.<server>.api_key_id",
    other: "\"KEY\"",
    test: "Tls.test.ts › of the variable that is named"
  },
  {
    key: "temporal_config.temporal_server_configs.<server>.tls",
    other: "true",
    test: "Tls.test.ts › is spoken to in plain where tls is off, and with TLS where it is on"
  },
  {
    key: "temporal_config.temporal_server_configs.<server>.tls_server_name",
    other: "\"x\"",
    test: "Tls.test.ts › is trusted by the authority of tls_ca_file, under the name of tls_server_name"
  },
  {
    key: "temporal_config.temporal_server_configs.<server>.tls_ca_file",
    other: "\"x\"",
    test: "Tls.test.ts › is trusted by the authority of tls_ca_file, under the name of tls_server_name"
  },
  {
    key: "temporal_config.temporal_server_configs.<server>.tls_cert_file",
    other: "\"x\"",
    test: "Tls.test.ts › is shown the client's certificate of tls_cert_file and tls_key_file"
  },
  {
    key: "temporal_config.temporal_server_configs.<server>.tls_key_file",
    other: "\"x\"",
    test: "Tls.test.ts › is shown the client's certificate of tls_cert_file and tls_key_file"
  },
  {
    key: "temporal_config.temporal_log_config.is_workflow_info_on_message",
    other: "true",
    test: "worker/Logs.test.ts › tells of the workflow in the message, beside it, in full, or not at all"
  },
  {
    key: "temporal_config.temporal_log_config.is_workflow_info_on_extra",
    other: "false",
    test: "worker/Logs.test.ts › tells of the workflow in the message, beside it, in full, or not at all"
  },
  {
    key: "temporal_config.temporal_log_config.is_full_workflow_info_on_extra",
    other: "true",
    test: "worker/Logs.test.ts › tells of the workflow in the message, beside it, in full, or not at all"
  },
  {
    key: "temporal_config.temporal_log_config.is_activity_info_on_message",
    other: "true",
    test:
      "worker/Logs.test.ts › tells of the activity in the message, beside it, in full but for its job, or not at all"
  },
  {
    key: "temporal_config.temporal_log_config.is_activity_info_on_extra",
    other: "false",
    test:
      "worker/Logs.test.ts › tells of the activity in the message, beside it, in full but for its job, or not at all"
  },
  {
    key: "temporal_config.temporal_log_config.is_full_activity_info_on_extra",
    other: "true",
    test:
      "worker/Logs.test.ts › tells of the activity in the message, beside it, in full but for its job, or not at all"
  },
  {
    key: "temporal_config.temporal_log_config.is_formatter_enabled",
    other: "false",
    test: "worker/Logs.test.ts › is the bare message where lines are not formatted, with the error when there is one"
  },
  {
    key: "temporal_config.temporal_log_config.is_prefix_enabled",
    other: "false",
    test: "worker/Logs.test.ts › has no prefix where none is wanted"
  },
  {
    key: "temporal_config.temporal_log_config.is_dispatch_resolution_traced",
    other: "true",
    test: "Configured.test.ts › takes along whether its dispatches are traced"
  },
  {
    key: "temporal_config.temporal_log_config.managed_loggers",
    other: "[\"workflow\"]",
    test: "worker/Logs.test.ts › is formatted for the loggers that are managed, and bare for others"
  }
]
