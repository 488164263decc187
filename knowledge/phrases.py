"""Every sentence that the assistant says itself, by name.

One field a sentence, so that the type checker finds a slip in the code and ``check`` finds a
sentence that a language lacks. ``{...}`` marks what is put in; it must be the same in all
languages.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Phrases(BaseModel):
    """The sentences in one language (``phrases.toml``)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    # answers
    section_number: Phrase
    law_number: Phrase
    law_note: Phrase
    offer_request: Phrase
    offer_question: Phrase
    not_understood: Phrase
    other_language: Phrase
    clarify: Phrase
    none_of_these: Phrase
    rephrase: Phrase
    choice_request: Phrase
    choice_human: Phrase
    choice_status: Phrase
    choice_breach: Phrase

    # a request, from the wish to the ticket
    request_begin: Phrase
    human_begin: Phrase
    ask_email: Phrase
    contact_unclear: Phrase
    contact_alone: Phrase
    contact_needed: Phrase
    removed: Phrase
    remove_which: Phrase
    remove_one: Phrase
    filed_before: Phrase
    abandoned: Phrase
    abandoned_one: Phrase
    confirmed: Phrase
    skip: Phrase
    read_back: Phrase
    read_back_contact: Phrase
    read_back_words: Phrase
    read_back_then: Phrase
    sensitive_masked: Phrase
    next_wish: Phrase
    read_back_ask: Phrase
    resume: Phrase
    declined: Phrase
    cancelled: Phrase
    restarted: Phrase
    nothing_open: Phrase
    all_right: Phrase
    switched: Phrase
    filed: Phrase
    filed_due: Phrase
    filed_stop: Phrase
    filed_link: Phrase
    email: Phrase
    phone: Phrase
    customer_number: Phrase
    postal: Phrase
    yes_file: Phrase
    no_change: Phrase
    cancel: Phrase
    talk_to_person: Phrase
    do_it: Phrase
    pass_on: Phrase

    # who is asking: one-time codes by email
    code_sent: Phrase
    code_failed: Phrase
    code_enough: Phrase
    code_by_team: Phrase
    code_right: Phrase
    code_wrong: Phrase
    follow_code_sent: Phrase
    follow_code_failed: Phrase
    follow_code_wrong: Phrase
    code_skipped: Phrase
    new_code: Phrase
    mail_subject: Phrase
    mail_text: Phrase

    # following up
    status_line: Phrase
    status_line_closed: Phrase
    status_notes: Phrase
    breach_noted: Phrase
    breach_reopened: Phrase
    breach_again: Phrase
    status_none: Phrase
    withdraw_ask: Phrase
    withdraw_stop: Phrase
    withdraw_yes: Phrase
    withdraw_done: Phrase
    withdraw_before: Phrase
    withdraw_closed: Phrase
    stop_lifted: Phrase
    stop_kept: Phrase
    status_received: Phrase
    status_in_progress: Phrase
    status_fulfilled: Phrase
    status_refused: Phrase
    status_withdrawn: Phrase
    status_awaiting_identity: Phrase
    status_awaiting_clarification: Phrase
    status_duplicate: Phrase
    status_not_a_request: Phrase
    flag_unconfirmed: Phrase
    flag_extended: Phrase
    flag_overdue: Phrase
    flag_late: Phrase
    flag_partial: Phrase
    flag_legal_hold: Phrase
    flag_erased: Phrase
    flag_breach: Phrase
    due_today: Phrase
    due_in: Phrase
    due_late: Phrase

    # a due date in words
    due_counted: Phrase
    due_counted_extended: Phrase
    due_weekend: Phrase
    due_holiday: Phrase
    due_extra: Phrase
    due_result: Phrase
    due_aid: Phrase

    # errors
    error_empty: Phrase
    error_too_long: Phrase
    limit_messages: Phrase
    limit_tickets: Phrase
    error_bad_request: Phrase
    error_invalid: Phrase
    error_not_object: Phrase
    error_media_type: Phrase
    error_method: Phrase
    error_not_found: Phrase
    error_not_yours: Phrase
    error_no_stop: Phrase
    error_erased: Phrase
    error_no_code: Phrase
    error_token_missing: Phrase
    error_token_wrong: Phrase
    error_conflict: Phrase
    error_store: Phrase
    error_internal: Phrase

    # the web pages
    page_title: Phrase
    page_intro: Phrase
    page_kept: Phrase
    page_log: Phrase
    page_input: Phrase
    page_input_hint: Phrase
    page_send: Phrase
    page_you: Phrase
    page_assistant: Phrase
    page_typing: Phrase
    page_failed: Phrase
    page_retry: Phrase
    page_forget: Phrase
    page_forgotten: Phrase
    page_language: Phrase
    page_policy: Phrase
    page_chat: Phrase
    page_source: Phrase
    page_related: Phrase
    page_suggestions: Phrase
    page_suggestion_1: Phrase
    page_suggestion_2: Phrase
    page_suggestion_3: Phrase
    page_suggestion_4: Phrase
    page_skip: Phrase
    page_skip_field: Phrase
    page_contents: Phrase
    page_version: Phrase
    page_translation: Phrase
    page_law_intro: Phrase
    page_request: Phrase
    page_reference: Phrase
    page_status: Phrase
    page_received: Phrase
    page_due: Phrase
    page_closed: Phrase
    page_stop_by: Phrase
    page_left: Phrase
    page_remarks: Phrase
    page_withdraw: Phrase
    page_breach: Phrase
    page_breach_hint: Phrase
    page_code: Phrase
    page_code_hint: Phrase
    page_code_confirm: Phrase
    page_no_script: Phrase

    # the dossier of a request, for the authority
    dossier_title: Phrase
    dossier_made: Phrase
    dossier_request: Phrase
    dossier_right: Phrase
    dossier_words: Phrase
    dossier_channel: Phrase
    dossier_identity: Phrase
    dossier_verified: Phrase
    dossier_unverified: Phrase
    dossier_representative: Phrase
    dossier_dates: Phrase
    dossier_initial: Phrase
    dossier_target: Phrase
    dossier_extension: Phrase
    dossier_tasks: Phrase
    dossier_task_done: Phrase
    dossier_task_open: Phrase
    dossier_outcome: Phrase
    dossier_none: Phrase
    dossier_earlier: Phrase
    dossier_informed: Phrase
    dossier_ground: Phrase
    dossier_explanation: Phrase
    dossier_erased: Phrase
    dossier_events: Phrase
    dossier_entry: Phrase
    dossier_when: Phrase
    dossier_who: Phrase
    dossier_what: Phrase
    dossier_codes: Phrase
    dossier_remedies: Phrase
    dossier_court: Phrase
    actor_requester: Phrase
    actor_assistant: Phrase
    check_email_code: Phrase
    check_called_back: Phrase
    check_logged_in: Phrase
    check_document_seen: Phrase
    check_known_details: Phrase
    extension_complex: Phrase
    extension_many_requests: Phrase
    ground_manifestly_unfounded: Phrase
    ground_excessive: Phrase
    ground_not_identifiable: Phrase
    ground_rights_of_others: Phrase
    ground_exception_17_3: Phrase
    ground_compelling_grounds_21_1: Phrase
    ground_restriction_art23: Phrase
    ground_wrong_controller: Phrase
    event_filed: Phrase
    event_confirmed: Phrase
    event_taken: Phrase
    event_identity_asked: Phrase
    event_identity_checked: Phrase
    event_code_sent: Phrase
    event_code_failed: Phrase
    event_clarification_asked: Phrase
    event_resumed: Phrase
    event_extended: Phrase
    event_extension_removed: Phrase
    event_fulfilled: Phrase
    event_refused: Phrase
    event_withdrawn: Phrase
    event_duplicate: Phrase
    event_duplicate_proposed: Phrase
    event_not_a_request: Phrase
    event_reopened: Phrase
    event_breach_signalled: Phrase
    event_receipt_corrected: Phrase
    event_recomputed: Phrase
    event_held: Phrase
    event_released: Phrase
    event_task_added: Phrase
    event_task_done: Phrase
    event_source_edited: Phrase
    event_source_deleted: Phrase
    event_suppressed: Phrase
    event_unsuppressed: Phrase
    event_erased: Phrase
    event_exported: Phrase

    # the chat on other websites
    widget_open: Phrase
    widget_close: Phrase
    channel_web: Phrase
    channel_letter: Phrase
    channel_email: Phrase
    channel_phone: Phrase
    channel_in_person: Phrase
    channel_other: Phrase
    channel_cli: Phrase
    kind_email: Phrase
    kind_phone: Phrase
    kind_customer_number: Phrase
    kind_postal: Phrase
    detail: Phrase
    detail_request: Phrase
    detail_channel: Phrase
    detail_language: Phrase
    detail_received_on: Phrase
    detail_received_before: Phrase
    detail_due_on: Phrase
    detail_confirmed: Phrase
    detail_of: Phrase
    detail_before: Phrase
    detail_asked: Phrase
    detail_how: Phrase
    detail_identifier: Phrase
    detail_kind: Phrase
    detail_task: Phrase
    detail_reason: Phrase
    detail_calendar: Phrase
    detail_calendar_before: Phrase
    detail_kept_before: Phrase
    detail_kept_until: Phrase
    detail_informed_on: Phrase
    detail_ground: Phrase
    detail_article: Phrase
    detail_partial: Phrase
    detail_identifiers: Phrase
    detail_since: Phrase
    detail_kept: Phrase
    detail_format: Phrase
    detail_personal: Phrase
    detail_yes: Phrase
    detail_no: Phrase
    channel_slack: Phrase

    # Slack
    slack_private: Phrase
    slack_shortened: Phrase
    slack_helpful: Phrase
    slack_unhelpful: Phrase
    slack_thanks: Phrase
    slack_sorry: Phrase
