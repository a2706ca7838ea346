import { assert, describe, it } from "@effect/vitest"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import * as PipelexToml from "../../src/config/PipelexToml.ts"
import * as Spelling from "../../src/config/Spelling.ts"

/** The keys that the Python runtime's own configuration holds: a file that somebody has must load here, whatever it says. */
/** Of 0.92.2, section by section. */
const current: Readonly<Record<string, string>> = {
  "runtime.storage": "is_fetch_remote_content_enabled is_upload_local_content_enabled method",
  "runtime.storage.local": "uri_format local_storage_path",
  "runtime.storage.in_memory": "uri_format",
  "runtime.storage.s3": "uri_format bucket_name region signed_urls_lifespan_seconds",
  "runtime.storage.gcp": "uri_format bucket_name project_id signed_urls_lifespan_seconds",
  "runtime.network": "is_fetch_ssrf_guard_enabled",
  "runtime.secrets": "method",
  "runtime.log":
    "default_log_level sink console_log_target console_print_target json_logs_indent presentation_line_width " +
    "silenced_problem_ids caller_info_template is_caller_info_enabled pretty_print_mode",
  "runtime.log.package_log_levels":
    "anthropic asyncio botocore botocore-credentials google httpx httpcore httpx2 httpcore2 openai instructor " +
    "urllib3-connectionpool urllib3-util-retry pipelex",
  "runtime.log.rich_log":
    "is_show_time is_show_level is_show_path is_link_path_enabled highlighter_name is_rich_tracebacks " +
    "is_tracebacks_word_wrap is_tracebacks_show_locals tracebacks_suppress keywords_to_hilight package_prefix",
  "runtime.log.otlp": "headers",
  "runtime.log.gcp": "log_name",
  "runtime.log.redaction": "is_enabled extra_patterns",
  "runtime.aws": "api_key_method bedrock_access_variant",
  "runtime.reporting":
    "is_log_costs_to_console is_generate_cost_report_file_enabled cost_report_dir_path cost_report_base_name " +
    "cost_report_extension cost_report_unit_scale",
  "runtime.tracing": "is_enabled backend",
  "runtime.tracing.ndjson": "traces_dir",
  "runtime.tracing.dynamodb": "table_name region retention_days",
  "runtime.observer": "observer_dir",
  "runtime.plugins": "disabled",
  "inference": "transport_max_retries",
  "inference.model_deck": "is_model_fallback_enabled missing_presets_reaction",
  "inference.llm":
    "default_max_images is_structure_prompt_enabled is_dump_text_prompts_enabled is_dump_response_text_enabled " +
    "schema_reask_max_attempts",
  "inference.llm.instructor": "is_dump_kwargs_enabled is_dump_response_enabled is_dump_error_enabled",
  "inference.llm.openai.effort_to_level_map": "none minimal low medium high xhigh max",
  "inference.llm.anthropic": "structured_output_timeout_seconds",
  "inference.llm.anthropic.effort_to_level_map": "none minimal low medium high xhigh max",
  "inference.llm.google.effort_to_level_map": "none minimal low medium high xhigh max",
  "inference.llm.mistral.effort_to_level_map": "none minimal low medium high xhigh max",
  "inference.llm.effort_to_budget_maps.anthropic": "none minimal low medium high xhigh max",
  "inference.llm.effort_to_budget_maps.gemini": "none minimal low medium high xhigh max",
  "inference.llm.generic_templates": "output_structure_prompt structuring_prompt",
  "inference.img_gen.img_gen_job": "is_sync_mode",
  "inference.img_gen.img_gen_param_defaults":
    "nb_steps quality aspect_ratio guidance_scale background is_moderated safety_tolerance is_raw seed",
  "inference.img_gen.quality_to_steps_maps.flux": "low medium high",
  "inference.img_gen.quality_to_steps_maps.sdxl_lightning": "low medium high",
  "inference.img_gen.quality_to_steps_maps.qwen_image": "low medium high",
  "inference.extract": "default_page_views_dpi",
  "inference.templating.default_templating_style": "tag_style",
  "inference.dry_run": "text_gen_truncate_length nb_list_items nb_extract_pages allowed_to_fail_pipes image_urls",
  "interpreter.mthds.inline_tables": "spaces_inside_curly_braces",
  "interpreter.mthds.strings":
    "prefer_literal force_multiline length_limit_to_multiline ensure_trailing_newline ensure_leading_blank_line",
  "interpreter.mthds.concepts": "structure_field_ordering",
  "interpreter.mthds.pipes": "field_ordering",
  "interpreter.methods": "fetch_on_miss",
  "interpreter.pipe_run": "pipe_stack_limit",
  "interpreter.pipe_func": "execution_mode",
  "interpreter.pipeline_execution":
    "is_normalize_data_urls_to_storage is_mock_inputs is_generate_graph is_generate_usage max_concurrency",
  "interpreter.pipeline_execution.graph.data_inclusion":
    "stuff_json_content error_stack_traces pipe_and_concept_registry",
  "interpreter.pipeline_execution.graph.graphs_inclusion":
    "graphspec_json mermaidflow_mmd mermaidflow_html reactflow_html",
  "interpreter.pipeline_execution.graph.mermaid":
    "direction is_include_data_edges is_include_contains_edges is_include_selected_outcome_edges " +
    "is_show_stuff_codes",
  "interpreter.pipeline_execution.graph.mermaid.style": "theme",
  "interpreter.pipeline_execution.graph.reactflow":
    "is_use_cdn layout_direction nodesep ranksep edge_type initial_zoom pan_to_top default_title " +
    "show_batch_controller",
  "interpreter.pipeline_execution.graph.reactflow.style": "theme palette",
  "interpreter.scan": "excluded_dirs",
  "interpreter.method_tree_limits": "max_files max_total_bytes",
  "interpreter.builder":
    "fix_loop_max_attempts default_output_dir default_bundle_file_name default_directory_base_name",
  "run": "execution",
  "kit": "preferred_agent_targets",
  "usage_stats": "enabled"
}

