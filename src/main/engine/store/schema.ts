/** The tables as the migrations leave them. One interface a table, columns as SQLite gives them back. */
import type { Generated } from 'kysely';

type Blob = Uint8Array;

export interface Database {
  meta: { key: string; value: string };
  settings: { key: string; value: string };
  templates: {
    id: Generated<number>; name: string; version: number; der: Blob; digest: Blob; base: Blob; slots: string; size_bytes: number;
    algorithm: string; saip_version: string; elements: number; errors: number; warnings: number; findings: string; created_at: number;
    derived_from: number | null; changes: Generated<string>; note: string | null; actor: string | null; retired_at: number | null;
  };
  type_templates: { type_id: number; template_id: number; since: number; actor: string | null };
  profile_types: {
    id: Generated<number>; name: string; template_id: number; service_provider_name: string; profile_name: string; profile_class: string;
    icon_type: string | null; icon: Blob | null; ppr1: number; ppr2: number; owner: string | null; notification_addresses: string;
    protection: string; created_at: number;
  };
  batches: { id: Generated<number>; kind: 'import' | 'preparation'; type_id: number; batch_key: Blob; job_id: string | null; created_at: number; number: Generated<number | null> };
  ranges: {
    id: string; type_id: number; iccid_first: string; imsi_first: string; msisdn_first: string | null; count: number; used: Generated<number>; created_at: number;
    state: Generated<'open' | 'reserved' | 'blocked' | 'closed'>;
  };
  number_blocks: {
    id: string; kind: 'iccid' | 'imsi' | 'msisdn'; digits: number; first: string; last: string; count: number; brand_id: number | null; type_id: number | null;
    range_id: string | null; source: 'own' | 'import' | 'hlr' | 'partner' | 'entitlement'; state: Generated<'open' | 'reserved' | 'blocked' | 'closed'>;
    reason: string | null; note: string | null; used: Generated<number>; burnt: Generated<number>; created_at: number; changed_at: number;
  };
  burnt_numbers: { kind: 'iccid' | 'imsi' | 'msisdn'; number: string; at: number; why: string; iccid: string | null; free_at: number | null };
  number_use: { block_id: string; day: number; n: number };
  type_use: { type_id: number; day: number; ordered: Generated<number>; returned: Generated<number> };
  numbers_outside: { kind: 'iccid' | 'imsi' | 'msisdn'; n: number };
  type_policies: {
    type_id: number; recycling: 'never' | 'never-delivered' | 'cooling-off'; cooling_days: number; msisdn: 'burn' | 'reuse'; msisdn_days: number;
    quarantine: 'manual' | 'date' | 'delete-seen' | 'network-removed'; quarantine_days: number; changed_at: number;
  };
  stock_levels: { type_id: number; low: number | null; target: number | null; lead_days: number; cover_days: number; auto: number; changed_at: number };
  proposals: {
    id: string; type_id: number; state: 'open' | 'snoozed' | 'accepted' | 'started' | 'dismissed' | 'gone'; quantity: number; figures: string; made_at: number;
    decided_at: number | null; actor: string | null; reason: string | null; snoozed_until: number | null; job_id: string | null;
  };
  imports: {
    id: Generated<number>; file_name: string; sha256: Blob; type_id: number; accepted: number; rejected: number;
    state: 'running' | 'done' | 'rolled-back'; job_id: string | null; created_at: number;
    handle: string | null; actor: string | null; skipped: Generated<number>; left_out: Generated<number>; preset: string | null; finished_at: number | null;
    first_profile: Generated<number>;
  };
  transport_keys: {
    id: Generated<number>; name: string; algorithm: string; sealed: Blob | null; kcv: string; convention: string; checked: number; key_index: string | null;
    note: string | null; components: number; custodians: string; actor: string; created_at: number; retired_at: number | null; retired_reason: string | null;
  };
  import_keys: { import_id: number; transport_key_id: number };
  import_mappings: { name: string; body: string; columns: string; created_at: number; used_at: number | null };
  import_presets: { name: string; body: string; created_at: number };
  profiles: {
    id: Generated<number>; iccid: string; iccid_rev: string; imsi: string; imsi_rev: string; msisdn: string | null; msisdn_rev: string | null;
    type_id: number; template_id: number; eid: string | null; eid_rev: string | null;
    order_state: string; network_state: string; stock_state: string; device_state: string; stock_reason: string | null; held_until: number | null;
    device_source: string | null; device_at: number | null; import_id: number | null; import_batch_id: number | null; subscriber: Blob | null;
    batch_id: number | null; slots: Blob | null; package_digest: Blob | null; package_bytes: number | null; key_fingerprint: Blob | null;
    prepared_at: number | null; bpp_delivered_at: number | null; order_id: string | null; created_at: number;
    last_event_at: number | null; last_event: string | null;
    held_for: string | null; quarantine_rule: 'date' | 'delete-seen' | 'network-removed' | null; quarantine_until: number | null; quarantine_then: 'release' | 'retire' | null;
  };
  orders: {
    id: string; profile_id: number; type_id: number; matching_id: string | null; eid: string | null; smdp_address: string; confirmation: Blob | null;
    confirmation_attempts: Generated<number>; confirmation_limit: number; download_attempts: Generated<number>; download_limit: number;
    expires_at: number | null; hold_eid: string | null; hold_until: number | null; bound_eid: string | null; created_at: number;
    closed_at: number | null; final_state: string | null; outcome: string | null;
    brand_id: number | null; source: Generated<string>; request_digest: Blob | null; confirmed_at: number | null; smds_address: string | null; event_id: string | null;
  };
  matching_ids: { matching_id: string; order_id: string; created_at: number };
  sessions: {
    transaction_id: string; identity: string; remote: string | null; smdp_address: string; phase: string; euicc_challenge: Blob; server_challenge: Blob;
    ci_key_id: Blob; curve: string; svn: string | null; dpauth_id: number; dppb_id: number; eid: string | null; euicc_public_key: Blob | null;
    euicc_certificate: Blob | null; order_id: string | null; profile_id: number | null; smdp_signed2: Blob | null; smdp_signature2: Blob | null;
    metadata: Blob | null; tac: string | null; code: string | null; steps: Generated<number>; started_at: number; updated_at: number; expires_at: number;
    binding: Generated<string>; claimed_eid: string | null; detail: string | null;
  };
  session_messages: { step_id: number; transaction_id: string; request: string; response: string };
  past_deliveries: {
    transaction_id: string; order_id: string; profile_id: number; eid: string; euicc_public_key: Blob; euicc_certificate: Blob; dppb_id: number; delivered_at: number;
  };
  brands: {
    id: Generated<number>; name: string; state: Generated<string>; all_types: Generated<number>; open_orders: number | null; orders_per_day: number | null;
    callback_url: string | null; callback_ca: Blob | null; callback_identity: string | null; callback_points: Generated<string>;
    callback_result: Generated<'finalResult' | 'notification'>; created_at: number;
  };
  brand_credentials: {
    id: Generated<number>; brand_id: number; kind: 'ca' | 'certificate'; der: Blob; sha256: Blob; subject: string; not_after: number; created_at: number;
  };
  brand_types: { brand_id: number; type_id: number };
  brand_iccids: { brand_id: number; first: string; last: string };
  es2_calls: { brand_id: number; requester: string; function: string; call_id: string; body_hash: Blob; reply: string; order_id: string | null; at: number };
  euiccs: {
    eid: string; first_seen: number; last_seen: number; sessions: Generated<number>; svn: string; profile_version: string; firmware_version: string;
    uicc_capability: Blob | null; rsp_capability: Blob | null; free_nvm: number | null; free_ram: number | null; forbidden_ppr: number | null;
    ci_ids: string; category: string | null; sas: string | null; tac: string | null; info2: Blob; chain: string | null;
  };
  crls: {
    id: Generated<number>; issuer_key_id: Blob; issuer: string; role: 'ci' | 'eum'; number: string; this_update: number; next_update: number;
    revoked: number; sha256: Blob; der: Blob; imported_at: number;
  };
  revoked_certificates: { issuer_key_id: Blob; serial: string; revoked_at: number; reason: number | null; list_key_id: Blob | null };
  session_steps: {
    id: Generated<number>; transaction_id: string; at: number; function: string; milliseconds: number; request_bytes: number; response_bytes: number;
    status: string; code: string | null;
  };
  kept_packages: { order_id: string; eid: string; euicc_otpk: Blob; otpk_dp: Blob; host_id: Blob; kept: Blob; created_at: number };
  notifications: {
    id: Generated<number>; digest: Blob; received_at: number; kind: string; transaction_id: string | null; eid: string | null; iccid: string | null;
    sequence: number | null; operation: string | null; outcome: string | null; verified: number; raw: Blob;
  };
  activation_events: {
    id: Generated<number>; profile_id: number; order_id: string | null; at: number; stage: string; source: string; text: string; code: string | null;
    actor: string | null; transaction_id: string | null;
  };
  audit: {
    seq: number; at: number; event: string; actor: string; host: string; outcome: string; object_type: string | null; object_id: string | null;
    correlation_id: string | null; record: string; prev_hash: Blob; hash: Blob;
  };
  audit_values: { seq: number; field: string; salt: Blob; value: string };
  commands: { id: string; procedure: string; input_hash: Blob; reply: string; at: number };
  outbox: {
    id: Generated<number>; kind: string; dedupe: string; payload: string; state: Generated<string>; attempts: Generated<number>; next_at: number;
    created_at: number; done_at: number | null; last_error: string | null; brand_id: number | null; order_id: string | null; summary: string | null;
    lane: Generated<string>; since: number | null; refusals: Generated<number>;
  };
  jobs: {
    id: string; kind: string; title: string; state: string; done: Generated<number>; total: Generated<number>; rejected: Generated<number>; params: string;
    progress: Generated<string>; message: string | null; actor: string; created_at: number; started_at: number | null; finished_at: number | null;
    subject_type: Generated<string | null>; subject_id: Generated<string | null>;
  };
  job_errors: { id: Generated<number>; job_id: string; row: number; column_name: string; code: string; message: string; found: string | null; iccid: Generated<string | null> };
  artefacts: {
    id: string; kind: 'output' | 'labels' | 'vouchers' | 'digests' | 'ticket' | 'report'; name: string; title: string; recipient_id: string | null;
    preparation_id: string | null; job_id: string; rows: number; bytes: number; sha256: Blob; protection: string | null; media_type: string;
    actor: string; created_at: number; opened: Generated<number>; swept_at: number | null;
  };
  preparations: {
    id: string; reference: string; draft: number; type_id: number; template_id: number; count: number; prepared: Generated<number>; failed: Generated<number>;
    from_stock: Generated<number>; from_ranges: Generated<number>; source: 'stock' | 'ranges' | 'both'; range_id: string | null; import_id: number | null;
    brand: string | null; order_reference: string | null; due: number | null; note: string | null; outputs: Generated<string>; batch_id: number | null;
    job_id: string | null; actor: string; created_at: number; started_at: number | null; finished_at: number | null; swept_at: number | null;
    worked_ms: Generated<number>; stock_owed: Generated<number>; first_numbers: string | null; last_numbers: string | null;
  };
  number_reservations: {
    id: Generated<number>; range_id: string; first: number; count: number; taken: Generated<number>; state: 'open' | 'free'; preparation_id: string | null; created_at: number;
  };
  preparation_failures: {
    id: Generated<number>; preparation_id: string; job_id: string | null; profile_id: number | null; iccid: string; imsi: string | null; row: number;
    code: string; message: string; at: number; state: Generated<'failed' | 'prepared' | 'gone'>;
  };
  recipients: { id: string; name: string; kind: 'hlr' | 'ota' | 'print' | 'custom'; form: string; state: Generated<'active' | 'retired'>; created_at: number };
  certificates: {
    id: Generated<number>; identity: string; role: string; der: Blob; sha256: Blob; subject: string; subject_key_id: Blob | null;
    authority_key_id: Blob | null; public_key: Blob; curve: string; not_before: number; not_after: number; oid: string | null; dns_names: string;
    test: number; key_id: string | null; key_provider: string | null; active: Generated<number>; created_at: number;
  };
  profile_counts: { facet: number; n: number };
  labels: { id: Generated<number>; name: string; colour: string; created_at: number };
  profile_labels: { profile_id: number; label_id: number; at: number; actor: string };
  profile_notes: { id: Generated<number>; profile_id: number; at: number; author: string; text: string };
  saved_views: { id: string; area: string; name: string; owner: string; shared: number; content: string; created_at: number; updated_at: number };
  default_views: { area: string; owner: string; view_id: string };
  bulks: {
    job_id: string; action: string; title: string; selection: string; up_to: number; cursor: string | null; collected: Generated<number>; complete: Generated<number>;
    limit_to: number | null; undoes: string | null; undone_by: string | null; changed: Generated<number>; unchanged: Generated<number>; refused: Generated<number>;
    created_at: number;
  };
  bulk_rows: {
    job_id: string; seq: number; profile_id: number; outcome: Generated<number>; code: string | null; message: string | null; before: string | null;
    event_id: number | null; undone: number | null;
  };
}