/** Of 0.35.1. */
const earlier: Readonly<Record<string, string>> = {
  "pipelex.storage_config": "is_fetch_remote_content_enabled is_upload_local_content_enabled method",
  "pipelex.storage_config.local": "uri_format local_storage_path",
  "pipelex.storage_config.in_memory": "uri_format",
  "pipelex.storage_config.s3": "uri_format bucket_name region signed_urls_lifespan_seconds",
  "pipelex.storage_config.gcp": "uri_format bucket_name project_id signed_urls_lifespan_seconds",
  "pipelex.observer_config": "observer_dir",
  "pipelex.scan_config": "excluded_dirs",
  "pipelex.builder_config":
    "fix_loop_max_attempts default_output_dir default_bundle_file_name default_directory_base_name",
  "pipelex.feature_config": "is_reporting_enabled",
  "pipelex.reporting_config":
    "is_log_costs_to_console is_generate_cost_report_file_enabled cost_report_dir_path cost_report_base_name " +
    "cost_report_extension cost_report_unit_scale",
  "pipelex.log_config":
    "default_log_level console_log_target console_print_target is_console_logging_enabled json_logs_indent " +
    "presentation_line_width silenced_problem_ids caller_info_template is_caller_info_enabled log_mode " +
    "poor_loggers generic_poor_logger",
  "pipelex.log_config.package_log_levels":
    "anthropic asyncio botocore botocore-credentials google httpx httpcore openai instructor " +
    "urllib3-connectionpool urllib3-util-retry pipelex",
  "pipelex.log_config.rich_log_config":
    "is_show_time is_show_level is_link_path_enabled is_markup_enabled highlighter_name is_rich_tracebacks " +
    "is_tracebacks_word_wrap is_tracebacks_show_locals tracebacks_suppress keywords_to_hilight",
  "pipelex.aws_config": "api_key_method bedrock_access_variant",
  "pipelex.prompting_config.default_prompting_style": "tag_style",
  "pipelex.prompting_config.prompting_styles.openai": "tag_style",
  "pipelex.prompting_config.prompting_styles.anthropic": "tag_style",
  "pipelex.prompting_config.prompting_styles.mistral": "tag_style",
  "pipelex.prompting_config.prompting_styles.gemini": "tag_style",
  "pipelex.pipe_run_config": "pipe_stack_limit",
  "pipelex.pipeline_execution_config":
    "is_normalize_data_urls_to_storage is_mock_inputs is_generate_graph is_generate_usage max_concurrency",
  "pipelex.pipeline_execution_config.graph_config.data_inclusion":
    "stuff_json_content stuff_text_content stuff_html_content error_stack_traces pipe_and_concept_registry",
  "pipelex.pipeline_execution_config.graph_config.graphs_inclusion":
    "graphspec_json mermaidflow_mmd mermaidflow_html reactflow_html",
  "pipelex.pipeline_execution_config.graph_config.mermaid_config":
    "direction is_include_data_edges is_include_contains_edges is_include_selected_outcome_edges " +
    "is_show_stuff_codes",
  "pipelex.pipeline_execution_config.graph_config.mermaid_config.style": "theme",
  "pipelex.pipeline_execution_config.graph_config.reactflow_config":
    "is_use_cdn layout_direction nodesep ranksep edge_type initial_zoom pan_to_top default_title " +
    "show_batch_controller",
  "pipelex.pipeline_execution_config.graph_config.reactflow_config.style": "theme palette",
  "pipelex.tracing_config": "is_enabled backend",
  "pipelex.tracing_config.ndjson": "traces_dir",
  "pipelex.tracing_config.dynamodb": "table_name region",
  "pipelex.tracing_config.temporal_dynamodb": "table_name region",
  "pipelex.dry_run_config": "text_gen_truncate_length nb_list_items nb_extract_pages allowed_to_fail_pipes image_urls",
  "pipelex.mthds_config.inline_tables": "spaces_inside_curly_braces",
  "pipelex.mthds_config.strings":
    "prefer_literal force_multiline length_limit_to_multiline ensure_trailing_newline ensure_leading_blank_line",
  "pipelex.mthds_config.concepts": "structure_field_ordering",
  "pipelex.mthds_config.pipes": "field_ordering",
  "pipelex.kit_config": "preferred_agent_targets",
  "cogt": "transport_max_retries",
  "cogt.model_deck_config": "is_model_fallback_enabled missing_presets_reaction",
  "cogt.llm_config":
    "default_max_images is_structure_prompt_enabled is_dump_text_prompts_enabled is_dump_response_text_enabled " +
    "schema_reask_max_attempts",
  "cogt.llm_config.instructor_config": "is_dump_kwargs_enabled is_dump_response_enabled is_dump_error_enabled",
  "cogt.llm_config.openai_config.effort_to_level_map": "none minimal low medium high xhigh max",
  "cogt.llm_config.anthropic_config": "structured_output_timeout_seconds",
  "cogt.llm_config.anthropic_config.effort_to_level_map": "none minimal low medium high xhigh max",
  "cogt.llm_config.google_config.effort_to_level_map": "none minimal low medium high xhigh max",
  "cogt.llm_config.mistral_config.effort_to_level_map": "none minimal low medium high xhigh max",
  "cogt.llm_config.effort_to_budget_maps.anthropic": "none minimal low medium high xhigh max",
  "cogt.llm_config.effort_to_budget_maps.gemini": "none minimal low medium high xhigh max",
  "cogt.llm_config.generic_templates": "output_structure_prompt structuring_prompt",
  "cogt.img_gen_config.img_gen_job_config": "is_sync_mode",
  "cogt.img_gen_config.img_gen_param_defaults":
    "nb_steps quality aspect_ratio guidance_scale background is_moderated safety_tolerance is_raw seed",
  "cogt.img_gen_config.quality_to_steps_maps.flux": "low medium high",
  "cogt.img_gen_config.quality_to_steps_maps.sdxl_lightning": "low medium high",
  "cogt.img_gen_config.quality_to_steps_maps.qwen_image": "low medium high",
  "cogt.extract_config": "default_page_views_dpi",
  "cogt.gateway_test_config": "config_id_substitutions",
  "migration.migration_maps.config": "definition ocr_config ocr img_gen llm_handle llm llm_to_structure task_queue",
  "migration.migration_maps.mthds":
    "img_gen ocr llm_handle llm llm_to_structure llm_skill img_gen_skill extract_skill parallels",
  "migration.migration_maps": "telemetry",
  "temporal": "is_enabled queue_options",
  "temporal.search_attributes": "enabled attributes",
  "temporal.payload_codec_config": "is_enabled size_threshold storage_prefix",
  "temporal.payload_codec_config.storage_provider_config": "method",
  "temporal.payload_codec_config.storage_provider_config.local": "uri_format local_storage_path",
  "temporal.worker_config":
    "default_task_queue workflow_execution_timeout run_timeout task_timeout start_delay rpc_timeout " +
    "default_activity_start_to_close_timeout activity_queues",
  "temporal.worker_config.retry_policy_config":
    "initial_interval backoff_coefficient maximum_interval maximum_attempts non_retryable_error_types",
  "temporal.worker_runtime_profiles": "default_profile",
  "temporal.worker_runtime_profiles.profiles.default":
    "tuning_mode max_cached_workflows max_concurrent_workflow_tasks max_concurrent_activities " +
    "max_concurrent_local_activities max_concurrent_workflow_task_polls max_concurrent_activity_task_polls " +
    "max_activities_per_second sticky_queue_schedule_to_start_timeout max_heartbeat_throttle_interval " +
    "default_heartbeat_throttle_interval graceful_shutdown_timeout",
  "temporal.temporal_config": "selected_server",
  "temporal.temporal_config.temporal_server_configs.local":
    "description target_host namespace api_key_method api_key_id",
  "temporal.temporal_config.temporal_server_configs.testing":
    "description target_host namespace api_key_method api_key_id",
  "temporal.temporal_config.temporal_log_config":
    "is_workflow_info_on_message is_workflow_info_on_extra is_full_workflow_info_on_extra " +
    "is_activity_info_on_message is_activity_info_on_extra is_full_activity_info_on_extra is_formatter_enabled " +
    "is_prefix_enabled managed_loggers is_dispatch_resolution_traced",
  "temporal.worker_scopes": "default_scope",
  "temporal.worker_scopes.scopes.full":
    "required_tasks_packs required_workflows required_activities excluded_workflows excluded_activities " +
    "disable_all_workflows disable_all_activities",
  "temporal.worker_scopes.scopes.router":
    "required_tasks_packs required_workflows required_activities excluded_workflows excluded_activities " +
    "disable_all_workflows disable_all_activities",
  "temporal.worker_scopes.scopes.runner":
    "required_tasks_packs required_workflows required_activities excluded_workflows excluded_activities " +
    "disable_all_workflows disable_all_activities",
  "temporal.worker_scopes.scopes.runner-llm":
    "required_tasks_packs required_workflows required_activities excluded_workflows excluded_activities " +
    "disable_all_workflows disable_all_activities",
  "temporal.worker_scopes.scopes.runner-img-gen":
    "required_tasks_packs required_workflows required_activities excluded_workflows excluded_activities " +
    "disable_all_workflows disable_all_activities",
  "temporal.worker_scopes.scopes.runner-extract":
    "required_tasks_packs required_workflows required_activities excluded_workflows excluded_activities " +
    "disable_all_workflows disable_all_activities",
  "temporal.worker_scopes.scopes.runner-jinja2":
    "required_tasks_packs required_workflows required_activities excluded_workflows excluded_activities " +
    "disable_all_workflows disable_all_activities",
  "temporal.worker_scopes.scopes.runner-search":
    "required_tasks_packs required_workflows required_activities excluded_workflows excluded_activities " +
    "disable_all_workflows disable_all_activities"
}

const nested = (path: ReadonlyArray<string>, value: Json): JsonObject => {
  const [key = "", ...rest] = path
  return { [key]: rest.length === 0 ? value : nested(rest, value) }
}

/** What is said of the keys that are not known. */
const unknown = (sections: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries(sections).flatMap(([section, names]) =>
    names.split(" ").flatMap((name) => {
      const path = [...section.split(".").filter((step) => step !== ""), name]
      const { values } = Spelling.normalise(nested(path, true))
      return PipelexToml.check(values).filter(({ kind }) => kind === "unknown").map(({ message }) => message)
    })
  )

describe("a file of the Python runtime", () => {
  it("has no key that is refused", () => {
    assert.deepStrictEqual(unknown(current), [])
    assert.deepStrictEqual(unknown(earlier), [])
  })

  it("is checked: a key that nobody knows is refused", () => {
    assert.lengthOf(unknown({ "runtime.log": "defaultlevel", "inference.llm": "made_up" }), 2)
  })
})
